"""What works on this machine and in this repository, and how to mend the rest. No key is ever shown."""

from __future__ import annotations

import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from reviewer import __version__
from reviewer.domain.distribution import install_extra
from reviewer.errors import ReviewerError

_GIT = (2, 31)
"""The first git with all that is used."""
_EXTRAS = {
    "service": ("dbos", "fastapi", "sqlalchemy"),
    "meaning": ("onnxruntime",),
    "mcp": ("mcp",),
    "lsp": ("pygls",),
}
_ADDRESSES = {
    "anthropic": ("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "https://api.anthropic.com"),
    "openai": ("OPENAI_API_KEY", "OPENAI_BASE_URL", "https://api.openai.com/v1"),
}
_PATIENCE = 5.0


class State(StrEnum):
    """How a part is."""

    GOOD = "ok"
    ABSENT = "--"
    """Not there, and not needed unless it is wanted."""
    BROKEN = "!!"


@dataclass(frozen=True, slots=True)
class Finding:
    """One part.

    Attributes:
        part: its name.
        state: how it is.
        text: what was seen.
        advice: what to do; empty where there is nothing to do.
    """

    part: str
    state: State
    text: str
    advice: str = ""


def examine(repo: Path, rules: frozenset[str], *, online: bool) -> Iterator[Finding]:
    """Look at everything, one part after the other.

    Args:
        repo: a directory in the repository.
        rules: all rule ids.
        online: also whether the models' providers can be reached.
    """
    python = ".".join(map(str, sys.version_info[:3]))
    yield Finding("reviewer", State.GOOD, f"{__version__}, Python {python}, {platform.system()}")
    yield _git()
    for part, look in (
        ("repository", _repository),
        ("python", _python),
        ("settings", lambda place: _settings(place, rules)),
        ("hook", _hook),
        ("catalog", _catalog),
    ):
        yield _guarded(part, look, repo)
    yield _memory()
    for provider in _ADDRESSES:
        yield _key(provider)
        if online:
            yield _reachable(provider)
    for extra, modules in _EXTRAS.items():
        lacking = [name for name in modules if importlib.util.find_spec(name) is None]
        state, text = (State.ABSENT, f"lacks {', '.join(lacking)}") if lacking else (State.GOOD, "installed")
        yield Finding(f"extra {extra}", state, text, install_extra(extra) if lacking else "")


def _guarded(part: str, look: Callable[[Path], Finding], repo: Path) -> Finding:
    try:
        return look(repo)
    except ReviewerError as error:
        text, _, advice = str(error).rpartition("; ")
        return Finding(part, State.BROKEN, text or advice, advice if text else "")


def _git() -> Finding:
    program = shutil.which("git")
    if program is None:
        return Finding("git", State.BROKEN, "not found", "install git and put it on the PATH")
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, check=False, timeout=_PATIENCE)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding("git", State.BROKEN, f"{program} does not run ({type(error).__name__})", "try 'git --version'")
    found = re.search(r"(\d+)\.(\d+)\S*", done.stdout)
    if found is None or (int(found[1]), int(found[2])) < _GIT:
        wanted = ".".join(map(str, _GIT))
        return Finding("git", State.BROKEN, done.stdout.strip()[:60], f"install git {wanted} or later")
    return Finding("git", State.GOOD, found[0])


def _repository(repo: Path) -> Finding:
    from reviewer.wiring import open_repository

    with open_repository(repo) as repository:
        return Finding("repository", State.GOOD, repository.name)


def _python(repo: Path) -> Finding:
    """Whether this Python reads all of the project: it knows no syntax that came after it."""
    from reviewer.wiring import SETTINGS_FILE, open_repository

    with open_repository(repo) as repository:
        data = repository.read([SETTINGS_FILE], None).get(SETTINGS_FILE, b"")
    try:
        project = tomllib.loads(data.decode("utf-8", "replace")).get("project")
    except tomllib.TOMLDecodeError:
        project = None  # told of the settings
    wanted = str(project.get("requires-python", "")) if isinstance(project, dict) else ""
    least = re.search(r"(?:>=|~=|==)\s*3\.(\d{1,3})", wanted)
    running = f"{sys.version_info.major}.{sys.version_info.minor}"
    if least is None:
        return Finding("python", State.GOOD, f"{running}; the project does not say what it wants")
    if int(least[1]) > sys.version_info.minor:
        told = f"the project is for 3.{least[1]} or later, and the reviewer runs on {running}"
        return Finding("python", State.BROKEN, told, "install the reviewer with the Python version of the project")
    return Finding("python", State.GOOD, f"{running}; the project wants {wanted[:40]}")


