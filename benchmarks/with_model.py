"""The reviewer with a model on real bugs before and after their fixes, and on commits that turned out well.

usage: python -m benchmarks.with_model ask   CASES.json... --mirror DIR --folder DIR [--clean CLEAN.json] [--first N]
       python -m benchmarks.with_model score CASES.json... --mirror DIR --folder DIR [--clean CLEAN.json] [--first N]

`ask` writes what a model would be asked (`--model files:DIR`), a folder for each side of each case, in which only the
labelled function counts as changed, and one for each clean commit. Whoever answers puts HASH.answer.json beside each
question, without sight of the other side. `score` reviews again with the answers and counts, for the cases:

  line     a finding within two lines of the label, before the fix
  strict   the same, and none at the corresponding lines after it
  density  findings for each 100 lines of the functions, both sides

A finding that the model doubts does not count, since people are not shown it; `loud` counts high and medium alone.
Doubts are *right* where the finding stands at the label after the fix or on a clean commit, *wrong* where it stands at
the label before the fix.
"""

from __future__ import annotations

import argparse
import collections
import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.cases import NEAR, Range, carried, extent
from reviewer.diff.patch import parse_patch
from reviewer.diff.sources import RevisionSources
from reviewer.domain.change import Change, ChangeKind, FileChange, Hunk
from reviewer.domain.report import FindingItem, Report
from reviewer.domain.settings import Limits, Settings
from reviewer.explain.spending import Allowance
from reviewer.explain.stage import ModelUse
from reviewer.llm.files import FilesModel
from reviewer.review import review_change

_SETTINGS = Settings(limits=Limits(unit_seconds=20.0))


@dataclass(frozen=True)
class Side:
    """One side of a case: what is found in the labelled function, and where the label is in it."""

    report: Report
    label: Range
    lines: int

    def heard(self, loud: bool) -> list[FindingItem]:
        """What people are shown."""
        return [item for item in self.report.findings if not _doubted(item) and (not loud or item.severity != "low")]

    def hit(self, loud: bool) -> bool:
        """Whether something is said of the label."""
        return any(self.at_label(item) for item in self.heard(loud))

    def at_label(self, item: FindingItem) -> bool:
        """Whether a finding stands within two lines of the label."""
        return item.line <= self.label[1] + NEAR and item.end_line >= self.label[0] - NEAR


