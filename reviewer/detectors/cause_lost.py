"""Reason of a failure that is told to nobody.

A handler raises another exception `from None` or answers with fixed words, and neither logs nor mentions the error
that it caught.

Why: The person who reads the report sees that something failed and not what: a missing file, a refused connection and
a mistake in the program look the same.

Instead: Put the caught error into the message, raise `from` it, or log it.

Source: https://docs.python.org/3/tutorial/errors.html#exception-chaining
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.judging import is_broad
from reviewer.detectors.rule import Rule, View
from reviewer.detectors.wording import clause, exception
from reviewer.domain.fact import Handler, Raise, TryStatement
from reviewer.domain.finding import Finding, Question, Severity

QUESTION = Question.THROWS
SEVERITY = Severity.LOW

BAD = (
    """
class ConfigError(Exception):
    pass

def load(path):
    try:
        return parse(path)
    except Exception:
        raise ConfigError("cannot load the configuration") from None  #!
""",
    """
def send(client, message):
    try:
        client.send(message)
    except Exception:  #!
        answer = {"error": "sending failed"}
        return answer
    return {"error": None}
""",
)
GOOD = (
    """
class ConfigError(Exception):
    pass

def load(path):
    try:
        return parse(path)
    except Exception as error:
        raise ConfigError(f"cannot load the configuration: {error}") from None
""",
    """
def find(table, key):
    try:
        return table[key]
    except KeyError:
        raise LookupError(f"no {key}") from None
""",
)


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find broad handlers that pass on neither the error nor its text."""
    if view.is_test:
        return
    for fact in view.unit.facts:
        if isinstance(fact, Raise):
            handler = fact.handler
            if handler is not None and fact.cause == "None" and not fact.reraise and _loses(handler):
                raised = exception(fact.exception or "")
                yield rule.finding(
                    view,
                    fact,
                    f"raise {raised} from None hides what {clause(handler)} caught",
                    exceptions=(fact.exception,) if fact.exception else (),
                )
        elif isinstance(fact, TryStatement) and fact.statement is not None:
            for handler in fact.statement.handlers:
                if handler.returns and not handler.silent and not handler.raises and _loses(handler):
                    yield rule.finding(
                        view,
                        fact,
                        f"{clause(handler)} returns {handler.returns} and does not say what went wrong",
                        span=handler.span,
                    )


def _loses(handler: Handler) -> bool:
    mentions = handler.logs or handler.uses_error or handler.reraises or handler.may_reraise
    return is_broad(handler.types) and not mentions
