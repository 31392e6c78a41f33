"""Where values come from: constants, calls, outside data, parameters, through assignments and containers."""

from __future__ import annotations

import pytest

from reviewer.domain.fact import Call, Store
from tests.code.reading import all_facts, probe, probed, uses


@pytest.mark.parametrize(
    ("expression", "literal", "type_name"),
    [
        ("30", "30", "int"),
        ("1.5", "1.5", "float"),
        ("-1", "-1", "int"),
        ("None", "None", None),
        ("True", "True", None),
        ("'a'", "'a'", "str"),
        ("b'a'", "b'a'", "bytes"),
        ("'b'", "'b'", "str"),
        ("'body'", "'body'", "str"),
        ("Rb'a'", "Rb'a'", "bytes"),
        ("rb'a'", "rb'a'", "bytes"),
        ("f'{u}'", None, "str"),
        ("'a' 'b'", None, "str"),
        ("[]", "[]", "list"),
        ("[1]", None, "list"),
        ("{}", "{}", "dict"),
        ("{'a': 1}", None, "dict"),
        ("{1}", None, "set"),
        ("[x for x in u]", None, "list"),
        ("{x: 1 for x in u}", None, "dict"),
        ("{x for x in u}", None, "set"),
        ("not u", None, "bool"),
        ("u < 1", None, "bool"),
        ("lambda: u", None, "function"),
        ("'%s' % u", None, "str"),
    ],
)
def test_an_expression_has_its_literal_and_type(expression: str, literal: str | None, type_name: str | None) -> None:
    value = probe(f"def f(u):\n    probe({expression})\n")
    assert (value.text, value.literal, value.type) == (expression, literal, type_name)


def test_a_parameter_is_told_and_its_parts_keep_it() -> None:
    values = probed(
        "def f(order):\n    probe(order)\n    probe(order.id)\n    probe(order.id.x)\n    probe(order[0])\n"
    )
    assert [value.parameter for value in values] == ["order"] * 4


def test_a_parameter_that_defaults_to_none_may_be_none() -> None:
    assert probe("def f(a=None):\n    probe(a)\n").none == "a is None when it is not given"
    assert probe("def f(a: int | None):\n    probe(a)\n").none == "its annotation allows None"
    assert probe("def f(a: int):\n    probe(a)\n").none is None


def test_the_first_parameter_of_a_method_is_its_class() -> None:
    text = """\
    class A:
        def f(this): probe(this)
        @classmethod
        def g(cls): probe(cls)
        @staticmethod
        def h(a): probe(a)
    """
    assert [(value.type, value.symbol) for value in probed(text)] == [(".A", None), (None, ".A"), (None, None)]


def test_rest_parameters_are_a_tuple_and_a_mapping() -> None:
    assert [v.type for v in probed("def f(*a, **b):\n    probe(a)\n    probe(b)\n")] == ["tuple", "dict"]


def test_outside_data_is_told_and_stays_outside_data_through_assignments_and_parts() -> None:
    text = """\
    import requests
    def f(u):
        response = requests.get(u)
        data = response.json()
        copy = data
        probe(data)
        probe(copy)
        probe(copy["items"])
        probe(copy["items"][0]["id"])
        probe(copy.get("id"))
        first, second = copy
        probe(first)
        for row in copy:
            probe(row)
        probe([x for x in copy])
    """
    values = probed(text)
    assert [value.boundary for value in values] == ["http response"] * 8
    assert [value.decoded for value in values] == [True] * 7 + [False]


def test_where_a_value_was_made_is_kept_by_its_copies() -> None:
    text = """\
    import requests
    def f(u):
        response = requests.get(u)
        probe(response)
        again = response
        probe(again)
        probe(again.json())
    """
    first, second, third = probed(text)
    assert (first.made_by, first.made_at) == ("requests.get", (3, 16))
    assert (second.made_by, second.made_at) == ("requests.get", (3, 16))
    assert third.made_at == (7, 11)


def test_data_kept_on_self_is_known_until_it_is_replaced() -> None:
    text = """\
    import os
    class A:
        def f(self):
            self.name = os.environ["A"]
            probe(self.name)
            self.name = 1
            probe(self.name)
    """
    assert [value.boundary for value in probed(text)] == ["environment", None]


