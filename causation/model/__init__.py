"""A case in numbers, and complete cases drawn with a known source."""
