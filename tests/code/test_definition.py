"""Definitions that a changed unit reaches, read when they are asked for."""

from __future__ import annotations

from reviewer.code.definition import Definitions
from reviewer.code.limits import Limits
from tests.code.reading import read

TEXT = """\
def changed(): return helper()

def helper():
    def inner(): pass
    return 1

class Base:
    def __init__(self): pass
    def save(self): pass

class Order(Base):
    def send(self): pass

class A(B): pass
class B(A): pass
"""


def definitions(seconds: float = 10.0) -> Definitions:
    return Definitions(read(TEXT, changed={1}), Limits(seconds=seconds))


def test_a_function_outside_of_the_change_is_read_with_those_inside_it() -> None:
    found = definitions()
    helper, inner = found.unit("helper"), found.unit("helper.inner")
    assert helper is not None
    assert inner is not None
    assert (helper.line, inner.line, helper.changed) == (3, 4, None)


def test_what_is_no_function_of_the_file_is_not_read() -> None:
    found = definitions()
    assert [found.unit(name) for name in ("Order", "open", "helper.missing")] == [None, None, None]


def test_a_method_is_looked_up_in_the_bases_of_the_file() -> None:
    found = definitions()
    assert found.method("Order", "save") == "Base.save"
    assert found.method("Order", "send") == "Order.send"
    assert found.constructor("Order") == "Base.__init__"
    assert found.method("Order", "missing") is None
    assert found.method("A", "save") is None


def test_all_that_is_read_outside_of_the_change_has_a_bound_too() -> None:
    found = definitions(seconds=-1.0)
    assert found.unit("helper") is None
    assert found.unit("changed") is not None


def test_functions_around_and_beside_a_changed_one_are_at_hand_without_another_look() -> None:
    text = """\
def outer():
    def changed(): return 1
    def beside(): return 2
    return changed
"""
    code = read(text, changed={2})
    assert [unit.name for unit in code.units] == ["outer.changed"]
    found = Definitions(code, Limits(seconds=-1.0))
    around, beside = found.unit("outer"), found.unit("outer.beside")
    assert around is not None
    assert beside is not None
    assert (around.line, around.changed, beside.line, beside.changed) == (1, None, 3, None)
    assert around.facts == read(text).units[0].facts
