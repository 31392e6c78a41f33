"""Whether a sentence clears a change, or the review of it: that is no model's to do, whatever it was talked into.

Words are looked for, and words can be put in many ways. Therefore only letters that every reader knows are let through,
and `summary` keeps no sentence that does not rest on a finding. A sentence too many that is taken for clearing costs
itself; the reviewer's own line stays.
"""

from __future__ import annotations

import re
import unicodedata

_GO_LIVE = r"(?:merged?|deploy(?:ed|ment)?|ship(?:ped)?|go live|roll(?:ed)? out|production)"
_FAULT = r"(?:issue|problem|finding|risk|concern|bug|defect|fault|blocker|objection|danger|remark)s?"
_LOOKED = r"(?:reviewed|checked|covered|tested|verified|inspected|examined|audited|handled)"
_CLEARING = re.compile(
    "|".join(
        (
            r"\b(?:pre ?)?approv(?:e[ds]?|als?|ing|able)\b|\blgtm\b|\bsign(?:ed|s|ing)? ?off\b|\bthumbs up\b",
            r"\bgreen ?light(?:ed)?\b|\bgood to go\b|\bship it\b",
            r"\baccept(?:ed)? (?:this|the) (?:change|patch|commit)\b",
            rf"\b(?:ready|safe|fit|fine|ok|okay|cleared|good|free) (?:to|for)\b[^.;]{{0,25}}\b{_GO_LIVE}\b",
            rf"\b(?:can|may|could|should|please|just|now)(?: (?:be|safely|now|already|just))* {_GO_LIVE}\b",
            # "is not safe" is no clearing.
            r"\b(?:is|are|was|were|be|being|looks?|seems?|appears?|remains?|stays?|all)"
            r"(?: (?!not\b|never\b|hardly\b|no\b)\w+){0,2}? "
            r"(?:safe|fine|ok|okay|clean|good|flawless|perfect|harmless|benign|secure|trivial|unproblematic)\b",
            r"\b(?:change|code|diff|patch|commit|review|report|analysis|coverage|rest|everything)\b"
            r"(?: (?!not\b|never\b|hardly\b|no\b)\w+){0,4}? (?:correct|complete|sound|solid|thorough|ready)\b",
            rf"\b(?:no|zero|without|free of|free from|not any|hardly any)(?: \w+){{0,2}}? {_FAULT}\b",
            r"\b(?:nothing|none)(?: else| more| here)?(?: (?:is|was|were|looks?|seems?|needs?|to|that))+ "
            r"(?:wrong|found|worry|fear|see|check|do|mend|fix|suspicious|look|report|looking|matters?)\b",
            rf"\b(?:everything|fully|completely|entirely|thoroughly|all (?:files?|units?|code|lines?|parts?|of it))\b"
            rf"[^.;]{{0,25}}\b{_LOOKED}\b",
            rf"\b{_LOOKED} (?:fully|completely|entirely|thoroughly|in full)\b",
            r"\bpass(?:es|ed)? (?:the |this |all )*(?:reviews?|checks?|muster)\b",
            r"\bfalse (?:positive|alarm)s?\b|\bno need\b|\bnot worth\b|\bneeds? not be\b|\bno (?:harm|cause for)\b",
            r"\b(?:can|may|should|must|safely)(?: be| safely)* (?:ignored?|skipped|dismissed|disregarded|waived)\b",
            r"\b(?:ignore|skip|dismiss|disregard|waive) (?:this|these|them|it|the|that|all|any|every)\b",
        )
    )
)


def clears(text: str) -> bool:
    """Whether a sentence says that a change is good, may go live or needs no look, or that a review saw everything.

    Args:
        text: a sentence in English; code in backticks is read like words.
    """
    return _CLEARING.search(" ".join(re.sub(r"[^\w.;]+", " ", _folded(text)).split())) is not None


def has_strange_letters(text: str) -> bool:
    """Whether there is a letter that is none of English, accents aside: it may only look like one."""
    return any(char.isalpha() and not char.isascii() for char in _folded(text))


def _folded(text: str) -> str:
    parts = unicodedata.normalize("NFKD", text)
    return "".join(char for char in parts if not unicodedata.combining(char)).casefold()
