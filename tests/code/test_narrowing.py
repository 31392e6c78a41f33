"""What conditions establish, where, and for how long."""

from __future__ import annotations

import textwrap

import pytest

from tests.code.reading import probe, probed

MAYBE = "import os, re, json\ndef f(u, raw, k):\n    x = os.environ.get('A')\n"


def narrowed(body: str) -> list[str | None]:
    """Why `x`, an environment variable that may be missing, may be None at each probe."""
    return [value.none for value in probed(MAYBE + textwrap.indent(textwrap.dedent(body), "    "))]


def guards(condition: str, subject: str = "u") -> set[str]:
    """What is established on the subject where the condition holds."""
    return set(probe(f"def f(u, v, k):\n    if {condition}:\n        probe({subject})\n").guards)


def refused(condition: str, subject: str = "u") -> set[str]:
    """What is established on the subject where the condition does not hold."""
    return set(probe(f"def f(u, v, k):\n    if {condition}:\n        return\n    probe({subject})\n").guards)


MISSING = "'A' may be missing"


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("u", {"truthy"}),
        ("not u", set()),
        ("u is not None", {"not-none"}),
        ("u != None", {"not-none"}),
        ("None is not u", {"not-none"}),
        ("u is None", set()),
        ("not (u is None)", {"not-none"}),
        ("not not u", {"truthy"}),
        ("isinstance(u, dict)", {"isinstance:dict"}),
        ("isinstance(u, (dict, list))", {"isinstance:dict, list"}),
        ("not isinstance(u, dict)", {"not-isinstance:dict"}),
        ("hasattr(u, 'a')", {"attribute:'a'", "not-none"}),
        ("len(u)", {"length"}),
        ("len(u) > 0", {"length"}),
        ("len(u) >= 1", {"length"}),
        ("len(u) >= 0", set()),
        ("len(u) == 2", {"length"}),
        ("len(u) == 0", set()),
        ("len(u) != 0", {"length"}),
        ("len(u) < 5", set()),
        ("0 < len(u)", {"length"}),
        ("1 <= len(u) <= 5", {"length"}),
        ("u > 0", {"compared", "nonzero"}),
        ("u >= 0", {"compared"}),
        ("u < 5", {"compared"}),
        ("0 < u", {"compared", "nonzero"}),
        ("u != 0", {"compared", "nonzero"}),
        ("u == 'a'", {"not-none", "truthy"}),
        ("u == 0", {"not-none"}),
        ("u != ''", {"nonzero", "truthy"}),
        ("'id' in u", {"key:'id'", "not-none", "truthy"}),
        ('"id" in u', {"key:'id'", "not-none", "truthy"}),
        ("'id' not in u", set()),
        ("u in v", {"in"}),
        ("u.get('id')", {"key:'id'", "not-none"}),
        ("u.get('id') is not None", {"key:'id'"}),
        ("u.startswith('a')", {"checked:startswith", "not-none"}),
        ("check(u)", {"passed:check"}),
        ("v.check(u)", {"passed:check"}),
        ("not check(u)", {"passed:check", "failed:check"}),
        ("all(k in u for k in v)", {"key:*"}),
        ("any(u)", {"truthy"}),
        ("bool(u)", {"truthy"}),
        ("u and v", {"truthy"}),
        ("v and u", {"truthy"}),
        ("u or v", set()),
        ("not (not u or not v)", {"truthy"}),
        ("u.a", {"not-none"}),
        ("(w := u)", {"truthy"}),
        ("(w := u) is not None", set()),
    ],
)
def test_a_condition_that_holds_establishes(condition: str, found: set[str]) -> None:
    assert guards(condition) == found


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("not u", {"truthy"}),
        ("u", set()),
        ("u is None", {"not-none"}),
        ("u is None or v", {"not-none"}),
        ("not u or not v", {"truthy"}),
        ("not u and not v", set()),
        ("not isinstance(u, dict)", {"isinstance:dict"}),
        ("isinstance(u, dict)", {"not-isinstance:dict"}),
        ("len(u) == 0", {"length"}),
        ("len(u) < 1", {"length"}),
        ("len(u) != 3", {"length"}),
        ("len(u) > 3", set()),
        ("'id' not in u", {"key:'id'", "not-none", "truthy"}),
        ("u == 0", {"compared", "nonzero"}),
        ("u <= 0", {"compared", "nonzero"}),
        ("u == ''", {"nonzero", "truthy"}),
        ("u.get('id') is None", {"key:'id'"}),
        ("isinstance(u, type(None))", {"not-none"}),
        ("not hasattr(u, 'a')", {"attribute:'a'", "not-none"}),
        ("0 < u < 5", set()),
    ],
)
def test_a_condition_that_does_not_hold_establishes(condition: str, found: set[str]) -> None:
    assert refused(condition) == found


