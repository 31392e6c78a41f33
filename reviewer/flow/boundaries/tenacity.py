"""Decorators of tenacity.

`@retry` tries again after every Exception, for ever unless `stop` says otherwise. After the last try a RetryError is
raised in place of the exception, which is only its cause; `reraise=True` raises the exception itself,
`retry_error_cls` another class, and with `retry_error_callback` the caller gets that function's value. What `retry`
does not ask to be tried again passes at once, as itself; a predicate over results alone lets all exceptions pass.

Source: https://tenacity.readthedocs.io/en/latest/#error-handling; tenacity/__init__.py BaseRetrying.iter
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from reviewer.domain.boundary import Retry
from reviewer.flow.boundaries.entry import Candidate, Example
from reviewer.flow.boundaries.registration import Registrations
from reviewer.flow.boundaries.site import MODULE, Arguments, Decorator

_DECORATORS = frozenset({"tenacity.retry", "tenacity.Retrying", "tenacity.AsyncRetrying"})
_AGAIN = "tenacity.TryAgain"

EXAMPLES = (
    Example(
        """
from tenacity import retry, retry_if_exception_type, stop_after_attempt

@retry(stop=stop_after_attempt(3), retry=retry_if_exception_type((OSError, KeyError)))
def load():
    read()
""",
        "load",
        wraps={
            "ConnectionError": "tenacity.RetryError",
            "KeyError": "tenacity.RetryError",
            "ValueError": "ValueError",
            "SystemExit": "SystemExit",
        },
    ),
    Example(
        """
import tenacity

patient = tenacity.retry(stop=tenacity.stop_after_attempt(3) | tenacity.stop_after_delay(9), reraise=True)

@patient
def load():
    read()
""",
        "load",
        wraps={"ConnectionError": "ConnectionError"},
    ),
    Example(
        """
from tenacity import retry

@retry
def load():
    read()
""",
        "load",
        wraps={"OSError": None, "KeyboardInterrupt": "KeyboardInterrupt"},
    ),
    Example(
        """
from tenacity import retry, retry_if_not_exception_type, stop_after_attempt

@retry(
    stop=stop_after_attempt(2),
    retry=retry_if_not_exception_type(KeyError),
    retry_error_callback=lambda state: None,
)
def load():
    read()
""",
        "load",
        wraps={"OSError": None, "KeyError": "KeyError"},
    ),
    Example(
        """
from tenacity import retry, retry_if_result, stop_after_attempt

@retry(stop=stop_after_attempt(2), retry=retry_if_result(lambda found: found is None))
def load():
    read()
""",
        "load",
        wraps={"OSError": "OSError"},
    ),
)


def retries(candidate: Candidate) -> Iterator[Retry]:
    """The decorators of tenacity that a function has."""
    for decorator in candidate.decorators:
        arguments = _arguments(decorator, candidate.file)
        if arguments is not None:
            yield _retry(candidate.file, decorator.line, arguments)


def _arguments(decorator: Decorator, file: Registrations) -> Arguments | None:
    """The arguments of a retry, written in place or in a variable of the module; None for another decorator."""
    if decorator.symbol in _DECORATORS:
        return decorator.arguments
    if not decorator.called and "." not in decorator.written:
        values = file.outline.assigned.get(decorator.written, ())
        made = values[0] if len(values) == 1 else None
        if isinstance(made, ast.Call) and file.symbol(made.func, MODULE) in _DECORATORS:
            return Arguments(made)
    return None


def _retry(file: Registrations, line: int, arguments: Arguments) -> Retry:
    retried, excluded, certain = _predicate(file, arguments.get("retry"))
    stop = arguments.get("stop")
    endless = stop is None or file.symbol(stop, MODULE) == "tenacity.stop_never"
    becomes: str | None = "tenacity.RetryError"
    if arguments.names("retry_error_callback") and arguments.constant("retry_error_callback") != "None":
        becomes = ""
    elif arguments.names("reraise"):
        becomes = becomes if arguments.constant("reraise") == "False" else None
        certain = certain and arguments.constant("reraise") is not None
    elif arguments.names("retry_error_cls"):
        becomes = next(iter(file.types(arguments.get("retry_error_cls"))), becomes)
    return Retry("tenacity", line, (*retried, _AGAIN), excluded, _attempts(stop), endless, becomes, certain)


def _predicate(file: Registrations, node: ast.expr | None) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    """What a `retry=` argument tries again after, what not, and whether it tells."""
    if node is None:
        return ("Exception",), (), True
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        left, right = _predicate(file, node.left), _predicate(file, node.right)
        return (*left[0], *right[0]), (*left[1], *right[1]), left[2] and right[2]
    name = (file.symbol(node.func, MODULE) or "").rpartition(".")[2] if isinstance(node, ast.Call) else ""
    given = Arguments(node).get("exception_types", 0) if isinstance(node, ast.Call) else None
    if name == "retry_if_exception_type":
        return file.types(given) or ("Exception",), (), given is None or bool(file.types(given))
    if name == "retry_if_not_exception_type":
        return ("BaseException",), file.types(given), bool(file.types(given))
    if name in ("retry_if_result", "retry_if_not_result"):
        return (), (), True
    return ("Exception",), (), False


def _attempts(node: ast.expr | None) -> int | None:
    for part in ast.walk(node) if node is not None else ():
        if isinstance(part, ast.Call):
            name = part.func.attr if isinstance(part.func, ast.Attribute) else getattr(part.func, "id", "")
            if name == "stop_after_attempt":
                return Arguments(part).number("max_attempt_number", 0)
    return None