def main() -> int:
    """Ask, or score."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("task", choices=["ask", "score"])
    parser.add_argument("cases", nargs="*", type=Path)
    parser.add_argument("--mirror", type=Path, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--clean", type=Path)
    parser.add_argument("--first", type=int, help="take every n-th case, so that this many are left")
    parser.add_argument("--commits", type=int, help="the same for the clean commits")
    options = parser.parse_args()
    cases = [case for file in options.cases for case in json.loads(file.read_text())]
    cleans = json.loads(options.clean.read_text()) if options.clean else []
    asking = Asking(options.mirror, options.folder)
    pairs = [asking.case(case) for case in _thinned(cases, options.first)]
    reports = [(entry["added"], asking.clean(entry)) for entry in _thinned(cleans, options.commits)]
    open_ones = len(list(options.folder.glob("*/*.request.md"))) - len(list(options.folder.glob("*/*.answer.json")))
    print(f"{open_ones} questions without an answer")
    if options.task == "score":
        if pairs:
            print(cases_table(pairs))
        if reports:
            print(clean_table(reports))
        print(doubts(pairs, [report for _, report in reports]))
    return 0


def cases_table(pairs: Sequence[tuple[Side, Side]]) -> str:
    """The figures of the cases."""
    rows = []
    lines = sum(side.lines for pair in pairs for side in pair)
    for name, loud in (("all", False), ("loud", True)):
        hits = [pair for pair in pairs if pair[0].hit(loud)]
        strict = [pair for pair in hits if not pair[1].hit(loud)]
        count = sum(len(side.heard(loud)) for pair in pairs for side in pair)
        rows.append(
            f"{name}: line {len(hits)}/{len(pairs)} ({len(hits) / len(pairs):.0%}), strict {len(strict)}/{len(pairs)} "
            f"({len(strict) / len(pairs):.0%}), {100 * count / lines:.2f} findings for each 100 lines of the functions"
        )
    return "\n".join(rows)


def clean_table(reports: Sequence[tuple[int, Report]]) -> str:
    """The figures of the clean commits."""
    added = sum(lines for lines, _ in reports)
    loud = [sum(i.severity != "low" and not _doubted(i) for i in report.findings) for _, report in reports]
    return (
        f"clean commits: {sum(loud)} loud findings, {100 * sum(loud) / added:.2f} for each 100 added lines, "
        f"{loud.count(0)} of {len(loud)} without any"
    )


def doubts(pairs: Sequence[tuple[Side, Side]], reports: Iterable[Report]) -> str:
    """How often the model doubted rightly and wrongly, and what was dropped of its answers."""
    right = sum(after.at_label(i) and _doubted(i) for _, after in pairs for i in after.report.findings)
    right += sum(_doubted(item) for report in reports for item in report.findings)
    wrong = sum(before.at_label(i) and _doubted(i) for before, _ in pairs for i in before.report.findings)
    every = [side.report for pair in pairs for side in pair]
    pointed = collections.Counter(
        item.rule for report in every for item in report.findings if item.rule.startswith("suspected-")
    )
    dropped = [note for report in every for note in report.coverage.notes if "were dropped" in note]
    return (
        f"doubted rightly {right}, wrongly {wrong}; reports with dropped parts {len(dropped)}; "
        f"pointed at: {dict(pointed.most_common())}"
    )


class Asking:
    """Reviews with a folder as the model.

    Args:
        mirror: directory of the bare clones.
        folder: where the questions and answers are.
    """

    def __init__(self, mirror: Path, folder: Path) -> None:
        self._mirror = mirror
        self._folder = folder

    def case(self, case: dict[str, Any]) -> tuple[Side, Side]:
        """Both sides of a case."""
        path, label = case["file"], (case["lines"][0], case["lines"][1])
        before = self._show(case["repo"], case["buggy_commit"], path)
        after = self._show(case["repo"], case["fixed_commit"], path)
        inside = extent(before, case["function"]) or label
        inside_after = extent(after, case["function"]) or carried(before, after, inside)
        old = self._side(case, "buggy_commit", before, inside, label)
        new = self._side(case, "fixed_commit", after, inside_after, carried(before, after, label))
        return old, new

    def clean(self, entry: dict[str, Any]) -> Report:
        """What is said of a commit that turned out well."""
        repository, commit = entry["repo"], entry["commit"]
        patch = self._git(repository, "diff", f"{commit}^", commit, "--", *entry["files"])
        files = []
        for file in parse_patch(patch):
            if file.path in entry["files"] and file.kind is not ChangeKind.DELETED:
                text = self._show(repository, commit, file.path)
                files.append(FileChange(file.path, file.kind, hunks=file.hunks, content=text))
        return self._review(repository, commit, files, f"clean-{commit[:12]}", "risky")

    def _side(self, case: dict[str, Any], commit: str, text: bytes, inside: Range, label: Range) -> Side:
        rows = text.decode("utf-8", "replace").split("\n")[inside[0] - 1 : inside[1]]
        whole = Hunk(inside[0] - 1, inside[0], (), tuple(rows))
        file = FileChange(case["file"], ChangeKind.MODIFIED, hunks=(whole,), content=text)
        report = self._review(case["repo"], case[commit], [file], f"{case['id']}-{commit[:3]}", "all")
        return Side(report, label, len(rows))

    def _review(self, repository: str, commit: str, files: list[FileChange], name: str, scope: Any) -> Report:
        place = str(self._mirror / repository.replace("/", "+", 1) / "repo")
        model = ModelUse(FilesModel(self._folder / name), scope, allowance=Allowance(tokens=10_000_000, seconds=3600))
        return review_change(
            Change(repository=place, base=None, head=None, files=tuple(files)),
            _SETTINGS,
            sources=partial(RevisionSources, place, commit, 1 << 20),
            model=model,
        )

    def _show(self, repository: str, commit: str, path: str) -> bytes:
        return self._git(repository, "show", f"{commit}:{path}")

    def _git(self, repository: str, *arguments: str) -> bytes:
        place = self._mirror / repository.replace("/", "+", 1) / "repo"
        return subprocess.run(["git", "-C", str(place), *arguments], check=True, capture_output=True).stdout


def _doubted(item: FindingItem) -> bool:
    return item.judgement is not None and item.judgement.verdict == "doubted"


def _thinned(cases: Sequence[Any], count: int | None) -> list[Any]:
    if count is None or count >= len(cases):
        return list(cases)
    return [cases[index * len(cases) // count] for index in range(count)]


if __name__ == "__main__":
    sys.exit(main())