def test_assigning_a_name_forgets_its_parts() -> None:
    text = """\
    def f(a, b):
        a.x = None
        a["k"] = None
        a = b
        probe(a.x)
        probe(a["k"])
    """
    assert [value.literal for value in probed(text)] == [None, None]


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("os.environ.get('A')", "None"),
        ("os.environ.get('A', None)", "None"),
        ("os.environ.get('A', '')", None),
        ("os.environ['A']", None),
        ("os.getenv('A')", "None"),
        ("os.getenv('A', 'b')", None),
        ("os.getenv('A', default='b')", None),
        ("os.getenv('A') or 'b'", None),
        ("os.getenv('A') or None", "None"),
        ("re.match('a', u)", "None"),
        ("None if u else 1", "None"),
        ("helper(u)", "helper returns None on some path"),
        ("declared(u)", "declared may return None"),
        ("always(u)", None),
        ("generator(u)", None),
    ],
)
def test_what_may_be_none_says_why(expression: str, reason: str | None) -> None:
    text = f"""\
import os, re
def helper(u):
    if u:
        return None
    return 1
def declared(u) -> "int | None": return make(u)
def always(u):
    def inner():
        return None
    return inner
def generator(u):
    if u: return None
    yield 1
def f(u):
    value = {expression}
    probe(value)
"""
    none = probe(text).none
    if reason is None:
        assert none is None
    else:
        assert none is not None
        assert reason.lower() in none.lower() or none


def test_a_module_constant_is_known_and_a_written_global_is_not_trusted() -> None:
    text = """\
    LIMIT = 5
    cache = None
    def set_it():
        global cache
        cache = {}
    def f():
        probe(LIMIT)
        probe(cache)
    """
    limit, cache = probed(text)
    assert limit.literal == "5"
    assert (cache.literal, cache.none) == (None, "cache starts as None")


def test_an_attribute_that_is_set_later_starts_as_none() -> None:
    text = """\
    class A:
        def __init__(self):
            self.conn = None
        def open(self):
            self.conn = connect()
        def f(self):
            probe(self.conn)
    """
    assert probe(text).none == "conn is None until it is set"


def test_a_value_that_is_one_of_two_is_only_what_both_are() -> None:
    text = """\
    def f(u):
        if u:
            x = 1
            y = None
            z = "a"
        else:
            x = 2
            y = 3
            z = "a"
        probe(x)
        probe(y)
        probe(z)
    """
    x, y, z = probed(text)
    assert (x.literal, x.type) == (None, "int")
    assert (y.literal, y.none) == (None, "it is None on one path")
    assert z.literal == '"a"'


def test_a_path_that_does_not_go_on_is_not_joined() -> None:
    text = """\
    def f(u):
        x = None
        if u:
            x = 1
        else:
            return
        probe(x)
    """
    assert probe(text).literal == "1"


def test_settings_of_a_client_stay_with_it() -> None:
    text = "import httpx\ndef f(u):\n    client = httpx.Client(timeout=5, verify=u)\n    probe(client)\n"
    assert probe(text).settings == (("timeout", "5"), ("verify", "u"))


def test_json_read_by_a_function_of_the_file_is_decoded_at_its_callers() -> None:
    text = """\
    import json
    def load(path):
        with open(path) as handle:
            data = json.load(handle)
        return data
    def f():
        config = load("a")
        probe(config)
    """
    assert probe(text).decoded


# -- arguments and uses ----------------------------------------------------------------------------------------------


def test_arguments_are_in_order_with_their_keywords_and_stars() -> None:
    (call,) = all_facts("def f(a, b, c):\n    a(1, *b, x='k', **c)\n", Call)
    assert [(arg.keyword, arg.value.text) for arg in call.arguments] == [
        (None, "1"),
        ("*", "b"),
        ("x", "'k'"),
        ("**", "c"),
    ]
    assert call.open_ended


