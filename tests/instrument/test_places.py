"""Where a log line goes, and where none may stand."""

from __future__ import annotations

import pytest

from reviewer.instrument.proposal import Kind
from tests.instrument.workshop import BOUNDARIES, CALLS, HANDLERS, added, code, reasons

HEAD = """
import logging
import requests

logger = logging.getLogger(__name__)
"""


def lines(body: str, kinds: frozenset[Kind] = HANDLERS, path: str = "shop/app.py") -> list[str]:
    return added(HEAD + body, kinds, path=path)


@pytest.mark.parametrize(
    "ending",
    [
        "pass",
        "return None",
        "continue",
        "x = 1",
        "return str(error)",
        "cleanup(error)",
        "raise ValueError('x') from error",
    ],
)
def test_a_handler_that_ends_or_translates_an_error_gets_a_line(ending: str) -> None:
    assert (
        len(lines(f"def f(a):\n  while a:\n    try:\n      g(a)\n    except OSError as error:\n      {ending}\n")) == 1
    )


@pytest.mark.parametrize(
    "ending",
    [
        "raise",
        "logger.error('no')",
        "print(error)",
        "logging.getLogger('x').info('no')",
        "self.log.debug('no')",
        "if a: raise\n      else: logger.info('no')",
        "raise error",
        "return error",
        "return fail(Failure())",
        "a.future.set_exception(error)",
    ],
)
def test_a_handler_that_passes_on_or_tells_gets_none(ending: str) -> None:
    assert lines(f"def f(self, a):\n    try:\n      g(a)\n    except OSError as error:\n      {ending}\n") == []


def raising(at: int, *, tells: bool) -> str:
    word = "logger.error('no')\n        " if tells else ""
    return f"def f{at}(a):\n    try:\n        g(a)\n    except OSError:\n        {word}raise\n"


@pytest.mark.parametrize(("telling", "silent", "got"), [(0, 2, 0), (1, 1, 0), (2, 1, 1), (3, 2, 2)])
def test_a_handler_that_raises_again_gets_a_line_where_most_others_of_the_module_tell(
    telling: int, silent: int, got: int
) -> None:
    body = "".join(raising(at, tells=at < telling) for at in range(telling + silent))
    assert len(lines(body)) == got


@pytest.mark.parametrize("kind", ["KeyboardInterrupt", "asyncio.CancelledError", "BaseException"])
def test_what_ends_something_on_purpose_is_passed_on_in_silence(kind: str) -> None:
    body = raising(0, tells=True) + raising(1, tells=True) + raising(2, tells=False).replace("OSError", kind)
    assert lines(body) == []


def test_a_clause_that_keeps_an_error_from_a_later_one_stays_silent() -> None:
    body = raising(0, tells=True) + raising(1, tells=True)
    body += "def f(a):\n  try:\n    g(a)\n  except OSError:\n    raise\n  except Exception:\n    logger.error('x')\n"
    assert lines(body) == []


@pytest.mark.parametrize(("telling", "silent", "got"), [(1, 1, 0), (2, 1, 1)])
def test_a_handler_that_gives_its_error_gets_a_line_where_most_others_of_the_module_tell(
    telling: int, silent: int, got: int
) -> None:
    body = "def f{}(a):\n    try:\n        g(a)\n    except OSError as error:\n        {}return error\n"
    told = [body.format(at, "logger.error('no')\n        " if at < telling else "") for at in range(telling + silent)]
    assert len(lines("".join(told))) == got


def test_what_the_caller_asked_to_be_taken_stays_silent() -> None:
    text = (
        "def f(a, ignored):\n    ignored = tuple(ignored)\n    try:\n        g(a)\n    except ignored:\n        h(a)\n"
    )
    assert lines(text) == []
    assert len(lines(text.replace("except ignored", "except Ignored"))) == 1


def test_a_handler_in_a_loop_that_waits_is_not_hot() -> None:
    body = """
def f(pages):
    for page in pages:
        for url in page:
            try:
                requests.get(url, timeout=1)
            except ValueError:
                continue
"""
    assert len(lines(body)) == 1


def test_a_handler_in_an_inner_loop_that_only_computes_is_hot() -> None:
    body = """
def f(rows):
    for row in rows:
        for cell in row:
            try:
                int(cell)
            except ValueError:
                continue
"""
    assert lines(body) == []
    assert reasons(HEAD + body) == ["stands in a hot inner loop"]


@pytest.mark.parametrize(
    ("ending", "number"),
    [
        ("return None", 1),
        ("break", 1),
        ("raise KeyError(cell) from None", 1),
        ("pass", 0),
        ("cell = None", 0),
        ("if cell: continue\n                return None", 0),
    ],
)
def test_a_handler_that_leaves_the_inner_loop_comes_once_in_it(ending: str, number: int) -> None:
    body = f"""
def f(rows):
    for row in rows:
        for cell in row:
            try:
                int(cell)
            except ValueError:
                {ending}
"""
    assert len(lines(body)) == number


