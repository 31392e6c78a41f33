"""How well the reviewer knows what leaves a function, against labels made by hand, beside bubble-analysis.

usage: python -m benchmarks.escapes --mirror DIR --python INTERPRETER [--bubble PROGRAM] [--list]

DIR holds bare clones as OWNER+NAME/repo; INTERPRETER belongs to an environment in which the projects are installed: it
is asked what exception classes inherit from. PROGRAM is the `bubble` of an environment of its own; it is given the
source of each project at the commit, without its tests, and asked for one function after the other.

Compared are pairs of a function and an exception. A reported exception is right when it is labelled; where it is not
labelled itself, when a label is a base or a subclass of it (`Exception` and `BaseException` match only themselves).
It is wrong when it is named under `not_leaving`, matches nothing, or is no exception class. What is `tolerated` counts
neither way. Built-in subclasses of OSError are one OSError, as in the labels, unless one is named itself.
Precision is the share of the reported that are right, recall the share of the labels that were met.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath

from benchmarks.escape_proofs.checkout import clone, environment, unpack
from reviewer.code.limits import Limits
from reviewer.diff.sources import RevisionSources
from reviewer.flow.escape import escapes
from reviewer.flow.group import kind_of
from reviewer.work.job import Job
from reviewer.work.worker import Worker

LABELS = Path(__file__).with_name("escapes.json")
CATCH_ALL = frozenset(("Exception", "BaseException"))
Names = frozenset[str]


@dataclass(frozen=True)
class Function:
    """A labelled function.

    Attributes:
        repository: "owner/name".
        path: file in the repository.
        name: qualified name in the file.
        leaves: exceptions that leave it.
        not_leaving: exceptions that end inside.
        tolerated: exceptions that count neither way.
    """

    repository: str
    path: str
    name: str
    leaves: Names
    not_leaving: Names
    tolerated: Names


@dataclass(frozen=True)
class Outcome:
    """What a tool said of a function.

    Attributes:
        right: reported exceptions that are right.
        wrong: reported exceptions that are not.
        met: labels that a right one met.
        missed: the other labels.
    """

    right: Names
    wrong: Names
    met: Names
    missed: Names


@dataclass(frozen=True)
class Project:
    """A project at its commit.

    Attributes:
        mirror: where the bare clones lie.
        repository: "owner/name".
        commit: the commit.
        source: folder of the repository that is the root of its modules.
    """

    mirror: Path
    repository: str
    commit: str
    source: str

    def module(self, path: str) -> str:
        """Dotted name of a file."""
        parts = PurePosixPath(path).relative_to(self.source).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def main() -> int:
    """Score the tools and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mirror", type=Path, required=True)
    parser.add_argument("--python", type=Path, required=True)
    parser.add_argument("--bubble", type=Path)
    parser.add_argument("--list", action="store_true", help="name what the reviewer gets wrong")
    options = parser.parse_args()
    labels = json.loads(LABELS.read_text())
    tools = ["reviewer", *(("bubble", "bubble --strict") if options.bubble else ())]
    outcomes: dict[str, dict[Function, Outcome]] = {tool: {} for tool in tools}
    for repository, where in labels["repositories"].items():
        project = Project(options.mirror, repository, where["commit"], where["source"])
        functions = [function(entry) for entry in labels["functions"] if entry["repository"] == repository]
        with tempfile.TemporaryDirectory() as root:
            unpack(options.mirror, repository, project.commit, Path(root), *packages(project, functions))
            classes = Classes(options.python, Path(root) / project.source)
            for tool in tools:
                said = reported if tool == "reviewer" else Bubble(options.bubble, Path(root), tool)
                found = {one: said(project, one.path, one.name) for one in functions}
                classes.learn([*(name for names in found.values() for name in names), *_labelled(functions)])
                outcomes[tool] |= {one: judge(one, found[one], classes) for one in functions}
    print(table(list(labels["repositories"]), outcomes))
    if options.list:
        print(mistakes(outcomes["reviewer"]))
    return 0


def function(entry: Mapping[str, object]) -> Function:
    """Read a labelled function."""

    def names(kind: str) -> Names:
        labels = entry[kind]
        assert isinstance(labels, list)
        return frozenset(label["exception"] for label in labels)

    return Function(
        str(entry["repository"]),
        str(entry["path"]),
        str(entry["function"]),
        names("leaves"),
        names("not_leaving"),
        names("tolerated"),
    )


def packages(project: Project, functions: Iterable[Function]) -> list[str]:
    """The folders that hold the project's own code."""
    depth = len(PurePosixPath(project.source).parts) + 1
    return sorted({str(PurePosixPath(*PurePosixPath(one.path).parts[:depth])) for one in functions})


def reported(project: Project, path: str, name: str) -> Names:
    """The exceptions that the reviewer lets leave a function, by full names; "name@module" for one of its file."""
    sources = partial(RevisionSources, str(clone(project.mirror, project.repository)), project.commit, 1 << 20)
    job = Job((), Limits(seconds=20), sources)
    command = ["git", "-C", str(clone(project.mirror, project.repository)), "show", f"{project.commit}:{path}"]
    content = subprocess.run(command, capture_output=True, check=True).stdout
    with Worker(job) as worker:
        read = worker.read(path, content, None)
        found = {
            kind_of(escape.exception)
            for unit in read.code.units
            if unit.name == name
            for escape in escapes(unit, read.flow)
        }
    module = project.module(path)
    return frozenset(f"{one[1:]}@{module}" if one.startswith(".") else one for one in found)


