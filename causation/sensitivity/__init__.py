"""Sensitivity: what the conclusion survives."""
