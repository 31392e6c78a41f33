"""Which other places of a file do the same, and whether handling its failure is the habit there."""

from __future__ import annotations

import textwrap

from reviewer.code.source import decode
from reviewer.code.unit import read_units
from reviewer.domain.fact import Call, Unit
from reviewer.flow.hierarchy import Hierarchy
from reviewer.flow.sibling import Siblings
from reviewer.knowledge.lookup import Knowledge

KNOWLEDGE = Knowledge()


def _example(text: str, *exceptions: str, asked: str = "asked") -> tuple[str, int] | None:
    """The function and line that the only named call of `asked` is shown as an example."""
    source = decode("shop/example.py", textwrap.dedent(text).lstrip("\n").encode())
    code = read_units(source, None, KNOWLEDGE)
    siblings = Siblings(code.units, Hierarchy(KNOWLEDGE, code.outline.bases))
    found = siblings.protected(_call(next(unit for unit in code.units if unit.name == asked)), exceptions)
    return None if found is None else (found.unit.name, found.call.span.line)


def _call(unit: Unit) -> Call:
    (call,) = (fact for fact in unit.facts if isinstance(fact, Call) and fact.callee is not None)
    return call


PROTECTED = """
import os

def asked(path):
    os.unlink(path)

def careful(path):
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass
"""
BARE = """
def careless(path):
    os.unlink(path)
"""
AGAIN = """
def careful_too(path):
    try:
        os.unlink(path)
    except OSError:
        return
"""


def test_the_same_call_that_is_protected_elsewhere_is_the_example() -> None:
    assert _example(PROTECTED, "FileNotFoundError") == ("careful", 8)


def test_the_first_of_several_protected_places_is_the_example() -> None:
    assert _example(PROTECTED + AGAIN, "FileNotFoundError") == ("careful", 8)


def test_only_a_place_that_handles_all_of_the_failures_counts() -> None:
    assert _example(PROTECTED + AGAIN, "FileNotFoundError", "PermissionError") == ("careful_too", 14)


def test_more_bare_places_than_protected_ones_are_no_habit() -> None:
    assert _example(PROTECTED + BARE, "FileNotFoundError") is None


def test_as_many_bare_places_as_protected_ones_are_one() -> None:
    assert _example(PROTECTED + BARE + AGAIN, "FileNotFoundError") == ("careful", 8)


def test_a_place_under_another_try_is_neither_bare_nor_protected() -> None:
    text = """
    def elsewhere(path):
        try:
            os.unlink(path)
        except ValueError:
            pass
    """
    assert _example(PROTECTED + textwrap.dedent(text), "FileNotFoundError") == ("careful", 8)


def test_the_asked_call_counts_as_bare_whatever_stands_around_it() -> None:
    text = PROTECTED.replace(
        "    os.unlink(path)\n\ndef", "    try: os.unlink(path)\n    except ValueError: pass\n\ndef"
    )
    assert _example(text, "FileNotFoundError") == ("careful", 9)
    assert _example(text + BARE, "FileNotFoundError") is None


def test_a_call_is_never_its_own_example() -> None:
    text = """
    import os

    def asked(path):
        try:
            os.unlink(path)
        except FileNotFoundError:
            pass
    """
    assert _example(text, "FileNotFoundError") is None


def test_the_same_call_on_another_thing_is_no_sibling() -> None:
    assert _example(PROTECTED.replace("        os.unlink(path)", "        os.unlink(folder)"), "OSError") is None


def test_to_read_a_file_is_no_sibling_of_writing_it() -> None:
    text = """
    def asked(path):
        return open(path, "w")

    def careful(path):
        try:
            return open(path{mode})
        except OSError:
            return None
    """
    assert _example(text.format(mode=""), "FileNotFoundError") is None
    assert _example(text.format(mode=', "a"'), "FileNotFoundError") == ("careful", 6)


def test_a_function_of_the_file_is_the_same_whatever_it_is_given() -> None:
    text = """
    def saved(order):
        return order

    def asked(order):
        saved(order)

    def careful(other):
        try:
            saved(other)
        except ValueError:
            pass
    """
    assert _example(text, "ValueError") == ("careful", 9)


def test_a_try_around_more_than_the_call_is_not_meant_for_it() -> None:
    assert _example(PROTECTED.replace("    try:\n", "    try:\n        os.mkdir(path)\n"), "OSError") is None
    assert _example(PROTECTED.replace("    try:\n", "    try:\n        unknown(path)\n"), "OSError") is None


def test_a_try_around_the_call_and_what_cannot_leave_the_process_is_meant_for_it() -> None:
    text = PROTECTED.replace("    try:\n", "    try:\n        str(path)\n")
    assert _example(text, "FileNotFoundError") == ("careful", 9)


def test_a_clause_that_raises_again_is_no_protection() -> None:
    assert _example(PROTECTED.replace("pass", "raise"), "FileNotFoundError") is None
