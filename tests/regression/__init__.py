"""Results of every shipped case under every prior set, pinned."""
