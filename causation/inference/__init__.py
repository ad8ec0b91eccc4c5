"""Inference: from a model to a posterior, by either engine."""

from causation.inference.infer import infer
from causation.inference.posterior import Posterior

__all__ = ["Posterior", "infer"]
