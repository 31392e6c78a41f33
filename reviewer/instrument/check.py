"""The checks that a patch has to pass, by their names, and what is raised where it does not."""

from __future__ import annotations

CHECKS = ("parses", "reverts", "names", "no-secrets", "bounded", "not-hot", "no-cycle", "applies", "settled")
"""All checks, in the order in which they are made."""


class CheckError(Exception):
    """A check was not passed; the text says why."""