def test_what_a_walrus_binds_is_narrowed_with_it() -> None:
    assert guards("(w := u) is not None", "w") >= {"not-none"}
    assert guards("(w := u.a)", "w") >= {"truthy"}


@pytest.mark.parametrize(
    ("body", "reasons"),
    [
        ("probe(x)", [MISSING]),
        ("if x:\n    probe(x)\nprobe(x)", [None, MISSING]),
        ("if x is None:\n    return\nprobe(x)", [None]),
        ("if not x:\n    raise E\nprobe(x)", [None]),
        ("if x is None:\n    x = 'd'\nprobe(x)", [None]),
        ("if x is None:\n    pass\nprobe(x)", [MISSING]),
        ("if x is None:\n    probe(x)\nelse:\n    probe(x)", [MISSING, None]),
        ("if u:\n    pass\nelif x is None:\n    return\nprobe(x)", [MISSING]),
        ("if u:\n    return\nelif x is None:\n    return\nprobe(x)", [None]),
        ("if u:\n    pass\nelif x is None:\n    pass\nelse:\n    probe(x)", [None]),
        ("for y in u:\n    if x is None:\n        continue\n    probe(x)\nprobe(x)", [None, MISSING]),
        ("for y in u:\n    if x is None:\n        break\n    probe(x)\nprobe(x)", [None, MISSING]),
        ("while x is None:\n    x = g()\nprobe(x)", [None]),
        ("while x:\n    probe(x)\n    x = os.environ.get('A')", [None]),
        ("while True:\n    x = 'd'\n    break\nprobe(x)", [None]),
        ("while True:\n    try:\n        x = 'd'\n        break\n    except E:\n        pass\nprobe(x)", [None]),
        ("while True:\n    if u:\n        break\n    x = 'd'\nprobe(x)", [MISSING]),
        ("while u:\n    x = 'd'\n    break\nprobe(x)", [MISSING]),
        ("while x is None:\n    if u:\n        break\n    x = 'd'\nprobe(x)", [MISSING]),
        ("for y in u:\n    x = 'd'\n    break\nelse:\n    return\nprobe(x)", [None]),
        ("for y in u:\n    x = 'd'\n    break\nelse:\n    x = 'e'\nprobe(x)", [None]),
        ("for y in u:\n    x = 'd'\nprobe(x)", [MISSING]),
        ("x = 'd'\nfor y in u:\n    if y:\n        x = None\n        continue\n    x = 'e'\nprobe(x)", ["None"]),
        ("x = 'd'\nfor y in u:\n    x = None\n    return\nprobe(x)", [None]),
        ("while True:\n    for y in u:\n        break\n    x = 'd'\n    break\nprobe(x)", [None]),
        ("if u:\n    return\n    if u: pass\n    x = None\nelse:\n    x = 'd'\nprobe(x)", [None]),
        ("assert x\nprobe(x)", [None]),
        ("assert x is not None and u\nprobe(x)", [None]),
        ("assert isinstance(x, str)\nprobe(x)", [None]),
        ("y = probe(x) if x else 1", [None]),
        ("y = 1 if x is None else probe(x)", [None]),
        ("y = x and probe(x)", [None]),
        ("y = x is None or probe(x)", [None]),
        ("y = u and x and probe(x)", [None]),
        ("y = x or 'd'\nprobe(y)", [None]),
        ("y = x or None\nprobe(y)", [MISSING]),
        ("x = x or 'd'\nprobe(x)", [None]),
        ("y = [probe(x) for a in u if x]", [None]),
        ("y = [probe(x) for a in u if a]", [MISSING]),
        ("y = {a: probe(x) for a in u if x is not None}", [None]),
        ("if (y := os.environ.get('B')):\n    probe(y)", [None]),
        ("if (y := os.environ.get('B')) is None:\n    return\nprobe(y)", [None]),
        ("match x:\n    case None:\n        return\n    case _:\n        pass\nprobe(x)", [None]),
        ("try:\n    g()\nexcept E:\n    x = 'd'\nprobe(x)", [MISSING]),
        ("try:\n    x = 'd'\nexcept E:\n    return\nprobe(x)", [None]),
        ("try:\n    x = g()\nexcept E:\n    x = None\nprobe(x)", ["it is None on one path"]),
        ("try:\n    x = g()\nexcept E:\n    raise\nprobe(x)", [None]),
        ("try:\n    g()\nexcept E:\n    pass\nelse:\n    x = 'd'\nprobe(x)", [MISSING]),
        ("try:\n    g()\nexcept E:\n    return\nelse:\n    x = 'd'\nprobe(x)", [None]),
        ("try:\n    g()\nfinally:\n    x = 'd'\nprobe(x)", [None]),
        ("try:\n    if x is None:\n        return\nfinally:\n    probe(x)\nprobe(x)", [MISSING, None]),
        ("with g():\n    if x is None:\n        return\nprobe(x)", [None]),
        ("del x\nprobe(x)", [None]),
        ("if x:\n    x = os.environ.get('B')\n    probe(x)", ["'B' may be missing"]),
        ("if x:\n    pass\nelse:\n    return\nprobe(x)", [None]),
        ("if u:\n    if x is None:\n        return\nelse:\n    x = 'd'\nprobe(x)", [None]),
        ("def g():\n    probe(x)\nx = 'd'", [MISSING]),
        ("if x:\n    g = lambda: probe(x)", [None]),
    ],
)
def test_none_is_excluded_exactly_where_a_guard_is_in_force(body: str, reasons: list[str | None]) -> None:
    assert [bool(found) for found in narrowed(body)] == [bool(reason) for reason in reasons]


