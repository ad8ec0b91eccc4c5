"""Interrupts: the first one ends what is at work, and nothing takes it for something else."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

SIGNALS = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
    if hasattr(signal, name)
)
"""What asks a program to end."""
_APART = 2.0
"""Seconds within which further signals say the same as the first."""
_AGAIN = 0.01
"""Seconds after which an interrupt that was lost comes again."""


class Interrupted(BaseException):
    """A signal has asked for the end.

    It is no KeyboardInterrupt: samplers take that for the wish of a shorter run, and return one.

    Parameters
    ----------
    number : int
        The signal.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number

    @property
    def status(self) -> int:
        """Exit status of a program that it ends."""
        return 128 + self.number


class _Handler:
    """Raises, and lets what is said again while the program ends pass.

    Parameters
    ----------
    number : int
        The signal that has come; 0 while there was none.
    """

    def __init__(self) -> None:
        self.process, self.until, self.number = os.getpid(), 0.0, 0

    def __call__(self, number: int, _: FrameType | None) -> None:
        if os.getpid() != self.process:  # a forked worker, whose parent says it
            os._exit(128 + number)
        if number not in SIGNALS:  # what was lost comes again
            raise Interrupted(self.number)
        if time.monotonic() >= self.until:
            self.until, self.number = time.monotonic() + _APART, number
            raise Interrupted(number)

    def lost(self, unraisable: Any) -> None:
        """Have an interrupt come again that struck where nothing can be raised, as a finalizer."""
        if not issubclass(unraisable.exc_type, Interrupted):
            sys.__unraisablehook__(unraisable)
        elif hasattr(signal, "setitimer") and signal.getsignal(signal.SIGALRM) is self:
            signal.setitimer(signal.ITIMER_REAL, _AGAIN)


_handler = _Handler()


def obey() -> None:
    """Let the signals that ask this program to end raise `Interrupted`.

    One that whoever started it has ignored (``nohup``, a job in the background) stays ignored.
    """
    global _handler  # noqa: PLW0603
    _handler = _Handler()
    if hasattr(signal, "SIGALRM"):
        signal.signal(signal.SIGALRM, _handler)
    sys.unraisablehook = _handler.lost
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _handler)


def raise_lost() -> None:
    """Raise the interrupt that came, if one came: an error after it is of its making.

    Compilers that lose it inside a callback fail with an error of their own.
    """
    if _handler.number:
        raise Interrupted(_handler.number)


def ignore() -> None:
    """Let nothing disturb the end of this program."""
    for number in (*SIGNALS, getattr(signal, "SIGALRM", signal.SIGINT)):
        signal.signal(number, signal.SIG_IGN)


@contextmanager
def unshortened() -> Iterator[None]:
    """Let Ctrl-C end a sampler that would return what it has by then.

    Where something else than Python's own handler is told of it, that is left to decide.

    Raises
    ------
    KeyboardInterrupt
    """
    if (
        threading.current_thread() is not threading.main_thread()
        or signal.getsignal(signal.SIGINT) is not signal.default_int_handler
    ):
        yield
        return
    handler, hook = _Handler(), sys.unraisablehook
    signal.signal(signal.SIGINT, handler)
    sys.unraisablehook = handler.lost
    try:
        yield
    except BaseException:
        if not handler.number:
            raise
    finally:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        sys.unraisablehook = hook
    if handler.number:
        raise KeyboardInterrupt
