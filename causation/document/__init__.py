"""Documents: from bytes to immutable parts, with errors that name file, line and path.

Nothing here knows what a case is.
"""
