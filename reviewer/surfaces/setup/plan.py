"""What setting a repository up would write: pure texts, so that they can be shown before anything is written."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass
from difflib import unified_diff
from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import Literal

from reviewer.errors import UsageError

Ci = Literal["github", "gitlab", "none"]
SETTINGS = "pyproject.toml"
AGENTS = "AGENTS.md"
CI_FILES = {"github": ".github/workflows/reviewer.yml", "gitlab": ".gitlab/reviewer.yml"}
_PACKAGE = "PACKAGE"
"""Stands in the CI files for what pip installs."""
_TABLE = """[tool.reviewer]
fail-on = "high"      # a new finding of this severity blocks: high, medium, low, never
exclude = []          # path patterns as in .gitignore

[tool.reviewer.hook]
seconds = 5           # what a push waits for at most
"""


@dataclass(frozen=True, slots=True)
class Step:
    """A file that is to hold something else.

    Attributes:
        path: of the file, from the root.
        before: its text; None where it is not there.
        after: what it is to hold.
        why: what it is for.
    """

    path: str
    before: str | None
    after: str
    why: str

    @property
    def is_done(self) -> bool:
        """Whether there is nothing to do."""
        return self.before == self.after

    @property
    def replaces(self) -> bool:
        """Whether something that a person may have written would be gone."""
        return self.before is not None and not self.is_done and not self.after.startswith(self.before.rstrip("\n"))

    def difference(self) -> str:
        """What would change, as a unified diff."""
        old, new = (list(StringIO(text)) for text in (self.before or "", self.after))
        source = "/dev/null" if self.before is None else f"a/{self.path}"
        lines = unified_diff(old, new, source, f"b/{self.path}")
        return "".join(line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines)


def plan(root: Path, catalog: str | None, ci: Ci, package: str) -> list[Step]:
    """The files of a repository that are to be written, those that are as they should be too.

    Args:
        root: of the work tree.
        catalog: a catalog that a person named; None for the usual place.
        ci: whose file to write.
        package: what pip installs there (`domain.distribution.requirement`).

    Raises:
        UsageError: a file cannot be read, or does not lie in the repository.
        CatalogError: the catalog cannot be read, or AGENTS.md has broken markers.
    """
    steps = [_settings(root)]
    if ci != "none":
        text = files(__package__).joinpath(f"{ci}.yml").read_text(encoding="utf-8").replace(_PACKAGE, package)
        path = CI_FILES[ci]
        steps.append(Step(path, _present(root, path), text, "reviews every change in CI"))
    return [*steps, _agents(root, catalog)]


def guess_ci(root: Path, remotes: Sequence[str]) -> Ci:
    """Whose CI a repository uses, by its files, else by its remotes."""
    if (root / ".gitlab-ci.yml").exists():
        return "gitlab"
    if (root / ".github").is_dir() or any("github." in remote for remote in remotes):
        return "github"
    return "gitlab" if any("gitlab" in remote for remote in remotes) else "none"


def _settings(root: Path) -> Step:
    before = _present(root, SETTINGS)
    try:
        if "reviewer" in _tools(before or ""):
            return Step(SETTINGS, before, before or "", "settings")
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{SETTINGS}: no valid TOML: {error}; correct it there") from error
    gap = "" if not before else "\n" if before.endswith("\n") else "\n\n"
    after = f"{before or ''}{gap}{_TABLE}"
    with suppress(tomllib.TOMLDecodeError):
        if "reviewer" in _tools(after):
            return Step(SETTINGS, before, after, "settings")
    raise UsageError(f"{SETTINGS}: its 'tool' takes no table behind it; write it as tables, [tool.NAME]")


def _tools(text: str) -> Mapping[str, object]:
    """The table `tool`. The mark that some editors put first is no TOML; a review reads over it as well."""
    tool = tomllib.loads(text.removeprefix("\ufeff")).get("tool", {})
    return tool if isinstance(tool, dict) else {}


def _agents(root: Path, catalog: str | None) -> Step:
    from reviewer.catalog.instructions import block, instructions, place
    from reviewer.catalog_wiring import open_catalog, places

    own, *_ = places(catalog, root)
    with closing(open_catalog(own)) as store:
        text = block(instructions(store.load(), store.outcomes()))
    before = _present(root, AGENTS)
    return Step(AGENTS, before, place(before or "", text, AGENTS), "tells assistants what has failed here before")


def _present(root: Path, name: str) -> str | None:
    """Text of a file; None where it is not there.

    Raises:
        UsageError: it cannot be read, or a link leads out of the repository: whoever wrote that chose what is changed.
    """
    file = root / name
    if not file.resolve().is_relative_to(root.resolve()):
        raise UsageError(f"{name} leads out of the repository, to {file.resolve()}; take the link away first")
    try:
        return file.read_bytes().decode("utf-8")
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read as UTF-8 text; mend it first") from error