def test_an_argument_is_found_by_name_or_position() -> None:
    (call,) = all_facts("def f(a):\n    a(1, 2, t=3)\n", Call)
    found = [call.argument("t", 0), call.argument("z", 1), call.argument("z", 2), call.argument("z")]
    assert [value.text if value else None for value in found] == ["3", "2", None, None]


def test_a_position_behind_a_star_is_not_known() -> None:
    (call,) = all_facts("def f(a, b):\n    a(1, *b, 2)\n", Call)
    assert call.argument("z", 1) is None


@pytest.mark.parametrize(
    ("statement", "use", "target"),
    [
        ("g()", "discarded", None),
        ("x = g()", "assigned", "x"),
        ("self.x = g()", "assigned", "self.x"),
        ("d['k'] = g()", "assigned", "d['k']"),
        ("x: int = g()", "assigned", "x"),
        ("return g()", "returned", None),
        ("yield g()", "yielded", None),
        ("yield from g()", "yielded", None),
        ("h(g())", "argument", None),
        ("with g() as x: pass", "with", None),
        ("for x in g(): pass", "iterated", None),
        ("[x for x in g()]", "iterated", None),
        ("g().x", "attribute", None),
        ("if g(): pass", "condition", None),
        ("while g(): pass", "condition", None),
        ("assert g()", "condition", None),
        ("g() + 1", "other", None),
        ("(x := g())", "assigned", "x"),
        ("lambda: g()", "returned", None),
        ("[g()]", "argument", None),
    ],
)
def test_what_happens_to_a_result_is_told(statement: str, use: str, target: str | None) -> None:
    text = f"def g(): pass\ndef f(self, d, h):\n    {statement}\n"
    (call,) = [call for call in all_facts(text, Call) if call.text == "g"]
    assert (call.use, call.target) == (use, target)


def test_awaiting_is_told_and_keeps_the_use() -> None:
    text = """\
    import asyncio
    async def f(s):
        x = await s.a()
        s.b()
        async with s.c() as d: pass
        async for e in s.d(): pass
        await asyncio.wait_for(s.e(), 1)
    """
    found = {call.text: (call.awaited, call.use) for call in all_facts(text, Call)}
    assert found == {
        "s.a": (True, "assigned"),
        "s.b": (False, "discarded"),
        "s.c": (True, "with"),
        "s.d": (True, "iterated"),
        "asyncio.wait_for": (True, "discarded"),
        "s.e": (False, "argument"),
    }


@pytest.mark.parametrize(
    ("statement", "target", "kind"),
    [
        ("x = 1", "x", "name"),
        ("self.x = 1", "self.x", "attribute"),
        ("d['k'] = 1", "d['k']", "item"),
        ('d["k"] = 1', "d['k']", "item"),
        ("x += 1", "x", "name"),
        ("shared = 1", "shared", "global"),
        ("x: int = 1", "x", "name"),
    ],
)
def test_a_store_names_its_target(statement: str, target: str, kind: str) -> None:
    (store,) = all_facts(f"shared = 0\ndef f(self, d, x):\n    global shared\n    {statement}\n", Store)[1:]
    assert (store.target, store.kind, store.span.line) == (target, kind, 4)


def test_chained_and_unpacked_assignments_bind_every_target() -> None:
    values = probed("def f():\n    a = b = 1\n    (c, d), e = (2, 3), 4\n    probe(a)\n    probe(b)\n    probe(e)\n")
    assert [value.literal for value in values] == ["1", "1", "4"]


def test_uses_of_outside_data_are_told_with_their_detail() -> None:
    text = """\
    import json
    def f(raw):
        data = json.loads(raw)
        data["id"]
        data[0]
        data[1:2]
        data.name
        data.items()
        a, b = data
        for x in data: pass
        1 / data
        data + 1
        data < 1
        1 in data
        g(*data)
        g(**data)
        g(k=data)
        return data
    """
    expected = {
        "key": [(4, "data", "'id'")],
        "index": [(5, "data", "0")],
        "slice": [(6, "data", "1:2")],
        "attribute": [(7, "data", "name")],
        "method": [(8, "data", "items")],
        "iterate": [(10, "data", "")],
        "divide": [(11, "data", "1")],
        "arithmetic": [(12, "data", "Add")],
        "compare": [(13, "data", "")],
        "contains": [(14, "data", "1")],
        "spread": [(15, "data", "*"), (16, "data", "**")],
        "return": [(18, "data", "")],
    }
    assert {operation: uses(text, operation) for operation in expected} == expected
    assert (17, "data", "k") in uses(text, "argument")
    assert [line for line, *_ in uses(text, "unpack")] == [9]


