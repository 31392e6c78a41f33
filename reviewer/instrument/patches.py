"""From a file to its proved log lines: propose, write, verify."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from reviewer.code.segment import deep_recursion
from reviewer.errors import SourceError
from reviewer.instrument.choice import Reword
from reviewer.instrument.dialect import Dialect
from reviewer.instrument.fields import fields_of, tellable
from reviewer.instrument.habit import Habits
from reviewer.instrument.module_scope import doubt_of, imports_all, is_submodule, looks_at_names, passing_names
from reviewer.instrument.places import Spot, find_spots
from reviewer.instrument.proposal import KINDS, Kind, Library, Patch, Proposal, Withheld
from reviewer.instrument.severity import level_of
from reviewer.instrument.subject import Subject
from reviewer.instrument.verify import Verdict, verify
from reviewer.instrument.voice import method_of, told_fields
from reviewer.instrument.wording import event_of
from reviewer.instrument.write import write

ALL = frozenset(KINDS)
_ATTEMPTS, _LINES = 12, 20_000
"""How often at least, and how many lines in all, a file is written and read again to find what cannot be proved."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is wanted.

    Attributes:
        kinds: which sorts of places.
        lines: only places on these lines; None for all.
        library: the library for a project in which nothing logs.
    """

    kinds: frozenset[Kind] = ALL
    lines: frozenset[int] | None = None
    library: Library = "logging"


@dataclass(frozen=True, slots=True)
class Instrumented:
    """What came of one file.

    Attributes:
        path: the file.
        patch: the proved lines; None for none.
        withheld: the places that get no line, with reasons.
    """

    path: str
    patch: Patch | None
    withheld: tuple[Withheld, ...] = ()


def instrument(
    subject: Subject, content: bytes, wishes: Wishes | None = None, reword: Reword | None = None
) -> Instrumented:
    """Propose, write and prove the log lines of a file; what cannot be proved is withheld, and told.

    Args:
        subject: the file.
        content: its bytes.
        wishes: what is wanted.
        reword: chooses other words for the lines before they are written; None leaves them as they are.

    Raises:
        SourceError: the file is nested too deeply.
    """
    wishes = wishes or Wishes()
    try:
        with deep_recursion():
            proposals, withheld = propose(subject, wishes)
        if not proposals:
            return Instrumented(subject.path, None, tuple(withheld))
        if reword is not None:
            proposals = list(reword(proposals))
        with deep_recursion():
            patch, failed = prove(subject, content, proposals, wishes)
    except RecursionError as error:
        raise SourceError("is nested too deeply") from error
    return Instrumented(subject.path, patch, (*withheld, *failed))


def suggest(
    subject: Subject, content: bytes, lines: Iterable[int], wishes: Wishes | None = None
) -> Mapping[int, Patch]:
    """A patch of its own for each of some lines, for those who show them one by one.

    Args:
        subject: the file.
        content: its bytes.
        lines: lines of `except` clauses or of statements, as findings name them.
        wishes: what is wanted.

    Returns:
        Line -> the proved patch; a line without one is left out.
    """
    wishes = wishes or Wishes(frozenset({"handler"}))
    proposals, _ = propose(subject, wishes)
    wanted = set(lines)
    found: dict[int, Patch] = {}
    for proposal in proposals:
        if proposal.place.line in wanted and proposal.place.line not in found:
            patch, _ = prove(subject, content, [proposal], wishes)
            if patch is not None:
                found[proposal.place.line] = patch
    return found


def propose(subject: Subject, wishes: Wishes) -> tuple[list[Proposal], list[Withheld]]:
    """The log lines that a file should get, and the places that get none.

    Args:
        subject: the file.
        wishes: what is wanted.
    """
    proposals: list[Proposal] = []
    withheld: list[Withheld] = []
    dialect: Dialect | None = None
    habits = Habits(subject)
    for spot in find_spots(subject, wishes.kinds):
        line = spot.node.lineno if isinstance(spot, Spot) else spot.line
        if wishes.lines is not None and line not in wishes.lines:
            continue
        if isinstance(spot, Withheld):
            withheld.append(spot)
            continue
        dialect = dialect or Dialect(subject, wishes.library)
        made = _proposal(subject, spot, dialect, habits)
        if isinstance(made, Proposal):
            proposals.append(made)
        else:
            withheld.append(Withheld(spot.kind, spot.unit.name, line, made, spot.swallows))
    return _without_repeats(proposals), withheld


def _proposal(subject: Subject, spot: Spot, dialect: Dialect, habits: Habits) -> Proposal | str:
    """The log line for a place, or why there is none."""
    voice = dialect.voice(spot.function, spot.node)
    if voice is None:
        return "the module's logger cannot be reached from there"
    if voice.introduction is None and (doubt := doubt_of(subject, spot.function, voice.expression)):
        return doubt
    level, exception = level_of(subject, spot, habits)
    taken = frozenset({voice.expression.partition(".")[0]})
    fields = told_fields(voice, fields_of(subject, spot, voice.style, taken))
    try:
        proposal = Proposal(
            kind=spot.kind,
            unit=spot.unit.name,
            place=spot.place,
            level=level,
            event=event_of(spot),
            fields=fields,
            voice=voice,
            exception=exception,
            timed=spot.place.position == "after" and voice.style != "plain" and _has_clock(subject, spot),
            key=spot.key,
            tellable=told_fields(voice, tellable(subject, spot, taken)),
        )
        method_of(proposal)
    except (ValueError, SourceError) as error:
        return str(error)
    return proposal


def _has_clock(subject: Subject, spot: Spot) -> bool:
    """The name `time` is the module's, or free to become it, and the clock's own names go unnoticed."""
    outline = subject.code.outline
    if imports_all(subject.tree) or looks_at_names(spot.function) or "time" in passing_names(subject.tree):
        return False
    if is_submodule(subject, "time"):
        return False
    if "time" in subject.hidden(spot.function) or "time" in outline.assigned or "time" in outline.definitions:
        return False
    return outline.imports.get("time", "time") == "time" and "time" not in outline.globals_written


def _without_repeats(proposals: Sequence[Proposal]) -> list[Proposal]:
    """Only the first line for one place: a statement may be both an entry and a call."""
    seen: Counter[tuple[int, int, str]] = Counter()
    kept = []
    for proposal in proposals:
        place = (proposal.place.line, proposal.place.column, proposal.place.position)
        seen[place] += 1
        if seen[place] == 1:
            kept.append(proposal)
    return kept


def prove(
    subject: Subject, content: bytes, proposals: Sequence[Proposal], wishes: Wishes
) -> tuple[Patch | None, list[Withheld]]:
    """Write proposals and prove them together; where that fails, find those that can be proved.

    Args:
        subject: the file.
        content: its bytes.
        proposals: the lines.
        wishes: what was wanted, for the check that nothing more is.
    """
    proof = _Proof(subject, content, wishes)
    patch = proof.of(proposals)
    if patch is not None or not proposals:
        return patch, []
    good: list[Proposal] = []
    bad: list[tuple[Proposal, str]] = []
    parts = deque([tuple(proposals)])
    while parts:
        # The largest parts first, so that little is left open where the attempts come to their end.
        part = parts.popleft()
        half = len(part) // 2
        if not half:
            bad.append((part[0], proof.reason))
            continue
        for piece in (part[:half], part[half:]):
            if proof.attempts >= _most_attempts(subject):
                bad.extend((one, "not proved: too much of the file could not be proved") for one in piece)
            elif proof.of(piece) is not None:
                good.extend(piece)
            elif len(piece) > 1:
                parts.append(piece)
            else:
                bad.append((piece[0], proof.reason))
    patch = proof.of(sorted(good, key=_order)) if good else None
    if good and patch is None:
        # Each part holds by itself and all together do not.
        bad.extend((one, proof.reason) for one in good)
    failed = [
        Withheld(one.kind, one.unit, one.place.line, reason, one.kind == "handler")
        for one, reason in sorted(bad, key=lambda pair: _order(pair[0]))
    ]
    return patch, failed


def _order(proposal: Proposal) -> tuple[int, int]:
    return proposal.place.line, proposal.place.column


def _most_attempts(subject: Subject) -> int:
    """How often a file may be written and read again."""
    return max(_ATTEMPTS, _LINES // max(1, len(subject.source.lines)))


class _Proof:
    """Attempts at one file; the last one's fault is kept."""

    def __init__(self, subject: Subject, content: bytes, wishes: Wishes) -> None:
        self._subject = subject
        self._content = content
        self._wishes = wishes
        self.attempts = 0
        self.reason = ""

    def of(self, proposals: Sequence[Proposal]) -> Patch | None:
        """The proved patch; None for a fault."""
        self.attempts += 1
        verdict, written = _attempt(self._subject, self._content, tuple(proposals), self._wishes)
        if verdict.failed is not None or written is None:
            self.reason = f"not proved ({verdict.failed}): {verdict.reason}"
            return None
        ordered = tuple(sorted(proposals, key=_order))
        return Patch(self._subject.path, ordered, verdict.diff, written, verdict.passed)


def _attempt(
    subject: Subject, content: bytes, proposals: tuple[Proposal, ...], wishes: Wishes
) -> tuple[Verdict, bytes | None]:
    try:
        written = write(subject.source, content, subject.tree, proposals, subject.layout)
    except SourceError as error:
        return Verdict(b"", (), "writes", str(error)), None
    again = Wishes(wishes.kinds, None, wishes.library)
    verdict = verify(subject, content, written, proposals, lambda patched: _keys(patched, again))
    return verdict, written.content


def _keys(subject: Subject, wishes: Wishes) -> frozenset[str]:
    proposals, _ = propose(subject, wishes)
    return frozenset(proposal.key for proposal in proposals)
