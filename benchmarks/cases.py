"""Findings on real bugs before and after their fixes, and on commits that turned out well; one table a rule.

usage: python -m benchmarks.cases --mirror DIR [--clean CLEAN.json] [--write] CASES.json...

A case names a repository ("owner/name"), a file, a function, the commits before and after a fix and the lines where a
comment would have been right; a clean entry names a commit and its files. DIR holds bare clones as OWNER+NAME/repo.
A case counts as *discriminated* when a rule that speaks within two lines of the labelled range before the fix says less
in that function after it. Files are reviewed in this process, with the rest of their project at hand.

`--write` writes the rules' history: `reviewer/detectors/history.json`, which ranks findings, and
`benchmarks/PRECISION.md`, which shows it. A finding is known to be right where it stands at a labelled bug, and known
to be wrong where it stands at the corresponding place after the fix, or on a commit that turned out well.
"""

from __future__ import annotations

import argparse
import ast
import collections
import dataclasses
import difflib
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from reviewer.code.limits import Limits
from reviewer.code.project import Project
from reviewer.detectors.ranking import Record
from reviewer.detectors.registry import all_rules
from reviewer.diff.patch import parse_patch
from reviewer.diff.sources import RevisionSources
from reviewer.domain.change import ChangeKind, FileChange
from reviewer.domain.finding import Finding, Severity
from reviewer.file_review import review_file
from reviewer.flow.reading import Surroundings
from reviewer.knowledge.lookup import Knowledge

NEAR = 2
"""Lines around the labelled range in which a finding counts as a hit."""
HISTORY = Path(__file__).parents[1] / "reviewer" / "detectors" / "history.json"
PRECISION = Path(__file__).parent / "PRECISION.md"

Range = tuple[int, int]


@dataclass(frozen=True)
class Outcome:
    """What the reviewer said of one case.

    Attributes:
        lines: lines of the file before the fix.
        label: where a comment would have been right; `inside` is the function.
        label_after: where these lines stand after the fix; `inside_after` is the function there.
        before, after: all findings in the file before and after the fix.
        back: findings when only the diff back to the bug is reviewed.
    """

    lines: int
    label: Range
    inside: Range
    label_after: Range
    inside_after: Range
    before: tuple[Finding, ...]
    after: tuple[Finding, ...]
    back: tuple[Finding, ...]

    def hits(self, loud: bool) -> tuple[Finding, ...]:
        """Findings at the label."""
        return within(_heard(self.before, loud), *_near(self.label))

    def told_apart(self, loud: bool) -> frozenset[str]:
        """Rules that hit and say less in the function after the fix."""
        old = collections.Counter(f.rule for f in within(_heard(self.before, loud), *self.inside))
        new = collections.Counter(f.rule for f in within(_heard(self.after, loud), *self.inside_after))
        return frozenset(f.rule for f in self.hits(loud) if new[f.rule] < max(old[f.rule], 1))

    def regress(self, loud: bool) -> bool:
        """Whether the diff back to the bug is spoken of at the label."""
        return bool(within(_heard(self.back, loud), *_near(self.label)))

    def still(self) -> tuple[Finding, ...]:
        """Findings where the labelled lines stand after the fix."""
        return within(self.after, *_near(self.label_after))


@dataclass(frozen=True)
class Clean:
    """What the reviewer said of a commit that turned out well: its findings, and how many lines it added."""

    added: int
    findings: tuple[Finding, ...]


