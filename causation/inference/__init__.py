"""Evaluation of a model: the integrator, PyMC, and what they return."""
