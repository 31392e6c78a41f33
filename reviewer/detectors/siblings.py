"""The same slip at other sites: one finding names them all, so that the fix of one does not leave its siblings behind.

Two findings are of the *same slip* when one rule says the same words of both, and about the same exceptions. The words
name the callee, the value and where it comes from as they are written, so they are the same where the code has the same
shape. The function that a finding stands in is not counted among the words, nor is how many more its statement holds;
and what is said of `self` holds in its own class alone. A variable of another name makes another slip: a wrong sibling
costs more trust than a missing one costs safety.

Only loud findings are followed, and in one file only one of each slip:

- *Outside of the change* (`add_untouched`) the finding's own rule, and no other, is asked about those functions of the
  file whose text holds its words, the ones of its class first, then the nearest. What it finds there becomes evidence.
  It is no finding of its own, since nobody asked about that code, and it takes no part in the fingerprint. The budget
  is counted in functions and lines and not in time, so that two reviews of one change say the same; what it does not
  reach is not claimed. The limit of time for a unit stands behind it, for hostile code.
- *Inside of the change* (`carry_siblings`) the sites are findings already. The first of the loudest in a file stays as
  it is and names the others; those in other functions become quiet and point to it. On 160 real bugs, with whole files
  reviewed, this takes 1 of 57 loud hits and 16 % of the loud findings. Repetitions in one function stay as they are,
  since quieting these too takes a second of those hits, and one in the review of changes. Only what is new counts: a
  site that is waived or known never quiets one that is neither.
- *In other files* of the review the sites stay as loud as they are, and the first of all names them.
"""

from __future__ import annotations

import dataclasses
import keyword
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from reviewer.detectors.merging import merge_findings
from reviewer.domain.fact import Unit
from reviewer.domain.finding import Evidence, Finding, Severity
from reviewer.domain.report import EvidenceItem, FindingItem

if TYPE_CHECKING:
    from reviewer.code.definition import Definitions

MOST_NAMED = 5
"""Sites that a finding names; the explanation counts all of them."""
MOST_ASKED = 8
"""Functions outside of the change that are read for one finding."""
MOST_IN_FILE = 30
"""Functions outside of the change that are read for all findings of a file."""
MOST_FOLLOWED = 20
"""Slips of a file that are looked for outside of the functions of the change."""
MOST_LINES = 600
"""Lines of those functions, for all findings of a file."""

_CODE_LINES = 5
"""Lines of a finding's statement in which its words are looked for."""
_WORD = re.compile(r"\w+")
_AS_CODE = re.compile(r"""(?<=[.\[('"])\w+|\w+(?=[(\[]|\.\w)""")
"""Words that are code and not prose: called, subscripted, quoted, or part of a dotted name."""
_COMMON = frozenset(keyword.kwlist) | {"self", "cls"}
_MORE = re.compile(r" \(and [0-9]+ more in this statement\)$")
_OF_SELF = re.compile(r"(?<![\w.])(?:self|cls)\.")

Ask = Callable[[str, Unit], Iterable[Finding]]
"""Asks the rule with this id about a function."""


class Told(Protocol):
    """What a finding and a published finding have in common."""

    @property
    def rule(self) -> str:
        """Id of the rule."""

    @property
    def path(self) -> str:
        """The file."""

    @property
    def function(self) -> str:
        """Qualified name inside the file."""

    @property
    def message(self) -> str:
        """The line that names the concrete thing."""

    @property
    def exceptions(self) -> Sequence[str]:
        """Exceptions involved."""


@dataclass(frozen=True, slots=True)
class Slip:
    """What two findings share that are of the same slip.

    Attributes:
        owner: file and class that `self` means; "" where the words do not speak of it.
        words: the message, without the finding's own function.
    """

    rule: str
    exceptions: frozenset[str]
    owner: str
    words: str


def slip_of(finding: Told) -> Slip:
    """The slip that a finding tells of."""
    words = _MORE.sub("", finding.message)
    last = finding.function.rpartition(".")[2]
    for name in dict.fromkeys((finding.function, last)):
        words = re.sub(rf"(?<![\w.]){re.escape(name)}(?!\w)", "*", words)
    owner = f"{finding.path}:{_class_of(finding.function)}" if _OF_SELF.search(words) else ""
    return Slip(finding.rule, frozenset(finding.exceptions), owner, words)


def add_untouched(
    found: Mapping[str, Finding],
    beside: Iterable[Finding],
    definitions: Definitions,
    lines: Sequence[str],
    ask: Ask,
) -> dict[str, Finding]:
    """The findings of a change in one file, each loud one with the sites of its slip that the change does not touch.

    Args:
        found: what is told of the file, by fingerprint.
        beside: what was found in the functions of the change, on lines that did not change as well.
        definitions: reads the other functions.
        lines: the lines of the file.
        ask: the rules.
    """
    search = _Search(beside, definitions, lines, ask)
    told = frozenset(found.values())
    followed: set[Slip] = set()
    result = dict(found)
    for identity, finding in sorted(found.items(), key=lambda item: (item[1].line, item[1].column)):
        slip = slip_of(finding)
        if finding.severity is Severity.LOW or slip in followed:
            continue
        followed.add(slip)
        others = sorted(
            {other for other in search.sites(finding, slip) if other not in told}, key=lambda o: (o.line, o.column)
        )
        if others:
            result[identity] = dataclasses.replace(
                finding,
                evidence=(*finding.evidence, *(Evidence(s.path, s.line, _note(s)) for s in others[:MOST_NAMED])),
                explanation=_with(
                    finding.explanation,
                    f"The same problem occurs in {_counted(len(others), 'more place')} outside this change.",
                ),
            )
    return result


