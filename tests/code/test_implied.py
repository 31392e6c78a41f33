"""Conditions that speak of several keys, conditions kept under a name, and for how long those hold."""

from __future__ import annotations

import textwrap

import pytest

from tests.code.reading import probe, probed

HEAD = "import os\nKEYS = ('a', 'b')\nREQUIRED = {'a', 'b'}\n"


def keys(body: str) -> set[str]:
    """The keys that `d` is known to have at the only probe."""
    text = HEAD + "def f(d, e, more, u):\n" + textwrap.indent(textwrap.dedent(body), "    ")
    return {guard[4:] for guard in probe(text).guards if guard.startswith("key:")}


def refused(condition: str) -> set[str]:
    """The keys that `d` is known to have where the condition did not hold."""
    return keys(f"if {condition}:\n    return\nprobe(d)\n")


BOTH = {"'a'", "'b'"}


@pytest.mark.parametrize(
    "condition",
    [
        "{'a', 'b'} - d.keys()",
        "{'a', 'b'} - set(d)",
        "REQUIRED - d.keys()",
        "REQUIRED - set(d.keys())",
        "set(KEYS) - set(d)",
        "frozenset(('a', 'b')) - d.keys()",
        "{'a', 'b'}.difference(d)",
        "set(KEYS).difference(d.keys())",
        "not {'a', 'b'}.issubset(d)",
        "not set(d).issuperset(KEYS)",
        "not {'a', 'b'} <= d.keys()",
        "not d.keys() >= REQUIRED",
        "not (set(d) == REQUIRED)",
        "set(d) != {'a', 'b'}",
        "[k for k in KEYS if k not in d]",
        "[k for k in ['a', 'b'] if not d.get(k)]",
        "[f'no {k}' for k in KEYS if d.get(k) is None]",
        "any(k not in d for k in KEYS)",
        "not all(k in d for k in KEYS)",
        "not all(d.get(k) for k in ('a', 'b'))",
        "len({'a', 'b'} - d.keys()) > 0",
        "len([k for k in KEYS if k not in d]) != 0",
        "(missing := REQUIRED - d.keys())",
    ],
)
def test_a_condition_may_speak_of_several_keys(condition: str) -> None:
    assert refused(condition) == BOTH


@pytest.mark.parametrize(
    "condition",
    [
        "d.keys() - {'a', 'b'}",
        "{'a', 'b'} & d.keys()",
        "{'a', 'b'} - e.keys()",
        "not any(k in d for k in KEYS)",
        "not all(k in d for k in KEYS if k in more)",
        "[k for k in KEYS if k in d]",
        "[k for k in KEYS if k not in d if u]",
        "len({'a', 'b'} - d.keys()) > 1",
        "all(k not in d for k in KEYS)",
        "not ({'a', 'b'} - d.keys())",
    ],
)
def test_a_condition_that_leaves_keys_open_tells_none(condition: str) -> None:
    assert refused(condition) == set()


def test_keys_that_nobody_can_tell_are_any() -> None:
    assert refused("set(more) - d.keys()") == {"*"}


@pytest.mark.parametrize(
    "body",
    [
        "missing = {'a', 'b'} - d.keys()\nif missing:\n    raise ValueError(missing)\nprobe(d)",
        "missing = [k for k in KEYS if k not in d]\nif missing:\n    return\nprobe(d)",
        "missing = [k for k in KEYS if k not in d]\nif len(missing) > 0:\n    return\nprobe(d)",
        "missing = [k for k in KEYS if k not in d]\nif not missing:\n    probe(d)",
        "ok = all(k in d for k in KEYS)\nif not ok:\n    return\nprobe(d)",
        "ok = 'a' in d and 'b' in d\nfine = ok\nif u and fine:\n    probe(d)",
    ],
)
def test_a_condition_kept_under_a_name_holds_where_the_name_is_asked(body: str) -> None:
    assert keys(body) == BOTH


@pytest.mark.parametrize(
    "body",
    [
        "missing = {'a', 'b'} - d.keys()\nif missing:\n    print(missing)\nprobe(d)",
        "missing = {'a', 'b'} - d.keys()\nd = e\nif missing:\n    return\nprobe(d)",
        "missing = {'a', 'b'} - d.keys()\nmissing = u\nif missing:\n    return\nprobe(d)",
        "missing = {'a', 'b'} - d.keys()\nif u:\n    missing = more\nif missing:\n    return\nprobe(d)",
        "missing = {'a', 'b'} - d.keys()\nfor d in more:\n    if not missing:\n        probe(d)",
        "ok = 'a' in d or 'b' in d\nif ok:\n    probe(d)",
        "ok = 'a' in d and 'b' in d\nif not ok:\n    probe(d)",
    ],
)
def test_a_condition_kept_under_a_name_ends_with_what_it_speaks_of(body: str) -> None:
    assert keys(body) == set()


def test_none_is_excluded_by_a_condition_under_a_name() -> None:
    none = [
        value.none
        for value in probed(
            textwrap.dedent(
                HEAD
                + """
def f(u, box):
    x, box.y = os.environ.get("A"), os.environ.get("B")
    lost = x is None or box.y is None
    if lost:
        probe(x)
        return
    probe(x)
    probe(box.y)
    box = u
    probe(box.y)
"""
            )
        )
    ]
    assert none[0] and none[1:] == [None, None, None]


@pytest.mark.parametrize(
    ("condition", "type_name"),
    [
        ("isinstance(d.get('a'), str)", "str"),
        ("d.get('a') is not None", None),
        ("d.get('a')", None),
        ("d.get('a', None) == 'x'", None),
        ("d.get('a') in ('x', 'y')", None),
    ],
)
def test_a_field_that_was_looked_at_with_get_is_there(condition: str, type_name: str | None) -> None:
    text = (
        f"import json\ndef f(t):\n    d = json.loads(t)\n    if {condition}:\n        probe(d)\n        probe(d['a'])\n"
    )
    holder, field = probed(text)
    assert "key:'a'" in holder.guards
    assert (field.none, field.type) == (None, type_name)


@pytest.mark.parametrize(
    "condition", ["isinstance(d.get('a', ''), str)", "isinstance(d.get('b'), str)", "d.get('a') is None"]
)
def test_a_look_at_another_field_or_with_a_default_tells_nothing(condition: str) -> None:
    assert "'a'" not in keys(f"if {condition}:\n    probe(d)\n")


def test_none_among_values_is_excluded_for_each() -> None:
    text = (
        HEAD
        + "def f():\n    x, y = os.environ.get('A'), os.environ.get('B')\n    if None in (x, y):\n        return\n    probe(x)\n    probe(y)\n"
    )
    assert [value.none for value in probed(text)] == [None, None]


def test_being_among_values_with_none_excludes_nothing() -> None:
    text = HEAD + "def f():\n    x = os.environ.get('A')\n    if x in (None, 'a'):\n        probe(x)\n"
    assert probe(text).none
