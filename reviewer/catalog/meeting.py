"""The patterns of the catalogs in a review: which may meet a file, where they do, and what a person is told there."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from reviewer.catalog.query.running import Prepared
from reviewer.catalog.query.trigger import triggers_in
from reviewer.catalog.reminder import known_to, reminders
from reviewer.detectors.rule import View
from reviewer.domain.catalog import IncidentReference, Wish
from reviewer.domain.detector import Match
from reviewer.domain.finding import Confidence, Evidence, Finding, PatternMet, Severity
from reviewer.domain.pattern import Pattern, State
from reviewer.domain.suspicion import LEARNED
from reviewer.flow.reading import ReadFile
from reviewer.ports import CatalogIndex

_INCIDENTS = 2


@dataclass(frozen=True, slots=True)
class Candidate:
    """A pattern that may meet a file.

    Attributes:
        pattern: the pattern.
        own: it is the team's; one that ships with the reviewer speaks quietly.
        index: that of its catalog, which knows where it happened.
    """

    pattern: Pattern
    own: bool
    index: CatalogIndex


@dataclass(frozen=True, slots=True)
class Meeting:
    """What meeting the patterns came to in one file.

    Attributes:
        findings: those of the rules, with the patterns that they meet, and those of patterns alone.
        shadow: id of a pattern in shadow -> how often it would have spoken.
        failures: what was not asked to the end.
    """

    findings: tuple[Finding, ...]
    shadow: Mapping[str, int]
    failures: tuple[str, ...] = ()


class KnownPatterns:
    """The patterns of some catalogs. Not for several threads at once; close it after use.

    Args:
        indexes: of the catalogs, the team's own first.
        quiet: id of a pattern -> why it is told quietly.
        close: lets go of the catalogs.
    """

    def __init__(
        self, indexes: Sequence[tuple[CatalogIndex, bool]], quiet: Mapping[str, str], close: Callable[[], None]
    ) -> None:
        self._indexes = tuple(indexes)
        self._quiet = quiet
        self.close = close

    def candidates(self, text: str, findings: Iterable[Finding] = ()) -> tuple[Candidate, ...]:
        """The patterns that may meet a text; of two with the same id the team's own.

        Args:
            text: source of a file, whole.
            findings: what the rules found in it.
        """
        words = triggers_in(text, {finding.rule for finding in findings})
        found: dict[str, Candidate] = {}
        for at, (index, own) in enumerate(self._indexes):
            patterns = [one for one in index.runnable(words) if one.detector is not None]
            # One of the same id that the team has retired, say, is not runnable, and counts all the same.
            masked = known_to([other for other, _ in self._indexes[:at]], [one.id for one in patterns])
            patterns = [one for one in patterns if one.id not in masked]
            found.update({pattern.id: Candidate(pattern, own, index) for pattern in patterns})
        return tuple(found[name] for name in sorted(found))

    def meet(
        self, candidates: Sequence[Candidate], read: ReadFile, views: Sequence[View], findings: Iterable[Finding]
    ) -> Meeting:
        """Hold the units of a file against patterns, in one pass.

        Args:
            candidates: the patterns.
            read: the file.
            views: its units.
            findings: what the rules found in them.
        """
        kept = list(findings)
        by_id = {one.pattern.id: one for one in candidates}
        detectors = {name: one.pattern.detector for name, one in by_id.items() if one.pattern.detector is not None}
        if not detectors:
            return Meeting(tuple(kept), {})
        found = Prepared(detectors).run(read, views, kept)
        shadow: dict[str, int] = {}
        path = read.code.source.path
        for name, matches in sorted(found.matches.items()):
            candidate = by_id[name]
            if candidate.pattern.state is State.SHADOW:
                shadow[name] = len(matches)
                continue
            why = _why(candidate)
            # Of several matches at one place the first says all; a line that nobody wrote may hold thousands.
            places = {(match.function, match.line, match.end_line): match for match in reversed(matches)}
            for match in reversed(places.values()):
                self._tell(candidate, why, match, path, kept)
        return Meeting(tuple(kept), shadow, found.failures)

    def remind(self, candidates: Sequence[Candidate], view: View, findings: Iterable[Finding]) -> tuple[str, ...]:
        """What has failed before in code of a unit's shape, a line each, for whoever explains it.

        Args:
            candidates: the patterns that may meet its file.
            view: the unit.
            findings: those in its file, with the patterns that they meet.
        """
        met = {one.pattern.id: one.pattern for one in candidates}
        return reminders(view, findings, met, [index for index, _ in self._indexes])

    def _tell(self, candidate: Candidate, why: str, match: Match, path: str, kept: list[Finding]) -> None:
        """Add a pattern to the findings at its place, or as a finding of its own."""
        pattern = candidate.pattern
        at = [index for index, one in enumerate(kept) if _is_there(one, match)]
        quiet = "" if pattern.pinned else self._quiet.get(pattern.id, "")
        loud = candidate.own and not quiet
        met = PatternMet(pattern.id, pattern.title, why, loud)
        for index in at:
            # A slip that recurs, and of which no incident is known, adds nothing to what the rule says.
            if met.why:
                kept[index] = _joined(kept[index], met)
        if not at:
            kept.append(_finding(candidate, met, match, path, quiet))


def _is_there(finding: Finding, match: Match) -> bool:
    """A finding speaks of the same place: the same function, and lines that overlap."""
    return finding.function == match.function and finding.line <= match.end_line and match.line <= finding.end_line


def _joined(finding: Finding, met: PatternMet) -> Finding:
    if any(one.id == met.id for one in finding.patterns):
        return finding
    severity = finding.severity
    grounds = finding.grounds
    if met.loud and severity is Severity.LOW and not finding.hushed:
        severity, grounds = Severity.MEDIUM, (*grounds, "the same has failed here before")
    return replace(finding, severity=severity, grounds=grounds, patterns=(*finding.patterns, met))


def _finding(candidate: Candidate, met: PatternMet, match: Match, path: str, quiet: str) -> Finding:
    pattern = candidate.pattern
    seen = "; ".join(match.reasons)
    explanation = f"{met.why} {pattern.safe_form}".strip()
    return Finding(
        rule=LEARNED,
        question=pattern.question,
        severity=Severity.MEDIUM if met.loud else Severity.LOW,
        confidence=Confidence.MEDIUM,
        path=path,
        line=match.line,
        end_line=match.end_line,
        column=match.column,
        function=match.function,
        message=pattern.title,
        code=match.code,
        evidence=(Evidence(path, match.line, f"matches {pattern.id}{f': {seen}' if seen else ''}"),),
        explanation=explanation,
        hushed=quiet,
        grounds=(f"quiet: {quiet}",) if quiet else ("a pattern that was proved on the fix of an incident",),
        patterns=(met,),
    )


def _why(candidate: Candidate) -> str:
    entries = candidate.index.entries([candidate.pattern.id], Wish())
    incidents = entries[0].incidents if entries else ()
    told = [_incident(incident) for incident in incidents[:_INCIDENTS]]
    more = len(incidents) - len(told)
    if more > 0:
        told.append(f"and {more} more")
    return " ".join(told)


def _incident(incident: IncidentReference) -> str:
    when = f" on {incident.date}" if incident.date else ""
    where = f" at {incident.organisation}" if incident.organisation else ""
    source = f" ({incident.source})" if incident.source else ""
    return f"This happened{when}{where}: {incident.title.rstrip('.')}{source}."