def test_an_error_that_is_caught_in_the_inner_loop_comes_again() -> None:
    body = """
def f(rows):
    for row in rows:
        for cell in row:
            try:
                try:
                    int(cell)
                except ValueError as error:
                    raise KeyError(cell) from error
            except KeyError:
                pass
"""
    assert lines(body) == []


def test_what_stands_in_the_else_of_a_loop_is_not_in_the_loop() -> None:
    body = """
def f(rows):
    for row in rows:
        if row:
            break
    else:
        for cell in rows:
            try:
                int(cell)
            except ValueError:
                pass
"""
    assert len(lines(body)) == 1


@pytest.mark.parametrize("name", ["__del__", "__repr__", "__getattr__", "__hash__"])
def test_what_anything_may_call_gets_none(name: str) -> None:
    body = f"class A:\n  def {name}(self, *a):\n    try:\n      g(a)\n    except OSError:\n      pass\n"
    assert reasons(HEAD + body) == [f"{name} may be called anywhere, also while something is being logged"]


def test_logging_itself_gets_none() -> None:
    body = "class H(logging.Handler):\n  def emit(self, r):\n    try:\n      g(r)\n    except OSError:\n      pass\n"
    assert reasons(HEAD + body) == ["is a part of logging itself"]


def test_a_signal_handler_gets_none() -> None:
    body = """
import signal

def stop(number, frame):
    try:
        g(number)
    except OSError:
        pass

signal.signal(signal.SIGTERM, stop)
"""
    assert reasons(HEAD + body) == ["runs inside a signal handler"]


def test_the_import_of_a_module_gets_none() -> None:
    body = "try:\n  import fast\nexcept ImportError:\n  fast = None\n"
    assert reasons(HEAD + body) == ["runs at import time"]


@pytest.mark.parametrize(
    ("path", "head", "reason"),
    [
        ("tests/test_shop.py", "", "is test code"),
        ("shop/_vendor/x.py", "", "is somebody else's code"),
        ("shop/x_pb2.py", "", "is generated code"),
        ("shop/x.py", "# Code generated by protoc. DO NOT EDIT.\n", "is generated code"),
        ("setup.py", "", "is a build script"),
    ],
)
def test_code_that_nobody_maintains_for_production_gets_none(path: str, head: str, reason: str) -> None:
    body = "def f(a):\n    try:\n      g(a)\n    except OSError:\n      pass\n"
    assert reasons(head + HEAD + body, path=path) == [reason]


def test_a_slow_call_is_timed() -> None:
    assert lines("def f():\n    answer = requests.get('https://x', timeout=3)\n    return answer\n", CALLS) == code(
        "import time",
        "started = time.perf_counter()",
        "elapsed = time.perf_counter() - started",
        "logger.debug('f_get_done', extra={'service': 'HTTP server', 'timeout': 3, 'elapsed': elapsed})",
    )


def test_a_slow_call_whose_result_is_returned_is_told_before() -> None:
    assert lines("def f():\n    return requests.get('https://x', timeout=3)\n", CALLS) == code(
        "logger.debug('f_calls_get', extra={'service': 'HTTP server', 'timeout': 3})"
    )


def test_a_returned_call_whose_failure_a_handler_tells_is_not_told_before() -> None:
    body = "def f():\n  try:\n    return requests.get('https://x', timeout=3)\n  except OSError:\n    return None\n"
    assert lines(body, CALLS) == []
    assert len(lines(body, CALLS | HANDLERS)) == 1


def test_a_call_beside_a_log_line_is_told_already() -> None:
    body = "def f():\n    answer = requests.get('https://x', timeout=3)\n    logger.info('got it')\n    return answer\n"
    assert lines(body, CALLS) == []


def test_the_entry_of_a_task_is_told() -> None:
    body = '''
from celery import shared_task

@shared_task
def send(order_id):
    """Send it."""
    deliver(order_id)
'''
    assert lines(body, BOUNDARIES) == code("logger.info('send_started', extra={'order_id': order_id})")


def test_an_entry_that_logs_by_itself_is_left_alone() -> None:
    body = "from celery import shared_task\n\n@shared_task\ndef send(order_id):\n    logger.info('x')\n    deliver(order_id)\n"
    assert lines(body, BOUNDARIES) == []


def test_what_is_never_reached_gets_none() -> None:
    body = "def f(a):\n    return a\n    try:\n        g(a)\n    except OSError:\n        pass\n"
    assert reasons(HEAD + body) == ["is never reached"]
