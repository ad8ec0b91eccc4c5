"""Sweeps: the answer over a grid of scenarios."""
