"""Remarks → the figures of a tool."""

from __future__ import annotations

import collections
from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.cases import NEAR
from benchmarks.peers.material import Case, Clean, Lines, Material
from benchmarks.peers.remark import Answer, Remark


@dataclass(frozen=True)
class Verdict:
    """What a tool makes of one case.

    Attributes:
        hit: it speaks within `NEAR` lines of the labelled range before the fix.
        chance: how likely that is for as many remarks spread evenly over the file.
        discriminates: a rule that hits says less in the function after the fix.
        strict: it hits, and says nothing where the labelled lines stand after the fix.
    """

    hit: bool
    chance: float
    discriminates: bool
    strict: bool


@dataclass(frozen=True)
class Figures:
    """Sums over all cases and clean commits that a tool could check.

    Attributes:
        cases: cases it could check.
        hits: those with a remark at the labelled lines.
        chance: hits expected from as many remarks spread evenly.
        discriminated: cases it tells from their fix.
        strict: cases it hits and is silent about afterwards.
        noise: remarks for each 100 lines before the fix.
        commits: clean commits it could check.
        silent: those without a remark on an added line.
        clean_noise: remarks on added lines of clean commits, for each 100 of them.
    """

    cases: int
    hits: int
    chance: float
    discriminated: int
    strict: int
    noise: float
    commits: int
    silent: int
    clean_noise: float


def figures(material: Material, answer: Answer) -> Figures:
    """Score an answer."""
    cases = [c for c in material.cases if c.before not in answer.failed and c.after not in answer.failed]
    verdicts = [judge(case, answer) for case in cases]
    commits = [commit for commit in material.clean if not any(path in answer.failed for path in commit.files)]
    said = [remarks_on(commit, answer) for commit in commits]
    return Figures(
        cases=len(cases),
        hits=sum(v.hit for v in verdicts),
        chance=sum(v.chance for v in verdicts),
        discriminated=sum(v.discriminates for v in verdicts),
        strict=sum(v.strict for v in verdicts),
        noise=_per_hundred(sum(len(answer.remarks.get(c.before, ())) for c in cases), sum(c.size for c in cases)),
        commits=len(commits),
        silent=sum(not count for count in said),
        clean_noise=_per_hundred(sum(said), sum(commit.added for commit in commits)),
    )


def judge(case: Case, answer: Answer) -> Verdict:
    """Score one case."""
    before, after = answer.remarks.get(case.before, ()), answer.remarks.get(case.after, ())
    hits = within(before, _near(case.labelled))
    old = collections.Counter(r.rule for r in within(before, case.inside))
    new = collections.Counter(r.rule for r in within(after, case.inside_after))
    first, last = _near(case.labelled)
    return Verdict(
        hit=bool(hits),
        chance=1 - (1 - min(1.0, (last - first + 1) / case.size)) ** len(before),
        discriminates=any(new[r.rule] < max(old[r.rule], 1) for r in hits),
        strict=bool(hits) and not within(after, _near(case.carried)),
    )


def remarks_on(commit: Clean, answer: Answer) -> int:
    """How many remarks touch a line that the commit added."""
    return sum(
        any(line in added for line in range(remark.line, remark.end_line + 1))
        for path, added in commit.files.items()
        for remark in answer.remarks.get(path, ())
    )


def within(remarks: Iterable[Remark], lines: Lines) -> list[Remark]:
    """Remarks that touch a range of lines."""
    return [r for r in remarks if r.line <= lines[1] and r.end_line >= lines[0]]


def _near(lines: Lines) -> Lines:
    return lines[0] - NEAR, lines[1] + NEAR


def _per_hundred(count: int, lines: int) -> float:
    return 100 * count / lines if lines else 0.0
