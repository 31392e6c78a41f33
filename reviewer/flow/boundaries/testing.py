"""Tests and fixtures of pytest and unittest: an exception there is a test result.

Source: https://docs.pytest.org/en/stable/explanation/goodpractices.html#conventions-for-python-test-discovery,
https://docs.python.org/3/library/unittest.html#unittest.TestCase
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.domain.boundary import Boundary, Ending
from reviewer.flow.boundaries.entry import Candidate, Example

_FAILS = Ending("a failing test", "ignored", intended=True)
_CASES = ("unittest.TestCase", "unittest.IsolatedAsyncioTestCase", "unittest.case.TestCase", "django.test.TestCase")
_STEPS = frozenset({"setUp", "tearDown", "setUpClass", "tearDownClass", "asyncSetUp", "asyncTearDown"})

EXAMPLES = (
    Example(
        """
def test_orders():
    check()
""",
        "test_orders",
        "test",
        "test test_orders",
        {"OSError": ("a failing test", "ignored")},
        path="tests/test_orders.py",
    ),
    Example(
        """
import pytest

@pytest.fixture
def order():
    return load()
""",
        "order",
        "test",
        "fixture order",
        path="tests/conftest.py",
    ),
    Example(
        """
import unittest

class Orders(unittest.TestCase):
    def test_sum(self):
        check()
""",
        "Orders.test_sum",
        "test",
        "test Orders.test_sum",
        path="shop/checks.py",
    ),
    Example(
        """
def test_connection():
    return ping()
""",
        "test_connection",
        path="shop/database.py",
    ),
)


def find(candidate: Candidate) -> Iterator[Boundary]:
    """The test or fixture that a function is."""
    for decorator in candidate.decorators:
        if decorator.symbol in ("pytest.fixture", "pytest_asyncio.fixture", "pytest.yield_fixture"):
            yield Boundary("test", "pytest", f"fixture {candidate.name}", decorator.line, _FAILS)
            return
    if candidate.inherits(*_CASES) and (candidate.method.startswith("test") or candidate.method in _STEPS):
        yield Boundary("test", "unittest", f"test {candidate.name}", candidate.line, _FAILS)
    elif candidate.method.startswith("test") and _is_test_file(candidate.file.path):
        yield Boundary("test", "pytest", f"test {candidate.name}", candidate.line, _FAILS)


def _is_test_file(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name.startswith("test_") or name.endswith("_test.py") or name == "tests.py"
