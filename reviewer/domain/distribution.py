"""How this reviewer is installed once more: an extra beside it, or all of it on another machine.

The name alone is not enough: the public package index has another project under it. So every command that is told or
written names where this one came from, or its version, which pip refuses to replace by something else.
"""

from __future__ import annotations

import json
import shlex
import sys
from urllib.parse import urlsplit, urlunsplit

from reviewer import __version__

NAME = "reviewer"


def install_extra(extra: str) -> str:
    """The command that installs an extra into the environment that runs this process."""
    return f"{shlex.quote(sys.executable)} -m pip install '{NAME}[{extra}]=={__version__}'"


def recorded_origin() -> str | None:
    """What pip wrote down of where this reviewer came from (PEP 610); None where it came from an index."""
    from importlib.metadata import PackageNotFoundError, distribution  # noqa: PLC0415 (start-up)

    try:
        return distribution(NAME).read_text("direct_url.json")
    except PackageNotFoundError:
        return None


def requirement(origin: str | None) -> str:
    """What another machine gives to pip, to have this very reviewer (PEP 508).

    Args:
        origin: a `direct_url.json`; what it says counts where others can reach it: a repository or archive by URL.

    Source: https://packaging.python.org/en/latest/specifications/direct-url/
    """
    pinned = f"{NAME}=={__version__}"
    try:
        told = json.loads(origin or "{}")
        address, commit = told.get("url", ""), (told.get("vcs_info") or {}).get("commit_id", "")
        parts = urlsplit(address)
    except (ValueError, AttributeError, TypeError):
        return pinned
    if parts.scheme != "https" or not parts.hostname or not address.isascii() or set(address) & set(" '\"\\$`"):
        return pinned
    clean = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))  # no name and no password
    if commit:
        return f"{NAME} @ git+{clean}@{commit}" if str(commit).isalnum() else pinned
    return f"{NAME} @ {clean}" if "archive_info" in told else pinned


def is_reachable(text: str) -> bool:
    """Whether a requirement names a place, and not only a version that the index of another machine may not have."""
    return " @ " in text
