"""Whether a project's own tests and linters say the same after every proposed log line was written into it.

usage: python -m benchmarks.logging_suites --repo DIR [--test COMMAND] [--lint COMMAND]... [--list]

DIR is a clone of the project with nothing uncommitted, as its environment has it installed (`pip install -e DIR`).
COMMAND is run in DIR by a shell. That of the tests holds `{report}`, the file to which pytest writes its report:

    python -m benchmarks.logging_suites --repo luigi --lint '../env/bin/ruff check --output-format concise .' \\
        --test '../env/bin/python -m pytest -q test --junitxml {report}'

The tests run before and after. Where their outcomes differ, both runs are made once more: a test has changed if it
never had the same outcome before and after, and is unsteady if it sometimes had. What a linter prints is compared line
by line without the numbers in it, so that a finding that has only moved is no new one. In the end the clone is as it
was.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from xml.etree import ElementTree

from benchmarks.logging_places.application import Application, propose_all, write_all

Outcomes = Mapping[str, frozenset[str]]
"""Test -> what became of it in the runs, each of passed, failed, error and skipped that it met."""

_TROUBLES = {"failure": "failed", "error": "error", "skipped": "skipped"}
_NUMBER = re.compile(r"\d+")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure one project and print its figures."""
    parser = argparse.ArgumentParser(prog="benchmarks.logging_suites")
    parser.add_argument("--repo", type=Path, required=True)
    parser.add_argument("--test", metavar="COMMAND")
    parser.add_argument("--lint", action="append", default=[], metavar="COMMAND")
    parser.add_argument("--list", action="store_true")
    given = parser.parse_args(arguments)
    repository: Path = given.repo.resolve()
    if _git(repository, "status", "--porcelain", "--untracked-files=no"):
        parser.error(f"{repository} has uncommitted changes; give a clone without any")
    done = propose_all(repository, "HEAD")
    print("\n".join(done.lines()))
    if given.list:
        print("\n".join(done.withheld))
    for line in _measure(repository, done, given.test, given.lint):
        print(line, flush=True)


def _measure(repository: Path, done: Application, test: str | None, linters: Sequence[str]) -> Iterator[str]:
    said = [_lint(repository, command) for command in linters]
    before = [_test(repository, test)] if test else []
    with _Patched(repository, done):
        for command, earlier in zip(linters, said, strict=True):
            new = _lint(repository, command) - earlier
            yield f"linter: {new.total()} new of {command}"
            yield from (f"  {count} x {finding}" for finding, count in sorted(new.items()))
        after = [_test(repository, test)] if test else []
    if test and before != after:
        before.append(_test(repository, test))
        with _Patched(repository, done):
            after.append(_test(repository, test))
    if test:
        yield from _compared(_joined(before), _joined(after))


def _compared(before: Outcomes, after: Outcomes) -> Iterator[str]:
    """How the tests fared in both states."""
    nothing = frozenset({"not run"})
    names = sorted(before.keys() | after.keys())
    pairs = {name: (before.get(name, nothing), after.get(name, nothing)) for name in names}
    changed = [name for name, (earlier, later) in pairs.items() if not earlier & later]
    unsteady = [name for name, (earlier, later) in pairs.items() if earlier & later and len(earlier | later) > 1]
    for title, outcomes in (("before", before), ("after", after)):
        counts = Counter("/".join(sorted(one)) for one in outcomes.values())
        yield f"tests {title}: {len(outcomes)}, {', '.join(f'{count} {what}' for what, count in counts.most_common())}"
    yield f"tests that changed: {len(changed)}, unsteady: {len(unsteady)}"
    for title, group in (("changed", changed), ("unsteady", unsteady)):
        for name in group:
            earlier, later = pairs[name]
            yield f"  {title}: {name}: {'/'.join(sorted(earlier))} -> {'/'.join(sorted(later))}"


def _joined(runs: Sequence[Mapping[str, str]]) -> Outcomes:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for run in runs:
        for name, outcome in run.items():
            found[name].add(outcome)
    return {name: frozenset(outcomes) for name, outcomes in found.items()}


class _Patched:
    """The clone while the lines are in it."""

    def __init__(self, repository: Path, done: Application) -> None:
        self._repository = repository
        self._done = done

    def __enter__(self) -> None:
        write_all(self._done, self._repository)

    def __exit__(self, *_: object) -> None:
        _git(self._repository, "checkout", "--", *(patch.path for patch in self._done.patches))


def _test(repository: Path, command: str) -> dict[str, str]:
    """The outcome of each test, by its name in the report; those of one name are told together."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        _run(repository, command.replace("{report}", str(report)))
        if not report.exists():
            raise SystemExit(f"the tests wrote no report: {command}")
        cases = list(ElementTree.parse(report).iter("testcase"))
    found: defaultdict[str, list[str]] = defaultdict(list)
    for case in cases:
        troubles = [_TROUBLES[part.tag] for part in case if part.tag in _TROUBLES]
        found[f"{case.get('classname')}::{case.get('name')}"].extend(troubles[:1] or ["passed"])
    return {name: "+".join(sorted(set(outcomes))) for name, outcomes in found.items()}


def _lint(repository: Path, command: str) -> Counter[str]:
    lines = _run(repository, command).splitlines()
    return Counter(_NUMBER.sub("N", line) for line in lines if line.strip())


def _run(repository: Path, command: str) -> str:
    """What a command prints; the tests of a project may fail, its linters may find something."""
    done = subprocess.run(
        command, shell=True, cwd=repository, text=True, errors="replace", stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    return done.stdout


def _git(repository: Path, *arguments: str) -> str:
    command = ["git", "-C", str(repository), *arguments]
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE).stdout


if __name__ == "__main__":
    main()
