"""What a repository is called, without the secrets and the machine paths that its configuration may hold."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from reviewer.diff.path import decode
from reviewer.diff.place import Place
from reviewer.diff.program import GitProgram

_REMOTE = re.compile(r"remote\.(.*)\.url", re.DOTALL | re.IGNORECASE)
_SCHEMES = frozenset({"http", "https", "ssh", "git", "ftp", "ftps", "git+ssh", "ssh+git"})
_SCP = re.compile(r"(?:[^@/:]+@)?(?P<host>\[[0-9a-fA-F:.]+\]|[^@/:\\]{2,}):(?!:)(?P<path>[^\\]+)")
"""`user@host:path`; a host has at least two letters, since one letter and a colon is a drive."""
_MOST_CHARACTERS = 300


def name_of_repository(program: GitProgram) -> str:
    """The URL of the remote "origin", else of the first remote, without credentials; else the directory's name."""
    outcome = program.try_run("config", "-z", "--get-regexp", r"^remote\..*\.url$")
    urls: dict[str, str] = {}
    for entry in decode(outcome.output).split("\0") if outcome.status == 0 else ():
        key, _, url = entry.partition("\n")
        match = _REMOTE.fullmatch(key)
        if match is not None:
            urls.setdefault(match[1], url)
    for _, url in sorted(urls.items(), key=lambda item: (item[0] != "origin", item[0])):
        name = name_of_url(url)
        if name:
            return name
    return name_of_place(program.place)


def name_of_url(url: str) -> str:
    """A remote's URL as it may be shown to anybody: no user, no password, no query, and of a path its last part.

    Args:
        url: as git's configuration has it: a URL, `user@host:path`, or a path of this machine (hostile).

    Returns:
        "" for what is no address at all: a transport that names a program, control characters.
    """
    url = url.strip()
    if not url or len(url) > _MOST_CHARACTERS or not url.isprintable() or " " in url:
        return ""
    scheme, separator, _ = url.partition("://")
    if separator:
        if scheme.lower() == "file":
            return _last_part(url.partition("://")[2])
        return _without_credentials(url) if scheme.lower() in _SCHEMES else ""
    if re.match(r"\w+::", url):
        return ""
    match = _SCP.fullmatch(url)
    return f"{match['host']}:{match['path']}" if match is not None else _last_part(url)


def name_of_place(place: Place) -> str:
    """The name of the directory that a repository stands in; "repository" where it has none."""
    root = place.work_tree or place.git_dir
    own = root.parent if root.name == ".git" else root
    return _last_part(own.name) or "repository"


def _without_credentials(url: str) -> str:
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if not host:
        return ""
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}{f':{port}' if port is not None else ''}{parts.path}"


def _last_part(path: str) -> str:
    parts = [part for part in re.split(r"[/\\]", path) if part not in ("", ".", "..", ".git")]
    name = parts[-1].removesuffix(".git") if parts else ""
    return name if name.isprintable() else ""