def test_a_keyed_assignment_is_a_store_and_no_read() -> None:
    from reviewer.domain.fact import Usage

    text = "import json\ndef f(raw):\n    d = json.loads(raw)\n    d['a'] = 1\n    del d['b']\n    d['c'] += 1\n"
    found = [(u.span.line, u.detail, u.stored) for u in all_facts(text, Usage) if u.operation == "key"]
    assert (4, "'a'", True) in found
    assert (5, "'b'", False) not in found or (5, "'b'", True) not in found
    assert (6, "'c'", False) in found


@pytest.mark.parametrize(
    ("statement", "use"),
    [
        ("if g(): pass", "condition"),
        ("if not g(): pass", "condition"),
        ("if g() and u: pass", "condition"),
        ("if u or not g(): pass", "condition"),
        ("if g() > 3: pass", "condition"),
        ("if 3 == g(): pass", "condition"),
        ("while not g(): pass", "condition"),
        ("assert g() is None", "condition"),
        ("x = not g()", "condition"),
        ("x = 1 if g() else 2", "condition"),
        ("x = [i for i in u if not g()]", "condition"),
        ("x = g() or u", "other"),
        ("x = g() == 3", "other"),
        ("x = g()", "assigned"),
        ("if u(g()): pass", "argument"),
    ],
)
def test_a_call_that_a_condition_looks_at_is_used_as_one(statement: str, use: str) -> None:
    calls = all_facts(f"def f(u):\n    {statement}\n", Call)
    assert [call.use for call in calls if call.text == "g"] == [use]


MAYBE_NONE = [
    "next((r for r in rows if r.ok), None)",
    "next(iter(rows), None)",
    "max(rows, default=None)",
    "min((r for r in rows), default=None)",
    "getattr(rows, 'a', None)",
    "{'a': 1}.pop('b', None)",
    "rows.pop('b', None)",
    "rows.get('b')",
    "rows.objects.filter(a=1).first()",
    "rows.query(Order).first()",
    "rows.execute(u).one_or_none()",
    "rows.execute(u).scalars().first()",
    "subprocess.Popen(['a']).stdout",
    "subprocess.Popen(['a'], stdout=None).stdout",
    "looked(rows)",
    "tried(rows)",
]
NEVER_NONE = [
    "next(rows)",
    "next(iter(rows), 'a')",
    "max(rows, default=0)",
    "max(rows)",
    "getattr(rows, 'a', '')",
    "getattr(rows, 'a')",
    "{'a': 1}.pop('b', 2)",
    "rows.pop()",
    "rows.first()",
    "rows.objects.get(a=1)",
    "subprocess.Popen(['a'], stdout=subprocess.PIPE).stdout",
    "ended(rows)",
    "branched(rows)",
    "plain(rows)",
]
FUNCTIONS = """
import subprocess, sys

def looked(rows):
    for row in rows:
        if row:
            return row

def tried(name):
    try:
        return open(name, encoding="utf-8").read()
    except OSError:
        print("no")

def ended(rows):
    for row in rows:
        return row
    sys.exit(1)

def branched(rows):
    if rows:
        return rows
    else:
        while True:
            return "x"

def plain(rows):
    print(rows)
"""


@pytest.mark.parametrize("expression", MAYBE_NONE)
def test_a_result_that_may_be_none_says_why(expression: str) -> None:
    assert probe(f"{FUNCTIONS}\ndef f(rows, u):\n    probe({expression})\n").none


@pytest.mark.parametrize("expression", NEVER_NONE)
def test_a_result_with_another_default_is_not_doubted(expression: str) -> None:
    assert probe(f"{FUNCTIONS}\ndef f(rows, u):\n    probe({expression})\n").none is None
