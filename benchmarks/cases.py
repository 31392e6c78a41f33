"""Findings on real bugs before and after their fixes, and on commits that turned out well; one table a rule.

usage: python -m benchmarks.cases --mirror DIR [--clean CLEAN.json] CASES.json...

A case names a repository ("owner/name"), a file, a function, the commits before and after a fix and the lines where a
comment would have been right; a clean entry names a commit and its files. DIR holds bare clones as OWNER+NAME/repo.
A case counts as *discriminated* when a rule that speaks within two lines of the labelled range before the fix says less
in that function after it. Rules are asked in this process, without one process a case.
"""

from __future__ import annotations

import argparse
import ast
import collections
import dataclasses
import json
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reviewer.code.unit import Limits
from reviewer.detectors.registry import all_rules
from reviewer.diff.patch import parse_patch
from reviewer.domain.change import ChangeKind, FileChange
from reviewer.domain.finding import Finding, Severity
from reviewer.file_review import Surroundings, review_file
from reviewer.knowledge.lookup import Knowledge

NEAR = 2
"""Lines around the labelled range in which a finding counts as a hit."""


@dataclass(frozen=True)
class Outcome:
    """What the reviewer said of one case.

    Attributes:
        lines: lines of the file before the fix.
        before: all findings there.
        hits: rules with a finding at the labelled lines.
        discriminating: those of them that say less in the function after the fix.
        regress: a finding at the labelled lines when only the diff back to the bug is reviewed.
    """

    lines: int
    before: tuple[Finding, ...]
    hits: frozenset[str]
    discriminating: frozenset[str]
    regress: bool