def _settings(repo: Path, rules: frozenset[str]) -> Finding:
    from reviewer.wiring import open_repository, settings_at

    with open_repository(repo) as repository:
        settings = settings_at(repository, None, rules)
    if settings.source is None:
        return Finding("settings", State.GOOD, "the defaults; there is no pyproject.toml")
    model = f", model {settings.model.name}" if settings.model.name else ""
    return Finding("settings", State.GOOD, f"{settings.source}: fail-on {settings.fail_on}{model}")


def _hook(repo: Path) -> Finding:
    from reviewer.surfaces.hook.installation import find_place
    from reviewer.surfaces.hook.shim import interpreter_of

    place = find_place(repo)
    if not place.is_installed:
        return Finding("hook", State.ABSENT, f"no pre-push hook of ours in {place.folder}", "reviewer hook install")
    if place.husky is not None or place.lefthook is not None:
        return Finding("hook", State.GOOD, f"called from {place.husky or place.lefthook}")
    if not os.access(place.hook, os.X_OK):
        return Finding("hook", State.BROKEN, f"{place.hook} may not be executed", f"chmod +x {place.hook}")
    python = interpreter_of(place.hook.read_text(encoding="utf-8", errors="surrogateescape"))
    if python is not None and shutil.which(python) is None:
        return Finding("hook", State.BROKEN, f"it calls {python}, which is gone", "reviewer hook install")
    return Finding("hook", State.GOOD, str(place.hook))


def _catalog(repo: Path) -> Finding:
    from reviewer.catalog_wiring import open_catalog, places

    counts = []
    for place in places(None, repo):
        with closing(open_catalog(place)) as store:
            found = store.load()
        whose = "of the team" if place.own else "that ship with the reviewer"
        counts.append(f"{len(found.patterns)} patterns {whose}")
    return Finding("catalog", State.GOOD, ", ".join(counts))


def _memory() -> Finding:
    from platformdirs import user_cache_path, user_data_path

    given = os.environ.get("REVIEWER_CACHE", "")
    if given == "off":
        return Finding("memory", State.ABSENT, "switched off (REVIEWER_CACHE=off)", "unset REVIEWER_CACHE")
    cache = Path(given) if given else user_cache_path("reviewer", appauthor=False)
    for what, folder, advice in (
        ("memory", cache, "name another folder in REVIEWER_CACHE"),
        ("data", user_data_path("reviewer", appauthor=False), "mend it, or name another data directory of yours"),
    ):
        there = next(place for place in (folder, *folder.parents) if place.exists())
        if not there.is_dir():
            return Finding(what, State.BROKEN, f"{folder} cannot be written: {there} is no directory", advice)
        if not os.access(there, os.W_OK):
            return Finding(what, State.BROKEN, f"{folder} cannot be written", advice)
    size = sum(file.stat().st_size for file in cache.glob("memory-*.sqlite")) if cache.is_dir() else 0
    return Finding("memory", State.GOOD, f"{cache}, {size / 1e6:.1f} MB")


def _key(provider: str) -> Finding:
    name = _ADDRESSES[provider][0]
    if os.environ.get(name):
        return Finding(f"key {provider}", State.GOOD, f"{name} is set")
    return Finding(f"key {provider}", State.ABSENT, f"{name} is not set", "set it to ask a model; none is needed")


def _reachable(provider: str) -> Finding:
    """Whether the provider answers at all; nothing is asked of it, and no key is sent."""
    from urllib.error import HTTPError, URLError
    from urllib.request import Request, urlopen

    _, variable, usual = _ADDRESSES[provider]
    address = os.environ.get(variable) or usual
    part, host = f"reach {provider}", urlsplit(address).hostname or "?"
    if urlsplit(address).scheme not in ("http", "https"):
        return Finding(part, State.BROKEN, f"{variable} is no http address", f"correct {variable}")
    try:
        with urlopen(Request(address, method="HEAD"), timeout=_PATIENCE):  # noqa: S310 - of http, as looked at above
            pass
    except HTTPError as error:
        error.close()  # an answer all the same
    except (URLError, OSError, ValueError) as error:
        reason = getattr(error, "reason", None) or type(error).__name__
        return Finding(part, State.BROKEN, f"{host}: {str(reason)[:80]}", f"check network and proxy, or {variable}")
    return Finding(part, State.GOOD, f"{host} answers")
