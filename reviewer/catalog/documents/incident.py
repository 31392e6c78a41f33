"""Whether a document tells of an incident in software at all, and whether it is in a language that can be read here."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

from reviewer.catalog.documents.document import Document
from reviewer.domain.lesson import Topic
from reviewer.errors import PostmortemError

_SAYS_SO = re.compile(
    r"\b(?:post[- ]?mortem|incident|outage|retrospective|rca|root cause|störung|panne|incidente|incidencia)"
    r"|障害|事故|故障",
    re.IGNORECASE,
)
"""How documents of this sort call themselves, in the languages that are met most."""
_FIELD = re.compile(
    r"\b(?:outages?|incidents?|downtime|deploy(?:s|ed|ment|ments|ing)?|roll(?:ed)?[ -]?backs?|rollouts?|servers?"
    r"|databases?|bugs?|crash(?:ed|es|ing)?|exceptions?|time-?outs?|timed out|latency|commits?|releases?"
    r"|patch(?:ed|es)?|regressions?|production|alerts?|alerted|monitoring|dashboards?|api|https?|requests?|responses?|queries|query|queue"
    r"|cache[sd]?|clients?|backends?|connections?|threads?|process(?:es)?|workers?|tests?|code|python|libraries|library"
    r"|memory|cpu|disk|cluster|nodes?|pods?|users?|customers?|services?|errors?|hotfix|on-?call|sre|config(?:uration)?"
    r"|certificates?|dns|sql|lock(?:s|ed)?|deadlocks?|transactions?|migrations?|stack ?trace|traceback|logs?|metrics?"
    r"|endpoints?|upload(?:s|ed)?|versions?|upgrade[ds]?|parser?|regular expression|event loop|async(?:io)?|retry"
    r"|retries|retried|fix(?:ed|es)?|vulnerability|attackers?|input)\b",
    re.IGNORECASE,
)
"""Words of the trade; none of them alone makes an incident."""
_FAILED = re.compile(
    r"\b(?:fail(?:s|ed|ing|ures?)?|errors?|outages?|down|downtime|crash\w*|broken?|unavailable|unreachable|incidents?"
    r"|bugs?|leak\w*|hangs?|hung|stuck|slow|timeouts?|timed out|exceptions?|vulnerab\w+|exhaust\w*|deadlock\w*"
    r"|block(?:s|ed|ing)?|lost|corrupt\w*|wrong|missing|regression|degraded|expired|race|overflow|bypass|attack\w*"
    r"|denial|could not|cannot|unable|stopped|rejected)\b",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_COMMON = frozenset(
    {"the", "and", "to", "that", "with", "from", "were", "this", "which", "it", "for", "by", "are", "be", "was", "of"}
    | {"in", "is", "a", "an", "as", "on", "at", "not", "had", "has"}
)
"""Words of which every English text consists to a third."""
_LEAST_ENGLISH = 0.12
_UNTOLD = frozenset({"code", "heading", "note", "table-head"})
_LEAST_WORDS = 25
_LEAST_FOR_LANGUAGE = 30
_LEAST_OF_FIELD = 0.02
_LEAST_DISTINCT = 3
_WORDS_A_THING = 40
_LONG = 300
"""Words from which a text has to say more than that something failed."""
_TELLING: frozenset[Topic] = frozenset({"symptom", "cause", "trigger", "detection", "action"})


@dataclass(frozen=True, slots=True)
class Prose:
    """The words of a document outside of code.

    Attributes:
        words: how many.
        english: whether they are English, as far as so many tell.
        field: the share of words of the trade.
        distinct: how many different ones.
        failed: whether anything is said to have failed.
        says_so: whether its name, title or headings call it a post-mortem.
    """

    words: int
    english: bool
    field: float
    distinct: int
    failed: bool
    says_so: bool


def prose_of(document: Document) -> Prose:
    """What the words of a document are like."""
    told = [document.text[block.start : block.end] for block in document.blocks if block.kind not in _UNTOLD]
    headings = [document.text[block.start : block.end] for block in document.blocks if block.kind == "heading"]
    text = " ".join(told)
    words = [word.lower() for word in _WORD.findall(text)]
    letters = sum(1 for char in text if char.isalpha())
    foreign = sum(1 for char in text if char.isalpha() and ord(char) > 0x24F)
    common = sum(1 for word in words if word in _COMMON)
    english = foreign <= letters / 4 and (len(words) < _LEAST_FOR_LANGUAGE or common >= _LEAST_ENGLISH * len(words))
    text = " ".join([*headings[:1], text])
    field = [found[0].lower() for found in _FIELD.finditer(text)]
    return Prose(
        words=len(words),
        english=english,
        field=len(field) / max(1, len(words)),
        distinct=len(set(field)),
        failed=_FAILED.search(text) is not None,
        says_so=_SAYS_SO.search(" ".join([document.name, document.details.title, *headings[:20]])) is not None,
    )


def require_incident(document: Document, prose: Prose, topics: Collection[Topic], *, fix_given: bool) -> None:
    """Refuse a document that tells of no incident.

    Args:
        document: the document.
        prose: what its words are like.
        topics: what it was found to tell of.
        fix_given: a person or its head names the fix, and so says what it is.

    Raises:
        PostmortemError: it is something else; the error says what is missing.
    """
    if document.shape in ("github-advisory", "sentry"):
        return
    if not prose.english:
        if fix_given or prose.says_so:
            return
        raise PostmortemError(
            document.name,
            "is not in English, and nothing says that it is a post-mortem; translate it, or name its fix in its head",
        )
    if fix_given or document.shape == "github-issue":
        if prose.failed or topics:
            return
    elif _tells(prose, topics):
        return
    raise PostmortemError(document.name, f"is no post-mortem: {_missing(prose, topics)}")


def _tells(prose: Prose, topics: Collection[Topic]) -> bool:
    if not _is_of_field(prose):
        return False
    if not prose.failed and len(topics) < 2:
        return False
    if prose.says_so and prose.words >= _LONG:
        return True
    telling = len(_TELLING.intersection(topics))
    if prose.words < _LONG or prose.says_so:
        return bool(topics)
    return telling >= 2 or (telling >= 1 and len(topics) >= 3)


def _is_of_field(prose: Prose) -> bool:
    """Whether it speaks of software; a few words can name only a few things."""
    least = min(_LEAST_DISTINCT, 1 + prose.words // _WORDS_A_THING)
    return prose.field >= _LEAST_OF_FIELD and prose.distinct >= least


def _missing(prose: Prose, topics: Collection[Topic]) -> str:
    if prose.words < _LEAST_WORDS and not topics:
        return f"it has {prose.words} words; write down what happened, why, and what was done about it"
    if not _is_of_field(prose):
        return "it does not speak of software; give a document that tells what failed, why, and what was done about it"
    told = {
        "symptom": "what failed",
        "cause": "why",
        "action": "what was done about it",
        "detection": "how it was noticed",
    }
    missing = [words for topic, words in told.items() if topic not in topics]
    return (
        f"it does not say {', '.join(missing[:-1])}{' or ' if len(missing) > 1 else ''}{missing[-1]}; write that down"
        if missing
        else ("it does not say that anything failed; write that down")
    )
