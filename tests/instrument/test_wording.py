"""How loud a line is."""

from __future__ import annotations

import pytest

from tests.instrument.workshop import added, code

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
        ("Missing", "x = h(a)", "g(a)"),
        ("Missing", "raise ValueError(a)", "g(a)"),
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