class _Search:
    """Looks for slips in the functions of one file, as long as its budget lasts."""

    def __init__(self, beside: Iterable[Finding], definitions: Definitions, lines: Sequence[str], ask: Ask) -> None:
        self._beside: defaultdict[Slip, list[Finding]] = defaultdict(list)
        for finding in beside:
            if finding.severity is not Severity.LOW:
                self._beside[slip_of(finding)].append(finding)
        self._definitions = definitions
        self._changed = frozenset(unit.name for unit in definitions.changed)
        self._lines = lines
        self._ask = ask
        self._read: set[str] = set()
        self._left = MOST_LINES
        self._followed = 0
        self._asked: dict[tuple[str, str], list[Finding]] = {}

    def sites(self, finding: Finding, slip: Slip) -> Iterator[Finding]:
        """The other sites of the slip of a finding."""
        yield from self._beside.get(slip, ())
        self._followed += 1
        if self._followed > MOST_FOLLOWED:
            return
        asked = 0
        for name in self._candidates(finding):
            if asked >= MOST_ASKED:
                return
            if self._affords(name):
                asked += 1
                yield from (
                    other
                    for other in self._findings(finding.rule, name)
                    if other.severity is not Severity.LOW and slip_of(other) == slip
                )

    def _candidates(self, finding: Finding) -> list[str]:
        """The functions outside of the change that hold all words of a finding, those of its class first."""
        words = _words(finding, self._lines)
        if not words:
            return []
        holding = [set(self._definitions.referring(word)) for word in words]
        names = [
            name for name in set.intersection(*holding) if name not in self._changed and self._definitions.size(name)
        ]
        owner = _class_of(finding.function)
        return sorted(
            names,
            key=lambda name: (
                _class_of(name) != owner,
                abs((self._definitions.line(name) or 0) - finding.line),
                name,
            ),
        )

    def _affords(self, name: str) -> bool:
        if name in self._read:
            return True
        size = self._definitions.size(name)
        if len(self._read) >= MOST_IN_FILE or size > self._left:
            return False
        self._read.add(name)
        self._left -= size
        return True

    def _findings(self, rule: str, name: str) -> list[Finding]:
        if (rule, name) not in self._asked:
            unit = self._definitions.unit(name)
            self._asked[rule, name] = merge_findings(self._ask(rule, unit)) if unit is not None else []
        return self._asked[rule, name]


def carry_siblings(items: Sequence[FindingItem]) -> list[FindingItem]:
    """The findings of a review, the first of each slip naming the others.

    Args:
        items: all findings of the review, in the order in which they are told.

    Returns:
        The same findings in the same order.
    """
    groups: defaultdict[Slip, list[FindingItem]] = defaultdict(list)
    for item in items:
        if item.status == "new" and item.severity != "low":
            groups[slip_of(item)].append(item)
    changed: dict[str, FindingItem] = {}
    for group in groups.values():
        if len(group) > 1:
            changed.update((item.id, item) for item in _carried(group))
    return [changed.get(item.id, item) for item in items]


def _carried(group: Sequence[FindingItem]) -> Iterator[FindingItem]:
    """The findings of one slip that are told otherwise than if each stood alone."""
    files: dict[str, list[FindingItem]] = {}
    for item in group:
        files.setdefault(item.path, []).append(item)
    ordered = [
        sorted(found, key=lambda item: (-Severity(item.severity).rank, item.line, item.column))
        for found in files.values()
    ]
    elsewhere = [first for first, *_ in ordered[1:]]
    for first, *others in ordered:
        apart = sorted((o for o in others if o.function != first.function), key=lambda o: (o.line, o.column))
        where = [f"in {_counted(len(apart), 'more place')} of this file"] if apart else []
        if elsewhere and first is ordered[0][0]:
            where.append(f"in {_counted(len(elsewhere), 'other file')} of this review")
        if not where:
            continue  # it is named by another file's, and that is all
        named = [*apart, *(elsewhere if first is ordered[0][0] else ())][:MOST_NAMED]
        yield dataclasses.replace(
            first,
            evidence=[*first.evidence, *(EvidenceItem(path=s.path, line=s.line, note=_note(s)) for s in named)],
            explanation=_with(first.explanation, f"The same problem occurs {' and '.join(where)}."),
        )
        for other in apart:
            note = EvidenceItem(path=first.path, line=first.line, note=f"the same problem occurs first {_where(first)}")
            grounds = [*other.grounds, f"quiet: {note.note}"]
            yield dataclasses.replace(other, severity="low", evidence=[*other.evidence, note], grounds=grounds)


def _words(finding: Finding, lines: Sequence[str]) -> list[str]:
    """The words that the message takes from the code, longest first; a sibling's text holds all of them."""
    code = lines[finding.line - 1 : min(finding.end_line, finding.line + _CODE_LINES - 1)]
    written = {word for line in code for word in _WORD.findall(line)} - _COMMON
    message = _MORE.sub("", finding.message)
    # A word of the message's prose may be a variable's name by chance, so what looks like code comes first.
    as_code = written.intersection(_AS_CODE.findall(message))
    return sorted(as_code or written.intersection(_WORD.findall(message)), key=lambda word: (-len(word), word))


def _class_of(function: str) -> str:
    return function.partition(".")[0] if "." in function else ""


def _note(site: Told) -> str:
    return f"the same {_where(site)}"


def _where(site: Told) -> str:
    return "at module level" if site.function == "<module>" else f"in {site.function}"


def _counted(number: int, noun: str) -> str:
    return f"one {noun}" if number == 1 else f"{number} {noun}s"


def _with(explanation: str, sentence: str) -> str:
    return f"{explanation} {sentence}" if explanation else sentence