def main() -> int:
    """Score all cases and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="+", type=Path)
    parser.add_argument("--mirror", type=Path, required=True)
    parser.add_argument("--clean", type=Path)
    parser.add_argument("--write", action="store_true", help="write the rules' history")
    options = parser.parse_args()
    cases = [case for file in options.cases for case in json.loads(file.read_text())]
    entries = json.loads(options.clean.read_text()) if options.clean else []
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        outcomes = list(pool.map(partial(_score, options.mirror), cases))
        cleans = list(pool.map(partial(_clean, options.mirror), entries))
    for name, loud in (("all findings", False), ("loud findings", True)):
        print(summary(name, outcomes, cleans, loud))
    records = history(outcomes, cleans)
    print(rule_table(outcomes, cleans, records))
    if options.write:
        HISTORY.write_text(history_text(records), encoding="utf-8")
        PRECISION.write_text(page(outcomes, cleans, records), encoding="utf-8")
    return 0


def summary(name: str, outcomes: Sequence[Outcome], cleans: Sequence[Clean], loud: bool) -> str:
    """One line of figures."""
    count = len(outcomes)
    findings = sum(len(_heard(outcome.before, loud)) for outcome in outcomes)
    lines = sum(outcome.lines for outcome in outcomes)
    told = (
        f"{name}: line {sum(bool(o.hits(loud)) for o in outcomes)}/{count}, "
        f"discriminate {sum(bool(o.told_apart(loud)) for o in outcomes)}/{count}, "
        f"regress {sum(o.regress(loud) for o in outcomes)}/{count}, "
        f"{100 * findings / lines:.2f} findings per 100 lines"
    )
    if not cleans:
        return told
    found = [len(_heard(clean.findings, loud)) for clean in cleans]
    added = sum(clean.added for clean in cleans)
    return (
        f"{told}; clean commits: {sum(found)} findings, {100 * sum(found) / added:.2f} per 100 added lines, "
        f"{found.count(0)} of {len(found)} without any"
    )


def history(outcomes: Sequence[Outcome], cleans: Sequence[Clean]) -> dict[tuple[str, Severity], Record]:
    """How often each rule, for each severity that it asks for, is known to have been right and wrong."""
    right: collections.Counter[tuple[str, Severity]] = collections.Counter()
    wrong: collections.Counter[tuple[str, Severity]] = collections.Counter()
    for outcome in outcomes:
        hits = {(f.rule, f.asked) for f in outcome.hits(loud=False)}
        right.update(hits)
        wrong.update(hits & {(f.rule, f.asked) for f in outcome.still()})
    for clean in cleans:
        wrong.update((f.rule, f.asked) for f in clean.findings)
    return {key: Record(right[key], wrong[key]) for key in sorted(right.keys() | wrong.keys())}


def history_text(records: dict[tuple[str, Severity], Record]) -> str:
    """What `reviewer.detectors.ranking` reads: rule -> severity -> [right, wrong], one rule a line."""
    rules: dict[str, dict[str, list[int]]] = {}
    for (rule, asked), record in records.items():
        rules.setdefault(rule, {})[asked.value] = [record.right, record.wrong]
    rows = [f"  {json.dumps(rule)}: {json.dumps(counts)}" for rule, counts in sorted(rules.items())]
    return "{\n" + ",\n".join(rows) + "\n}\n"


def page(outcomes: Sequence[Outcome], cleans: Sequence[Clean], records: dict[tuple[str, Severity], Record]) -> str:
    """The table of the rules' own precision."""
    added = sum(clean.added for clean in cleans)
    return (
        "# How often each rule is right\n\n"
        f"Written by `python -m benchmarks.cases --write` from {len(outcomes)} real bugs with their fixes and "
        f"{len(cleans)} commits that turned out well ({added} added lines). *Right*: bugs at whose label a finding of "
        "the rule stands. *Wrong*: of these, those where it stands at the same place after the fix, and findings on "
        "the clean commits. Each row is a rule and the severity that it asks for; the precision is drawn to one half "
        "where little is known, and a row below one half may only be quiet. A finding anywhere else is neither.\n\n"
        f"{rule_table(outcomes, cleans, records)}\n"
    )


