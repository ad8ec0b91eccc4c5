"""Attempts to break the package: hostile files, faults, doors, privacy, determinism, load."""
