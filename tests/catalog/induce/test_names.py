"""Which names mean the same in another project."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.catalog.induce.names import Names

SOURCE = b"""\
import requests
from shop.gateway import charge

LIMIT = 5
retries: int = 3

class Order:
    def pay_now(self, client):
        self.gateway = client
        self.total: int = 0
        local = 1
        return charge(self)

async def fetch_prices():
    return LIMIT == 4
"""


@pytest.fixture
def names() -> Names:
    return Names([SOURCE], ["shop"], frozenset({"get", "pay_now"}))


@pytest.mark.parametrize(
    ("feature", "value", "common"),
    [
        ("callee", "requests.get", True),
        ("callee", "shop.gateway.charge", False),
        ("callee", ".Order.pay_now", False),
        ("callee", "open", True),
        ("callee", "dict.get", True),
        ("callee", "self.pay", False),
        ("callee", "", False),
        ("exception", "asyncio.CancelledError", True),
        ("exception", "ValueError", True),
        ("exception", "Order", False),
        ("library", "shop", False),
        ("library", "redis", True),
        ("method", "fetch_pages", True),
        ("method", "fetch_prices", False),
        ("method", "Order", False),
        ("method", "gateway", False),
        ("method", "LIMIT", False),
        ("method", "retries", False),
        ("method", "local", True),  # what only a function knows is a name that anybody may give
        ("method", "get", True),
        ("method", "pay_now", True),  # a described library has it too
        ("method", "append", True),
        ("argument", "0", True),
        ("argument", "timeout", True),
        ("argument", "total", False),
        ("argument-value", "timeout=None", True),
        ("argument-value", "timeout=5", True),
        ("argument-value", "timeout=-0.5", True),
        ("argument-value", "0='shop.db'", False),
        ("argument-value", "total=None", False),
        ("argument-type", "0:str", True),
        ("argument-type", "timeout:int", True),
        ("argument-type", "0:Order", False),
        ("argument-type", "total:int", False),
        ("literal", "None", True),
        ("literal", "17", False),
        ("literal", "'shop'", False),
    ],
)
def test_names_of_python_and_of_libraries_are_common_and_those_of_the_project_are_not(
    names: Names, feature: str, value: str, common: bool
) -> None:
    assert names.are_common(feature, value) is common


@pytest.mark.parametrize(
    ("feature", "value", "may"),
    [
        ("literal", "17", True),
        ("compares-to", "b''", True),
        ("argument-value", "0='socket_timeout'", True),
        ("argument-value", "total='x'", False),
        ("unit-name", "__exit__", True),
        ("unit-name", "pay_now", True),
        ("unit-name", "fetch_prices", False),
        ("method", "fetch_prices", False),
        ("callee", "shop.gateway.charge", False),
        ("callee", ".Order", False),
    ],
)
def test_whoever_writes_a_query_may_choose_constants_and_no_more_names(
    names: Names, feature: str, value: str, may: bool
) -> None:
    assert names.may_be_told(feature, value) is may


def test_words_that_other_code_has_too_are_no_names_of_the_project(names: Names) -> None:
    assert not names.are_common("method", "fetch_prices")
    assert names.knowing(frozenset({"fetch_prices"})).are_common("method", "fetch_prices")
    assert not names.knowing(frozenset({"charge"})).are_common("callee", "shop.gateway.charge")


def test_a_project_without_files_made_no_names() -> None:
    assert Names([], [], frozenset()).are_common("method", "pay_now")


@given(st.text(), st.text(), st.binary())
def test_any_text_is_common_or_not(feature: str, value: str, content: bytes) -> None:
    names = Names([content], [value], frozenset())
    assert names.are_common(feature, value) in (True, False)
    assert names.may_be_told(feature, value) in (True, False)


@given(st.from_regex(r"[a-z_]{3,12}", fullmatch=True))
def test_what_the_project_defines_is_never_common_by_its_path(name: str) -> None:
    names = Names([f"def {name}():\n    pass\n".encode()], ["shop"], frozenset())
    assert not names.are_common("callee", f"shop.{name}")
    assert not names.are_common("callee", f".{name}")