def rule_table(
    outcomes: Sequence[Outcome], cleans: Sequence[Clean], records: dict[tuple[str, Severity], Record]
) -> str:
    """Markdown: for each rule and severity its findings, how often it was right, and how many of them are loud."""
    rows = [
        "| rule | asks for | right | wrong | precision | bugs told apart | findings | loud ones | on clean commits |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    everything = [f for o in outcomes for f in o.before]
    findings = collections.Counter((f.rule, f.asked) for f in everything)
    shown = collections.Counter((f.rule, f.asked) for f in _heard(everything, loud=True))
    apart = collections.Counter(
        key for o in outcomes for key in {(f.rule, f.asked) for f in o.hits(False) if f.rule in o.told_apart(False)}
    )
    noise = collections.Counter((f.rule, f.asked) for clean in cleans for f in clean.findings)
    for rule in all_rules():
        for asked in Severity:
            key = (rule.id, asked)
            if key in records or findings[key]:
                record = records.get(key, Record())
                rows.append(
                    f"| {rule.id} | {asked} | {record.right} | {record.wrong} | {record.precision:.2f} | {apart[key]} "
                    f"| {findings[key]} | {shown[key]} | {noise[key]} |"
                )
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

    def score(self, case: dict[str, Any]) -> Outcome:
        """Review a case before and after its fix, and the diff back."""
        repository, path, (bug, fix) = case["repo"], case["file"], (case["buggy_commit"], case["fixed_commit"])
        before, after = self._show(repository, bug, path), self._show(repository, fix, path)
        back = self._git(repository, "diff", fix, bug, "--", path)
        label = (case["lines"][0], case["lines"][1])
        return Outcome(
            lines=before.count(b"\n") + 1,
            label=label,
            inside=extent(before, case["function"]) or label,
            label_after=carried(before, after, label),
            inside_after=extent(after, case["function"]) or (1, after.count(b"\n") + 1),
            before=self._review(repository, bug, path, before),
            after=self._review(repository, fix, path, after),
            back=self._review(repository, bug, path, before, back),
        )

    def clean(self, entry: dict[str, Any]) -> Clean:
        """What is said of a commit that turned out well."""
        repository, commit = entry["repo"], entry["commit"]
        patch = self._git(repository, "diff", f"{commit}^", commit, "--", *entry["files"])
        found: list[Finding] = []
        for file in parse_patch(patch):
            if file.path in entry["files"] and file.kind is not ChangeKind.DELETED:
                text = self._show(repository, commit, file.path)
                found += self._review(repository, commit, file.path, text, patch)
        return Clean(entry["added"], tuple(found))

    def _review(
        self, repository: str, commit: str, path: str, text: bytes, patch: bytes | None = None
    ) -> tuple[Finding, ...]:
        change = FileChange(path=path, kind=ChangeKind.MODIFIED, content=text, whole=True)
        if patch is not None:
            parsed = next((file for file in parse_patch(patch) if file.path == path), None)
            if parsed is None:
                return ()
            change = dataclasses.replace(parsed, content=text, skipped=None, failed=None)
        sources = RevisionSources(str(self._place(repository)), commit, 1 << 20)
        try:
            project = Project(sources, self._knowledge, self._limits)
            reviewed = review_file(change, all_rules(), Surroundings(self._knowledge, self._limits, project))
        finally:
            sources.close()
        return tuple(reviewed.findings.values())

    def _show(self, repository: str, commit: str, path: str) -> bytes:
        return self._git(repository, "show", f"{commit}:{path}")

    def _git(self, repository: str, *arguments: str) -> bytes:
        command = ["git", "-C", str(self._place(repository)), *arguments]
        return subprocess.run(command, check=True, capture_output=True).stdout

    def _place(self, repository: str) -> Path:
        return self._mirror / repository.replace("/", "+", 1) / "repo"


def _score(mirror: Path, case: dict[str, Any]) -> Outcome:
    return Judge(mirror).score(case)


def _clean(mirror: Path, entry: dict[str, Any]) -> Clean:
    return Judge(mirror).clean(entry)


def _heard(findings: Sequence[Finding], loud: bool) -> tuple[Finding, ...]:
    return tuple(f for f in findings if not loud or f.severity is not Severity.LOW)


def _near(place: Range) -> Range:
    return place[0] - NEAR, place[1] + NEAR


def carried(before: bytes, after: bytes, place: Range) -> Range:
    """Where a range of lines of one text stands in the other, as widely as it can be told."""
    old, new = before.split(b"\n"), after.split(b"\n")
    first, last = place[0] - 1, place[1]
    touched: list[int] = []
    for _, a, a_end, b, b_end in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        inserted = a == a_end and first <= a < last
        if inserted or (a < last and a_end > first):
            same = a_end - a == b_end - b
            touched.append(b + max(0, first - a) if same else b)
            touched.append(b_end - max(0, a_end - last) if same else b_end)
    return (min(touched) + 1, max(touched)) if touched else place


def within(findings: Iterable[Finding], first: int, last: int) -> tuple[Finding, ...]:
    """Findings that touch a range of lines."""
    return tuple(f for f in findings if f.line <= last and f.end_line >= first)


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
