"""How many processors there are to work with."""

from __future__ import annotations

import math
import os
from pathlib import Path

_QUOTA = Path("/sys/fs/cgroup/cpu.max")
"""What a container may use, as Linux tells it ("Control Group v2", cpu.max): microseconds, and of how many."""


def count_processors(quota: Path = _QUOTA) -> int:
    """The processors of the machine, or as many as a container's share of their time comes to.

    Args:
        quota: the file that tells of the share.
    """
    there = os.cpu_count() or 1
    try:
        most, period = quota.read_text(encoding="ascii").split()
        return there if most == "max" else max(1, min(there, math.ceil(int(most) / int(period))))
    except (OSError, ValueError, ZeroDivisionError):  # another system, or another version of it
        return there
