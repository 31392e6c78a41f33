"""What code asks: its signs, what the reviewer's own rules find in it, and the names that it uses."""

from __future__ import annotations

import builtins
import keyword
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from reviewer.catalog.lookup.question import Part, ask_in_words, terms_for, worth_of
from reviewer.catalog.lookup.signs.registry import signs_in
from reviewer.catalog.lookup.vocabulary import Vocabulary, identifiers_of, tokens_of, vocabulary
from reviewer.detectors.rule import View
from reviewer.domain.finding import Finding, Severity

_SIGN = 2.0
"""What a sign counts beside a word of a question: it says what the code does, a word only what it is called."""
_LATER_IDEA = 0.2
"""What each further idea of a sign counts less than the one before it."""
_LOUD, _QUIET = 2.0, 0.6
"""What an idea counts that one of the reviewer's rules found, by how loud it was."""
_NAME = 0.5
"""What an idea counts that a name stands for."""
_WORD = 0.25
"""What a word counts that is part of a name."""
_REMARK = 0.6
"""What a part of a question counts that a remark in the code asks."""
_NEAR_IDEA = 0.3
_MOST_WORDS = 60
"""Words of a unit that are looked at."""
_COMMENT = re.compile(r"(?:^|\s)#\s*(.+)$", re.MULTILINE)
_NO_WORDS = frozenset({*keyword.kwlist, *(name.lower() for name in dir(builtins)), "self", "cls", "return", "import"})


@dataclass(frozen=True, slots=True)
class Code:
    """A unit that is asked about.

    Attributes:
        view: the unit.
        findings: what the reviewer's own rules found in it.
        text: its source.
        before: lines that stand before what the person gave; taken off the numbers that are told.
    """

    view: View
    findings: Sequence[Finding]
    text: str
    before: int = 0


def ask_by_code(code: Code) -> list[Part]:
    """The parts of the question that a unit asks."""
    ideas = vocabulary()
    best: dict[str, tuple[float, str]] = {}
    for idea, weight, says in (*_from_signs(code), *_from_findings(code, ideas), *_from_names(code, ideas)):
        best[idea] = max(best.get(idea, (0.0, "")), (weight, says))
    parts = [
        Part(says, terms_for(idea, ideas, _NEAR_IDEA), weight, idea) for idea, (weight, says) in sorted(best.items())
    ]
    return [*parts, *_words(code.text), *_remarks(code.text)]


def _from_signs(code: Code) -> Iterator[tuple[str, float, str]]:
    for sign in signs_in(code.view):
        for at, idea in enumerate(sign.ideas):
            yield idea, _SIGN * (1 - _LATER_IDEA * min(at, 3)), f"{sign.says} (line {sign.line - code.before})"


def _from_findings(code: Code, ideas: Vocabulary) -> Iterator[tuple[str, float, str]]:
    for finding in code.findings:
        weight = _QUIET if finding.severity is Severity.LOW else _LOUD
        for idea in ideas.shown_by.get(finding.rule, ()):
            yield idea, weight, f"meets the rule {finding.rule} (line {finding.line - code.before})"


def _from_names(code: Code, ideas: Vocabulary) -> Iterator[tuple[str, float, str]]:
    for name in identifiers_of(code.text):
        for idea in ideas.named(name):
            yield idea, _NAME * worth_of(idea, ideas), f"names {name}"
    tokens = tokens_of(code.text)
    for mention in ideas.mentions(tokens):
        said = "_".join(token.text for token in tokens[mention.start : mention.end])
        yield mention.idea, _NAME * worth_of(mention.idea, ideas), f"names {said}"


def _remarks(text: str) -> list[Part]:
    """What the comments say, as far as they say anything of the field."""
    remarks = " . ".join(_COMMENT.findall(text))
    return [
        Part(f'says "{part.says}"', part.terms, part.weight * _REMARK, part.idea)
        for part in ask_in_words(remarks)
        if part.idea
    ]


def _words(text: str) -> list[Part]:
    counts: defaultdict[str, int] = defaultdict(int)
    said: dict[str, str] = {}
    for token in tokens_of(text):
        if not token.empty and token.text not in _NO_WORDS and not token.text.isdigit():
            counts[token.stem] += 1
            said.setdefault(token.stem, token.text)
    common = sorted(counts, key=lambda stem: (-counts[stem], stem))[:_MOST_WORDS]
    return [Part(said[stem], {stem: 1.0}, _WORD) for stem in common]
