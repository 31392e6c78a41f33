"""How loud a line is, and when it has a traceback."""

from __future__ import annotations

import pytest

from tests.instrument.workshop import CALLS, added, code

HEAD = """
import logging
import configparser
import requests

logger = logging.getLogger(__name__)
"""


def body(kind: str, steps: str, call: str = "g(a)") -> str:
    return f"{HEAD}def f(a):\n    x = 0\n    try:\n        {call}\n    except {kind}:\n        {steps}\n    return x\n"


@pytest.mark.parametrize("kind", ["KeyError", "configparser.NoOptionError", "(ValueError, MissingError)", "OSError"])
@pytest.mark.parametrize(
    "steps", ["pass", "x = None", "return {}", "return a", "if a is None:\n            raise\n        return a"]
)
def test_an_expected_error_that_is_answered_with_a_default_is_for_debugging_and_keeps_no_frames_alive(
    kind: str, steps: str
) -> None:
    assert added(body(kind, steps)) == code("logger.debug('f_failed', extra={'a_type': type(a).__name__})")


@pytest.mark.parametrize(
    ("kind", "steps", "call"),
    [
        ("MissingError", "x = h(a)", "g(a)"),
        ("MissingError", "raise ValueError(a)", "g(a)"),
        ("TimeoutError", "pass", "g(a)"),
        ("OSError", "pass", "requests.get('https://x', timeout=1)"),
        ("requests.ConnectionError", "pass", "g(a)"),
        ("Missing", "pass", "requests.get('https://x', timeout=1)"),
        ("Exception", "pass", "g(a)"),
    ],
)
def test_what_is_acted_upon_unexpected_or_comes_from_outside_is_told_loudly(kind: str, steps: str, call: str) -> None:
    (line,) = added(body(kind, steps, call))
    assert line.startswith(("logger.warning(", "logger.error(", "logger.exception("))
    assert "logger.exception(" in line or "exc_info=True" in line


def test_a_module_whose_handlers_speak_is_followed() -> None:
    spoken = "".join(
        f"def g{at}(a):\n    try:\n        h(a)\n    except Missing:\n        logger.info('no')\n        return None\n"
        for at in range(5)
    )
    (line,) = added(f"{body('Missing', 'return None')}{spoken}")
    assert line.startswith("logger.info(")


def loud(count: int, name: str = "g") -> str:
    """Functions whose handlers tell of what they did not expect as an error."""
    return "".join(
        f"def {name}{at}(a):\n    try:\n        h(a)\n    except Exception:\n        logger.error('no')\n        x = k(a)\n"
        for at in range(count)
    )


@pytest.mark.parametrize("kind", ["StopIteration", "StopAsyncIteration", "(StopIteration, GeneratorExit)"])
def test_the_end_of_an_iterator_is_no_error_in_a_module_that_is_loud(kind: str) -> None:
    (line,) = added(f"{body(kind, 'x = k(a)', 'next(a)')}{loud(5)}")
    assert line.startswith("logger.debug(")
    assert "exc_info" not in line


@pytest.mark.parametrize(
    ("kind", "level"), [("CloseSpider", "warning"), ("NoMoreData", "warning"), ("SpiderError", "error")]
)
def test_an_exception_that_is_no_error_by_its_name_is_a_warning_at_most(kind: str, level: str) -> None:
    spoken = "".join(
        f"def g{at}(a):\n    try:\n        g(a)\n    except {kind}:\n        logger.error('no')\n        x = k(a)\n"
        for at in range(5)
    )
    (line,) = added(f"{body(kind, 'x = k(a)')}{spoken}")
    assert line.startswith(f"logger.{level.replace('error', 'exception')}(")
    assert "exc_info" not in line


def test_an_error_that_is_kept_for_later_is_for_debugging() -> None:
    (line,) = added(body("MissingError as error", "self.result = error"))
    assert line.startswith("logger.debug(")


def test_a_line_for_debugging_has_the_traceback_where_nothing_else_tells_the_error() -> None:
    spoken = "".join(
        f"def g{at}(a):\n    try:\n        g(a)\n    except KIND:\n        logger.debug('no')\n        return None\n"
        for at in range(5)
    )
    for kind, has in (("Exception", True), ("MissingError", False)):
        (line,) = added(f"{body(kind, 'return None')}{spoken.replace('KIND', kind)}")
        assert line.startswith("logger.debug(")
        assert ("exc_info=True" in line) == has


def test_a_clause_whose_likes_are_silent_is_for_debugging_in_a_module_that_speaks() -> None:
    text = body("RuntimeError", "pass") + loud(1)
    silent = "".join(
        f"def s{at}(a):\n    try:\n        g(a)\n    except RuntimeError:\n        pass\n" for at in range(4)
    )
    assert not added(text)[0].startswith("logger.debug(")
    assert [line.partition("(")[0] for line in added(text + silent)] == 5 * ["logger.debug"]


def test_the_likest_clauses_of_the_whole_project_are_followed() -> None:
    told = "import logging\nlogger = logging.getLogger()\n" + "".join(
        f"def close_port{at}(a):\n    try:\n        shut(a)\n    except MissingError:\n        logger.{level}('no')\n"
        f"        {step}\n"
        for at, (level, step) in enumerate([("info", "x = forget(a)"), ("error", "restart(a.server)")] * 3)
    )
    text = body("MissingError", "x = forget(a)", "shut(a)").replace("def f", "def close_port")
    for path in ("shop/web/other.py", "core/net/port.py"):
        (line,) = added(text, path="core/net/tcp/app.py", files={path: told} | {"core/net/tcp/x.py": ""})
        assert line.startswith("logger.info(") == path.startswith("core/")


@pytest.mark.parametrize(
    ("kind", "steps", "level"), [("KeyError", "x = k(a)", "debug"), ("MissingError", "pass", "warning")]
)
def test_a_silent_module_is_not_as_loud_as_a_loud_project(kind: str, steps: str, level: str) -> None:
    shouting = "import logging\nlogger = logging.getLogger()\n" + "".join(
        f"def f{at}(a):\n    try:\n        g(a)\n    except {kind}:\n        logger.error('no')\n        {steps}\n"
        for at in range(5)
    )
    (line,) = added(body(kind, steps), files={"shop/other.py": shouting})
    assert line.startswith(f"logger.{level}(")
    assert "exc_info" not in line


def test_one_line_that_is_alike_in_nothing_does_not_outweigh_what_most_people_do() -> None:
    (line, *_) = added(body("RuntimeError", "pass", "loop.current()") + loud(1))
    assert line.startswith("logger.debug(")


def test_a_call_is_told_as_loudly_as_the_lines_near_it() -> None:
    text = f"{HEAD}def f(a):\n    x = requests.get(a, timeout=1)\n    return x\n"
    near = "\n\ndef g(a):\n    logger.{}('x')\n"
    far = "\n" * 200 + "".join(f"def h{at}(a):\n    logger.debug('x')\n" for at in range(3))
    for level in ("debug", "info"):
        lines = added(text + near.format(level) + far, CALLS)
        assert lines[-1].startswith(f"logger.{level}(")
    assert added(text, CALLS)[-1].startswith("logger.debug(")
