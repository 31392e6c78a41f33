"""Putting the hook where git looks for it, and taking it away again so that all is as it was.

Beside what git itself offers (`core.hooksPath`, linked work trees, a hook that is there already) two managers of hooks
write that place anew whenever they like, so that the hook has to stand in what they read:

- Husky sets `core.hooksPath` to `.husky/_` and makes that folder again at each `npm install`; it calls
  `.husky/pre-push`, a script of the team, which gets a marked block (https://typicode.github.io/husky/how-to.html).
- Lefthook writes its hooks again when `lefthook.yml` changes; the person is told the lines for that file
  (https://lefthook.dev/configuration/).
"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from reviewer.errors import RepositoryError, UsageError
from reviewer.surfaces.hook.push import git_path
from reviewer.surfaces.hook.shim import KEPT, NAME, block, has_block, is_shim, shim, with_block, without_block

LEFTHOOK_FILES = (
    *("lefthook.yml", ".lefthook.yml", "lefthook.yaml", ".lefthook.yaml", "lefthook.toml", "lefthook.json"),
    ".config/lefthook.yml",
)
LEFTHOOK = 'pre-push: {commands: {reviewer: {run: "reviewer hook run {1} {2}", use_stdin: true}}}'
"""For lefthook.yml: the hook gets git's arguments and lines."""
_HUSKY = ".husky"
_CALLS = re.compile(r"\breviewer\b.{0,80}\bhook\b.{0,80}\brun\b", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the hook of a repository belongs.

    Attributes:
        folder: where git looks for hooks.
        root: of the work tree; None in a bare repository.
        husky: the script that Husky calls; None without Husky.
        lefthook: the file that Lefthook reads; None without Lefthook.
    """

    folder: Path
    root: Path | None
    husky: Path | None = None
    lefthook: Path | None = None

    @property
    def hook(self) -> Path:
        """What git runs."""
        return self.folder / NAME

    @property
    def kept(self) -> Path:
        """Where the hook is that was there before."""
        return self.folder / KEPT

    @property
    def is_installed(self) -> bool:
        """Whether a push is reviewed, as far as that can be read."""
        if self.lefthook is not None:
            return _CALLS.search(_read(self.lefthook)) is not None
        if self.husky is not None:
            return has_block(_read(self.husky))
        return is_shim(_read(self.hook))


def find_place(repo: Path) -> Place:
    """Where the hook belongs.

    Raises:
        UsageError: git looks for hooks outside the repository, or a link leads there.
        RepositoryError: there is no repository.
    """
    place, common = git_path(repo, "--git-path", "hooks"), git_path(repo, "--git-common-dir")
    if place is None or common is None:
        # Of why git refuses a repository, for example for its owner, the reader of repositories knows more.
        from reviewer.wiring import open_repository

        with open_repository(repo) as repository:
            repository.read([], "HEAD")
        raise RepositoryError(f"{repo} is not in a git repository; name one with --repo")
    folder = Path(place).resolve()
    top = git_path(repo, "--show-toplevel")
    root = Path(top).resolve() if top else None
    if not any(folder.is_relative_to(part) for part in (Path(common).resolve(), root) if part is not None):
        raise UsageError(
            f"core.hooksPath leads out of the repository, to {folder}; call 'reviewer hook run' from a hook there, "
            "or unset it for this repository"
        )
    if root is None:
        return Place(folder, None)
    if not (root / _HUSKY / NAME).resolve().is_relative_to(root):
        raise UsageError(f"{_HUSKY}/{NAME} leads out of the repository; take the link away first")
    husky = root / _HUSKY / NAME if folder in (root / _HUSKY, root / _HUSKY / "_") else None
    found = [root / name for name in LEFTHOOK_FILES if (root / name).is_file()]
    return Place(folder, root, husky, found[0] if found and husky is None else None)


def install(repo: Path, *, strict: bool = False) -> str:
    """Write the hook; one that is there already becomes `pre-push.local` and is called first.

    Args:
        repo: a work tree, or a bare repository.
        strict: the hook stops a push too that could not be reviewed.

    Returns:
        One line for the person.

    Raises:
        UsageError: the hooks lie outside the repository or belong to Lefthook, or both names are taken.
        RepositoryError: there is no repository, or the directory cannot be written.
    """
    place = find_place(repo)
    if place.lefthook is not None:
        if place.is_installed:
            return f"{place.lefthook} calls the reviewer already; 'lefthook install' makes git call lefthook"
        raise UsageError(f"Lefthook writes the hooks here; add to {place.lefthook}: {LEFTHOOK}")
    if place.husky is not None:
        return _install_block(place.husky, strict=strict)
    hook, kept = place.hook, place.kept
    moved = False
    try:
        place.folder.mkdir(parents=True, exist_ok=True)
        if os.path.lexists(hook) and not is_shim(_read(hook)):
            if os.path.lexists(kept):
                raise UsageError(f"{hook} and {kept} both exist; take one away first")
            hook.rename(kept)
            moved = True
        _write(hook, shim(sys.executable, strict=strict))
    except OSError as error:
        if moved and not os.path.lexists(hook):
            kept.rename(hook)
        raise RepositoryError(f"{hook} cannot be written: {error.strerror}; check the directory") from error
    first = f"; the hook that was there is called first ({kept.name})" if os.path.lexists(kept) else ""
    return f"installed {hook}{first}"


def uninstall(repo: Path) -> str:
    """Take the hook away and put back what was there before.

    Raises:
        UsageError: the hook there is not ours.
        RepositoryError: as `install`.
    """
    place = find_place(repo)
    if place.husky is not None and has_block(_read(place.husky)):
        return _uninstall_block(place.husky)
    if place.lefthook is not None and place.is_installed:
        raise UsageError(f"{place.lefthook} calls the reviewer; take it away there yourself")
    hook, kept = place.hook, place.kept
    try:
        if not os.path.lexists(hook):
            return f"nothing to take away: there is no {hook}"
        if not is_shim(_read(hook)):
            raise UsageError(f"{hook} was not written by reviewer; take it away yourself")
        if os.path.lexists(kept):
            kept.replace(hook)
            return f"put back the hook that was there before: {hook}"
        hook.unlink()
    except OSError as error:
        raise RepositoryError(f"{hook} cannot be changed: {error.strerror}; check the directory") from error
    return f"took away {hook}"


def _install_block(script: Path, *, strict: bool) -> str:
    try:
        script.parent.mkdir(parents=True, exist_ok=True)
        _write(script, with_block(_read(script), block(strict=strict)))
    except OSError as error:
        raise RepositoryError(f"{script} cannot be written: {error.strerror}; check the directory") from error
    return f"installed in {script}, which Husky calls; commit it, and all who have 'reviewer' on their PATH use it"


def _uninstall_block(script: Path) -> str:
    rest = without_block(_read(script))
    try:
        if rest:
            _write(script, rest)
        else:
            script.unlink()
    except OSError as error:
        raise RepositoryError(f"{script} cannot be changed: {error.strerror}; check the directory") from error
    return f"took the reviewer's lines out of {script}"


def _write(file: Path, text: str) -> None:
    """The whole file or nothing, with the permissions that it had, and those to run it."""
    from reviewer.surfaces.cli.terminal import written_beside

    target = file.resolve() if file.exists() else file
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o755
    with written_beside(target, text.encode("utf-8", "surrogateescape"), mode | 0o111):
        pass  # nothing there that must not be lost


def _read(file: Path) -> str:
    """Text of a file, its line ends as they are; "" where there is none that can be read."""
    try:
        return file.read_bytes().decode("utf-8", "surrogateescape") if file.is_file() else ""
    except OSError:
        return ""
