"""The namespace of PyTensor: the functions of `causation.evidence.arrays` on symbolic variables.

A function whose arguments are all numbers answers with numbers, as NumPy does: what does not
depend on latents stays a constant.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytensor.tensor as pt
from pytensor.graph.basic import Variable

from causation.evidence.arrays import NUMPY, TINY, Namespace


def _symbolic(x: Any) -> bool:
    return isinstance(x, Variable) or (isinstance(x, (list, tuple)) and any(map(_symbolic, x)))


def _either(name: str, function: Callable[..., Any]) -> Any:
    """Take the symbolic function where an argument is symbolic, else NumPy's of that name."""
    plain = getattr(NUMPY, name)

    def chosen(*arguments: Any) -> Any:
        return (function if any(map(_symbolic, arguments)) else plain)(*arguments)

    return staticmethod(chosen)


def _stack(parts: Sequence[Any]) -> Any:
    """Side by side on a new last axis; broadcasting is left out where shapes are known equal."""
    tensors = [pt.as_tensor(x) for x in parts]
    if len({x.type.shape for x in tensors}) > 1 or None in tensors[0].type.shape:
        tensors = list(pt.broadcast_arrays(*tensors))
    return pt.stack(tensors, axis=-1 if tensors[0].type.ndim else 0)


class Tensors(Namespace):
    """Functions over PyTensor variables, which have no leading axes."""

    exp = _either("exp", pt.exp)
    log1p = _either("log1p", pt.log1p)
    logistic = _either("logistic", pt.sigmoid)
    log_logistic = _either("log_logistic", lambda x: -pt.softplus(-x))
    logaddexp = _either("logaddexp", pt.logaddexp)
    logsumexp = _either("logsumexp", lambda x: pt.logsumexp(x, axis=-1))
    matmul = _either("matmul", pt.matmul)
    where = _either("where", pt.where)
    log = _either("log", lambda x: pt.log(pt.maximum(x, TINY)))
    sum = _either("sum", lambda x: pt.sum(x, axis=-1))
    stack = _either("stack", _stack)
    constant = staticmethod(pt.as_tensor)


PYTENSOR = Tensors()