def test_what_is_narrowed_may_be_an_attribute_or_an_item() -> None:
    text = """\
    import re
    class A:
        def f(self, d):
            self.m = re.match("a", "b")
            d["k"] = re.match("a", "b")
            if self.m and d['k'] is not None:
                probe(self.m)
                probe(d["k"])
            probe(self.m)
            probe(d["k"])
    """
    assert [bool(value.none) for value in probed(text)] == [False, False, True, True]


def test_a_repeated_call_is_narrowed_like_the_first() -> None:
    text = """\
    import json
    def f(raw):
        d = json.loads(raw)
        if d.get("a"):
            probe(d.get("a"))
            probe(d.get("b"))
    """
    assert [bool(value.none) for value in probed(text)] == [False, True]


def test_isinstance_gives_the_type_where_it_is_one() -> None:
    text = """\
    import json
    class Order: pass
    def f(raw):
        data = json.loads(raw)
        if isinstance(data, dict):
            probe(data)
        if isinstance(data, Order):
            probe(data)
        if isinstance(data, (dict, str)):
            probe(data)
        probe(data)
    """
    found = [(value.type, value.decoded) for value in probed(text)]
    assert found == [("dict", True), (".Order", False), (None, True), (None, True)]


def test_setting_a_key_makes_it_known() -> None:
    assert "key:'a'" in probe("def f(d):\n    d['a'] = 1\n    probe(d)\n").guards


def test_guards_end_when_the_value_is_replaced() -> None:
    assert probe("def f(u):\n    if u:\n        u = g()\n        probe(u)\n").guards == frozenset()


def test_guards_of_two_paths_are_those_of_both() -> None:
    text = """\
    def f(u, v):
        if v:
            if not isinstance(u, dict): return
            if len(u) < 1: return
        else:
            if not isinstance(u, dict): return
        probe(u)
    """
    assert probe(text).guards == {"isinstance:dict"}