class Bubble:
    """What bubble-analysis reports.

    Args:
        program: its command.
        root: the unpacked project.
        tool: its name in the table, with the option that it is given.
    """

    def __init__(self, program: Path, root: Path, tool: str) -> None:
        self._command = [str(program), "escapes", "-f", "json", *tool.split()[1:]]
        self._root = root

    def __call__(self, project: Project, path: str, name: str) -> Names:
        """The exceptions that leave a function, as written where they are raised ("name@module")."""
        del path  # it is asked by the qualified name alone
        directory = self._root / project.source
        command = [*self._command, "-d", str(directory), name]
        answer = subprocess.run(command, capture_output=True, text=True, check=True, cwd=directory).stdout
        return frozenset(
            f"{exception}@{project.module(str(PurePosixPath(project.source, site['file'])))}"
            for exception, sites in json.loads(answer)["uncaught"].items()
            if exception != "Unknown"  # a bare `raise`: it says that something leaves, not what
            for site in sites[:1]
        )


class Classes:
    """What exception classes inherit from.

    Args:
        python: interpreter of the environment in which they are installed.
        source: root of the modules of the project.
    """

    def __init__(self, python: Path, source: Path) -> None:
        self._python = python.absolute()
        self._source = source
        self._ancestors: dict[str, tuple[str, ...]] = {}

    def learn(self, names: Iterable[str]) -> None:
        """Ask for all names that are not known yet."""
        asked = sorted(set(names) - self._ancestors.keys())
        questions = [[name.partition("@")[0], name.partition("@")[2]] for name in asked]
        done = subprocess.run(
            [self._python, "-W", "ignore", "-m", "benchmarks.escape_proofs.classes"],
            input=json.dumps(questions),
            env=environment(self._source),
            capture_output=True,
            text=True,
            check=True,
        )
        for name, bases in zip(asked, json.loads(done.stdout.splitlines()[-1]), strict=True):
            self._ancestors[name] = tuple(bases or ())

    def ancestors(self, name: str) -> tuple[str, ...]:
        """A class and its bases by canonical names, nearest first; nothing where the name is no exception class."""
        return self._ancestors[name]

    def related(self, one: str, other: str) -> bool:
        """Whether one of two classes inherits from the other; being an Exception relates nothing."""
        mine, others = self.ancestors(one), self.ancestors(other)
        if not mine or not others or CATCH_ALL & {mine[0], others[0]}:
            return mine[:1] == others[:1] != ()
        return mine[0] in others or others[0] in mine


def judge(labelled: Function, names: Names, classes: Classes) -> Outcome:
    """Compare what was reported of a function with its labels."""

    def same(name: str, kind: Names) -> Names:
        return frozenset(label for label in kind if classes.ancestors(label)[:1] == classes.ancestors(name)[:1] != ())

    def related(name: str, kind: Names) -> Names:
        return frozenset(label for label in kind if classes.related(name, label))

    right: dict[str, Names] = {}
    wrong: set[str] = set()
    for name in names:
        ancestors = classes.ancestors(name)
        exactly = same(name, labelled.leaves)
        shown = ancestors[0] if ancestors else name
        if not exactly and same(name, labelled.not_leaving):
            wrong.add(shown)
        elif met := exactly or related(name, labelled.leaves):
            right[_summed(shown, ancestors) if not exactly else shown] = met
        elif not related(name, labelled.tolerated):
            wrong.add(_summed(shown, ancestors))
    met = frozenset(label for labels in right.values() for label in labels)
    return Outcome(frozenset(right), frozenset(wrong), met, labelled.leaves - met)


def _summed(name: str, ancestors: tuple[str, ...]) -> str:
    """OSError for its built-in subclasses."""
    return "OSError" if "." not in name and "OSError" in ancestors else name


def _labelled(functions: Iterable[Function]) -> list[str]:
    return [name for one in functions for name in (*one.leaves, *one.not_leaving, *one.tolerated)]


def table(repositories: list[str], outcomes: Mapping[str, Mapping[Function, Outcome]]) -> str:
    """Precision and recall of each tool, a project a row."""
    lines = [
        "| project | labels | " + " | ".join(f"{tool}: precision | recall" for tool in outcomes) + " |",
        "|---|---:|" + "---:|---:|" * len(outcomes),
    ]
    everything = [(name, _of(name)) for name in repositories] + [("all", lambda _: True)]
    for name, belongs in everything:
        cells: list[str] = []
        labels = 0
        for scored in outcomes.values():
            chosen = [outcome for one, outcome in scored.items() if belongs(one)]
            labels = sum(len(outcome.met) + len(outcome.missed) for outcome in chosen)
            right = sum(len(outcome.right) for outcome in chosen)
            said = right + sum(len(outcome.wrong) for outcome in chosen)
            met = sum(len(outcome.met) for outcome in chosen)
            cells += [f"{right}/{said} = {_share(right, said)}", f"{met}/{labels} = {_share(met, labels)}"]
        lines.append(f"| {name} | {labels} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _of(repository: str) -> Callable[[Function], bool]:
    return lambda one: one.repository == repository


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2f}" if whole else "-"


def mistakes(outcomes: Mapping[Function, Outcome]) -> str:
    """What is wrong and what was missed, a function a line."""
    return "\n".join(
        f"{one.repository} {one.name}: "
        + "; ".join(
            f"{word} {', '.join(sorted(names))}" for word, names in (("wrong", o.wrong), ("missed", o.missed)) if names
        )
        for one, o in outcomes.items()
        if o.wrong or o.missed
    )


if __name__ == "__main__":
    raise SystemExit(main())
