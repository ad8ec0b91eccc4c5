"""Peak memory of a process."""

from __future__ import annotations

import ctypes
import gc
from pathlib import Path

__all__ = ["forget_peak", "peak_mib"]


def forget_peak() -> None:
    """Begin anew, so that what programs of this process left behind does not count to the next."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak_mib() -> float:
    """Peak memory of this program, in MiB; ``ru_maxrss`` would count the parent's at the fork."""
    status = Path("/proc/self/status").read_text(encoding="ascii", errors="replace")
    return int(status.split("VmHWM:")[1].split()[0]) / 1024
