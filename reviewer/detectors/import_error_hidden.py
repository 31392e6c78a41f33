"""Import that fails in silence.

A function imports something, uses it, and drops the ImportError without a word.

Why: A name that was renamed or never existed looks like an optional package that is not installed: the branch never
runs again, and nobody is told.

Instead: Import optional packages at the top of the file into a flag, let own modules fail loudly, and log what is
left out.

Source: https://docs.python.org/3/library/exceptions.html#ImportError
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.rule import Rule, View
from reviewer.detectors.wording import clause
from reviewer.domain.fact import Call, Handler, TryStatement
from reviewer.domain.finding import Confidence, Evidence, Finding, Question, Severity

QUESTION = Question.THROWS
SEVERITY = Severity.LOW

BAD = (
    """
def names(found):
    try:
        from settings import EXTRA_NAMES
        found.extend(EXTRA_NAMES)
    except ImportError:  #!
        pass
    return sorted(found)
""",
)
GOOD = (
    """
try:
    import tomllib
    PARSERS = {"toml": tomllib.loads}
except ImportError:
    PARSERS = {}
""",
    """
def names(found, log):
    try:
        from settings import EXTRA_NAMES
        found.extend(EXTRA_NAMES)
    except ImportError:
        log.info("no extra names")
    return sorted(found)
""",
)

_KINDS = frozenset({"ImportError", "ModuleNotFoundError"})


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find silent handlers of ImportError alone, around more than the import."""
    if view.is_test or view.unit.kind in ("module", "class"):
        return
    for fact in view.unit.facts:
        if not isinstance(fact, TryStatement) or fact.statement is None or fact.statement.suppress:
            continue
        used = next((one for one in fact.body if isinstance(one, Call)), None)
        handler = next((one for one in fact.statement.handlers if _is_dropped(one)), None)
        if handler is not None and used is not None:
            yield rule.finding(
                view,
                fact,
                f"{clause(handler)} silently hides a broken import",
                span=handler.span,
                confidence=Confidence.LOW,
                exceptions=("ImportError",),
                evidence=(Evidence(view.path, fact.span.line, "what is left out then"),),
            )


def _is_dropped(handler: Handler) -> bool:
    return _KINDS.issuperset(handler.types) and handler.silent and handler.returns is None and not handler.logs
