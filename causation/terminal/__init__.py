"""The command line, what it prints, and progress bars."""