def main() -> int:
    """Score all cases and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="+", type=Path)
    parser.add_argument("--mirror", type=Path, required=True)
    parser.add_argument("--clean", type=Path)
    options = parser.parse_args()
    judge = Judge(options.mirror)
    cases = [case for file in options.cases for case in json.loads(file.read_text())]
    everything = [judge.score(case, loud_only=False) for case in cases]
    loud = [judge.score(case, loud_only=True) for case in cases]
    for name, outcomes in (("all findings", everything), ("loud findings", loud)):
        print(summary(name, outcomes))
    noise: collections.Counter[str] = collections.Counter()
    if options.clean:
        entries = json.loads(options.clean.read_text())
        found = [judge.clean(entry) for entry in entries]
        noise = collections.Counter(f.rule for findings in found for f in findings)
        added = sum(entry["added"] for entry in entries)
        silent = sum(not findings for findings in found)
        total = sum(noise.values())
        print(
            f"clean commits: {total} loud findings, {100 * total / added:.2f} per 100 added lines, "
            f"{silent} of {len(entries)} without any"
        )
    print(rule_table(everything, loud, noise))
    return 0


def summary(name: str, outcomes: list[Outcome]) -> str:
    """One line of figures."""
    count = len(outcomes)
    findings = sum(len(outcome.before) for outcome in outcomes)
    lines = sum(outcome.lines for outcome in outcomes)
    return (
        f"{name}: line {sum(bool(o.hits) for o in outcomes)}/{count}, "
        f"discriminate {sum(bool(o.discriminating) for o in outcomes)}/{count}, "
        f"regress {sum(o.regress for o in outcomes)}/{count}, "
        f"{100 * findings / lines:.2f} findings per 100 lines"
    )


def rule_table(everything: list[Outcome], loud: list[Outcome], noise: collections.Counter[str]) -> str:
    """Markdown: for each rule its findings, how many cases it hits and tells apart, and its noise."""
    rows = ["| rule | findings | loud | cases hit | told apart | loud on clean commits |", "|---|---|---|---|---|---|"]
    findings = collections.Counter(f.rule for o in everything for f in o.before)
    shown = collections.Counter(f.rule for o in loud for f in o.before)
    hits = collections.Counter(rule for o in everything for rule in o.hits)
    apart = collections.Counter(rule for o in everything for rule in o.discriminating)
    for rule in all_rules():
        name = rule.id
        rows.append(f"| {name} | {findings[name]} | {shown[name]} | {hits[name]} | {apart[name]} | {noise[name]} |")
    return "\n".join(rows)


class Judge:
    """Reviews files of cases in this process.

    Args:
        mirror: directory of the bare clones.
    """

    def __init__(self, mirror: Path) -> None:
        self._mirror = mirror
        self._knowledge = Knowledge()
        self._limits = Limits(seconds=20)

    def score(self, case: dict[str, Any], *, loud_only: bool) -> Outcome:
        """Review a case before and after its fix, and the diff back."""
        path = case["file"]
        before_text = self._show(case["repo"], f"{case['buggy_commit']}:{path}")
        after_text = self._show(case["repo"], f"{case['fixed_commit']}:{path}")
        back = self._git(case["repo"], "diff", case["fixed_commit"], case["buggy_commit"], "--", path)
        before = self._review(path, before_text, loud_only=loud_only)
        after = self._review(path, after_text, loud_only=loud_only)
        again = self._review(path, before_text, back, loud_only=loud_only)
        first, last = case["lines"]
        inside = extent(before_text, case["function"]) or (first, last)
        inside_after = extent(after_text, case["function"]) or (1, after_text.count(b"\n") + 1)
        hits = frozenset(f.rule for f in within(before, first - NEAR, last + NEAR))
        old = collections.Counter(f.rule for f in within(before, *inside))
        new = collections.Counter(f.rule for f in within(after, *inside_after))
        return Outcome(
            lines=before_text.count(b"\n") + 1,
            before=tuple(before),
            hits=hits,
            discriminating=frozenset(rule for rule in hits if new[rule] < max(old[rule], 1)),
            regress=bool(within(again, first - NEAR, last + NEAR)),
        )

    def clean(self, entry: dict[str, Any]) -> list[Finding]:
        """The loud findings on a commit that turned out well."""
        patch = self._git(entry["repo"], "diff", f"{entry['commit']}^", entry["commit"], "--", *entry["files"])
        found: list[Finding] = []
        for file in parse_patch(patch):
            if file.path in entry["files"] and file.kind is not ChangeKind.DELETED:
                text = self._show(entry["repo"], f"{entry['commit']}:{file.path}")
                found += self._review(file.path, text, patch, loud_only=True)
        return found

    def _review(self, path: str, text: bytes, patch: bytes | None = None, *, loud_only: bool) -> list[Finding]:
        change = FileChange(path=path, kind=ChangeKind.MODIFIED, content=text, whole=True)
        if patch is not None:
            parsed = next((file for file in parse_patch(patch) if file.path == path), None)
            if parsed is None:
                return []
            change = dataclasses.replace(parsed, content=text, skipped=None, failed=None)
        reviewed = review_file(change, all_rules(), Surroundings(self._knowledge, self._limits))
        return [f for f in reviewed.findings.values() if not loud_only or f.severity is not Severity.LOW]

    def _show(self, repository: str, name: str) -> bytes:
        return self._git(repository, "show", name)

    def _git(self, repository: str, *arguments: str) -> bytes:
        place = self._mirror / repository.replace("/", "+", 1) / "repo"
        return subprocess.run(["git", "-C", str(place), *arguments], check=True, capture_output=True).stdout


def within(findings: Iterable[Finding], first: int, last: int) -> list[Finding]:
    """Findings that touch a range of lines."""
    return [f for f in findings if f.line <= last and f.end_line >= first]


def extent(text: bytes, name: str) -> tuple[int, int] | None:
    """First and last line of a definition, by its qualified or its plain name; None where it is not found."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return None
    found: list[tuple[bool, int, int]] = []

    def walk(node: ast.AST, prefix: str) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                qualified = prefix + child.name
                if name in (qualified, child.name):
                    found.append((qualified != name, child.lineno, child.end_lineno or child.lineno))
                walk(child, qualified + ".")
            else:
                walk(child, prefix)

    walk(tree, "")
    return min(found)[1:] if found else None


if __name__ == "__main__":
    sys.exit(main())
