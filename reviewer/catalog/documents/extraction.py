"""Passages → what the document says of each topic: by its headings and labels, else by the turns of its phrases."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from reviewer.catalog.documents.characters import one_line
from reviewer.catalog.documents.cue import Cued, cues_in
from reviewer.catalog.documents.document import Document, fold
from reviewer.catalog.documents.heading import Role
from reviewer.catalog.documents.passage import Passage
from reviewer.domain.lesson import TOPICS, Statement, Topic

MOST_WORDS = 400
"""Characters of what a statement says in words; its quotes are whole."""
_MOST_SENTENCES = 3
_MOST_ITEMS = 6
_EARLY = 5
"""Sentences at the beginning of a document in which people say what happened."""
_NOTHING = re.compile(
    r"\W*(?:n/?a|none|nothing|tb[cda]|to be (?:done|determined|confirmed|written)|to ?do|unknown"
    r"|not (?:yet )?(?:known|applicable|recorded)|nobody knows|no|see (?:above|below)|-+|…|\.\.\.|\?+)\W*",
    re.IGNORECASE,
)
_HINT = re.compile(
    r"\W*(?:describe|insert|enter|fill in|summari[sz]e|replace this|provide an?|tb[da]|todo"
    r"|write (?:down )?(?:what|how|who|which|why)|explain (?:what|how|why))\b",
    re.IGNORECASE,
)
"""How the hints of a template begin that nobody has written over."""
_PAST: frozenset[Topic] = frozenset({"symptom", "cause", "trigger", "detection", "delay", "action", "regression-test"})
"""Topics that are about what was; what should be, or nobody knows, does not tell of them."""
_DIVIDED: frozenset[Topic] = frozenset({"symptom", "cause", "action"})
"""Topics whose parts people divide by headings of their own, and still tell of them there."""
_ALSO: Mapping[Topic, frozenset[Topic]] = {
    "symptom": frozenset({"detection", "delay"}),
    "cause": frozenset({"trigger", "reached-production", "missed-signal"}),
    "detection": frozenset({"delay", "missed-signal", "prevention"}),
    "action": frozenset({"regression-test", "prevention"}),
    "prevention": frozenset({"regression-test", "catching-test"}),
}
"""What a part about one topic may also tell of, by the turns of its phrases."""
_WENT_BADLY: frozenset[Topic] = frozenset({"delay", "missed-signal", "reached-production"})
_OPEN_ENDED: frozenset[Topic] = frozenset({"prevention", "action"})
"""Topics of which two sentences may tell."""


def extract(document: Document, passages: Sequence[Passage]) -> Mapping[Topic, Statement]:
    """What a document says of each topic, in its own words; a topic of which it says nothing is not there.

    Args:
        document: the document.
        passages: its passages.
    """
    if document.shape == "sentry":
        title = document.blocks[0]  # what was raised is what was seen
        return {
            "symptom": Statement(
                one_line(document.text[title.start : title.end], MOST_WORDS), (document.quote(title.start, title.end),)
            )
        }
    told = dict(_by_headings(passages))
    by_cues = _by_cues(document, passages)
    statements: dict[Topic, Statement] = {}
    for topic in TOPICS:
        chosen = told[topic] if topic in told else by_cues.get(topic, ())
        if chosen:
            statements[topic] = statement_of(document, chosen)
    return statements


def statement_of(document: Document, passages: Sequence[Passage]) -> Statement:
    """A statement in the words of some passages."""
    words = ""
    for passage in passages:
        between = " " if words.endswith((".", "!", "?", ":")) else "; "
        words = f"{words}{between if words else ''}{passage.text.rstrip(';,')}"
    quotes = tuple(document.quote(passage.start, passage.end) for passage in passages)
    return Statement(one_line(words, MOST_WORDS), quotes)


_NOT_KNOWN = re.compile(
    r"(?:\bnot|n't) (?:yet |entirely |fully |really )?(?:sure|certain|known|clear|determined)\b|\bunknown\b",
    re.IGNORECASE,
)
_WISH = re.compile(
    r"\b(?:we|team|that|this|alerting|one) (?:should|could|would|may|might|will|need to)\b"
    r"|\b(?:could|should|may|might) (?:be|have)\b",
    re.IGNORECASE,
)


def says_nothing(text: str) -> bool:
    """Whether a passage holds a place that nobody has filled in, or says that there is nothing to say."""
    return _NOTHING.fullmatch(text) is not None or _HINT.match(text) is not None


def _by_headings(passages: Sequence[Passage]) -> Iterator[tuple[Topic, Sequence[Passage]]]:
    """Topics with a part of their own. An empty choice: the part is there, and says that there is nothing to say."""
    parts: dict[Topic, dict[tuple[bool, int, int], list[Passage]]] = {}
    for passage in passages:
        role = passage.told
        if role is None or role.topic is None:
            continue
        inherited = passage.inherited and passage.label is None
        if not inherited or role.topic in _DIVIDED:
            # Nearer words before wider ones; of parts alike the first.
            key = (inherited, role.rank, passage.section)
            parts.setdefault(role.topic, {}).setdefault(key, []).append(passage)
    for topic, found in parts.items():
        chosen = next((first for key in sorted(found) if (first := _first_of(topic, found[key]))), None)
        if chosen is not None:
            yield topic, chosen
        elif any(
            says_nothing(passage.text) or _NOT_KNOWN.search(passage.text) for part in found.values() for passage in part
        ):
            yield topic, ()


def _first_of(topic: Topic, passages: Sequence[Passage]) -> Sequence[Passage]:
    """As many of the first passages of a part as make a statement."""
    chosen: list[Passage] = []
    size = 0
    for passage in passages:
        unknown = _NOTHING.fullmatch(passage.text) or (topic in _PAST and _NOT_KNOWN.search(passage.text))
        if unknown and not chosen:
            return ()  # and what follows is about not knowing it
        if says_nothing(passage.text) or passage.text.endswith("?") or passage.leads:
            continue
        if topic in _PAST and _WISH.search(passage.text):
            continue
        if chosen and passage.kind != chosen[0].kind:
            break
        most = _MOST_SENTENCES if passage.kind == "sentence" else _MOST_ITEMS
        if chosen and (len(chosen) == most or size + len(passage.text) > MOST_WORDS):
            break
        chosen.append(passage)
        size += len(passage.text) + 2
    return chosen


def _by_cues(document: Document, passages: Sequence[Passage]) -> Mapping[Topic, Sequence[Passage]]:
    found: dict[Topic, list[tuple[int, Passage]]] = {}
    prose = 0
    for passage in passages:
        role = passage.told
        if passage.leads or says_nothing(passage.text) or (role is not None and role.other == "aside"):
            continue
        under = role.other if role is not None else ""
        prose += passage.kind == "sentence"
        for cued in cues_in(document.text[passage.start : passage.end], early=prose <= _EARLY, under=under):
            if _may_tell(role, cued.topic):
                found.setdefault(cued.topic, []).append((cued.weight, _part(document, passage, cued)))
    chosen = {topic: _strongest(topic, cued) for topic, cued in found.items()}
    if "symptom" in chosen and "cause" in chosen:
        # One sentence may tell of both; where there are others, what was seen is told by one of them.
        others = [one for one in found["symptom"] if one[1] not in chosen["cause"]]
        chosen["symptom"] = _strongest("symptom", others or found["symptom"])
    return chosen


def _may_tell(role: Role | None, topic: Topic) -> bool:
    """Whether a sentence under a heading may be taken to tell of a topic."""
    if role is None or role.other in ("summary", "leadup"):
        return True
    if role.other == "timeline":
        return topic == "detection"
    if role.other == "badly":
        return topic in _WENT_BADLY
    return role.topic is not None and (topic == role.topic or topic in _ALSO.get(role.topic, ()))


def _part(document: Document, passage: Passage, cued: Cued) -> Passage:
    start, end = passage.start + cued.start, passage.start + cued.end
    return replace(passage, start=start, end=end, text=fold(document.text[start:end]))


def _strongest(topic: Topic, cued: Sequence[tuple[int, Passage]]) -> Sequence[Passage]:
    best = max(weight for weight, _ in cued)
    chosen = [passage for weight, passage in cued if weight == best]
    most = 2 if topic in _OPEN_ENDED else 1
    return chosen[:most]
