"""Validation: what simulated cases, a second engine and published results say of the model."""
