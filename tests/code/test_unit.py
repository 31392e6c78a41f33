"""Which units changed lines belong to."""

from __future__ import annotations

import pytest

from reviewer.code.limits import Limits
from reviewer.domain.fact import Call
from reviewer.errors import SourceError
from tests.code.reading import all_facts, callees, read, unit, units

SHOP = """\
import os

LIMIT = 3

@cached
def load(path):
    text = path

    def parse(row):
        return row

    after = lambda: text
    return after

class Order(Base):
    limit = 5

    @property
    def total(self):
        return 1

    class Meta:
        name = "order"

    other = 6

    async def save(self):
        pass

LAST = 1
"""


@pytest.mark.parametrize(
    ("lines", "names"),
    [
        ({1}, ["<module>"]),
        ({2}, []),
        ({3}, ["<module>"]),
        ({5}, ["load"]),
        ({6}, ["load"]),
        ({8}, ["load"]),
        ({9}, ["load.parse"]),
        ({10}, ["load.parse"]),
        ({12}, ["load"]),
        ({9, 13}, ["load", "load.parse"]),
        ({14}, []),
        ({15}, ["Order"]),
        ({16}, ["Order"]),
        ({18}, ["Order.total"]),
        ({20}, ["Order.total"]),
        ({22}, ["Order.Meta"]),
        ({23}, ["Order.Meta"]),
        ({25}, ["Order"]),
        ({28}, ["Order.save"]),
        ({30}, ["<module>"]),
        ({3, 7, 16, 20, 28}, ["<module>", "load", "Order", "Order.total", "Order.save"]),
        (set(), []),
        ({999}, []),
        ({0}, []),
    ],
)
def test_a_changed_line_belongs_to_the_innermost_unit(lines: set[int], names: list[str]) -> None:
    assert units(SHOP, lines) == names


def test_all_units_are_read_when_every_line_counts() -> None:
    assert units(SHOP) == [
        "<module>", "load", "load.parse", "Order", "Order.total", "Order.Meta", "Order.save",
    ]  # fmt: skip


def test_a_unit_knows_its_changed_lines() -> None:
    code = read(SHOP, changed={3, 9, 13, 16})
    assert {unit.name: set(unit.changed or ()) for unit in code.units} == {
        "<module>": {3},
        "load": {13},
        "load.parse": {9},
        "Order": {16},
    }


def test_a_unit_knows_its_extent_and_kind() -> None:
    code = read(SHOP)
    assert {u.name: (u.kind, u.line, u.end_line) for u in code.units if u.name != "<module>"} == {
        "load": ("function", 5, 13),
        "load.parse": ("function", 9, 10),
        "Order": ("class", 15, 25),
        "Order.total": ("method", 18, 20),
        "Order.Meta": ("class", 22, 23),
        "Order.save": ("method", 27, 28),
    }


def test_a_unit_knows_its_parameters_as_written() -> None:
    found = unit(
        """\
        class A:
            def f(self, a, /, b: int = 1, *rest: str, c, d: "str | None" = None, **more): pass
        """,
        "A.f",
    )
    assert [(p.name, p.annotation, p.default) for p in found.parameters] == [
        ("a", None, None),
        ("b", "int", "1"),
        ("c", None, None),
        ("d", "'str | None'", "None"),
    ]


def test_a_unit_knows_its_decorators_bases_and_kind_of_function() -> None:
    found = unit(
        """\
        import functools
        class A(ValueError):
            @functools.cache
            @app.route("/")
            async def f(self) -> int:
                yield 1
        """,
        "A.f",
    )
    assert found.decorators == ("functools.cache", "app.route")
    assert found.bases == ("ValueError",)
    assert (found.is_async, found.is_generator, found.returns) == (True, True, "int")


def test_statements_of_a_block_around_definitions_are_the_modules() -> None:
    text = """\
    if flag:
        import os
        def f():
            os.remove("a")
        os.remove("b")
    """
    assert units(text, {2}) == ["<module>"]
    assert units(text, {4}) == ["f"]
    assert callees(text) == [(4, "os.remove"), (5, "os.remove")]


def test_a_class_with_methods_only_has_no_unit_of_its_own() -> None:
    assert units("class A:\n    def f(self): pass\n", {1}) == []


def test_a_class_on_one_line_is_read() -> None:
    assert units("import os\nclass A: x = os.getcwd()\n", {2}) == ["A"]
    assert callees("import os\nclass A: x = os.getcwd()\n") == [(2, "os.getcwd")]


def test_definitions_of_the_same_name_are_each_read_at_their_lines() -> None:
    text = """\
    import os
    if os.name:
        def f(): os.remove("a")
    else:
        def f(): os.unlink("b")
    """
    assert callees(text) == [(3, "os.remove"), (5, "os.unlink")]
    assert units(text, {3}) == ["f"]


def test_nested_functions_of_the_same_name_keep_their_own_facts() -> None:
    text = """\
    import os
    def outer(flag):
        if flag:
            def f(): os.remove("a")
        else:
            def f(): os.unlink("b")
    """
    assert callees(text) == [(4, "os.remove"), (6, "os.unlink")]


def test_code_of_a_class_inside_a_function_is_read_with_the_function() -> None:
    text = """\
    import os
    def outer():
        class A:
            x = os.getcwd()
            def g(self):
                os.remove("a")
    """
    assert units(text, {6}) == ["outer.A.g"]
    assert callees(text) == [(4, "os.getcwd"), (6, "os.remove")]


def test_several_definitions_on_one_line_are_read() -> None:
    assert callees("import os\ndef f(): os.remove('a')\nx = 1; y = os.getcwd()\n") == [
        (2, "os.remove"),
        (3, "os.getcwd"),
    ]


def test_an_empty_file_has_no_unit() -> None:
    assert units("") == []
    assert units("# only a comment\n") == []


def test_a_function_beyond_the_limit_of_lines_is_told_and_costs_nothing_else() -> None:
    text = "def big():\n" + "    x = 1\n" * 20 + "def small():\n    pass\n"
    code = read(text, limits=Limits(lines=10))
    assert [unit.name for unit in code.units] == ["small"]
    assert code.failures == ("big: has 21 lines, more than the limit of 10",)


def test_a_function_beyond_the_limit_of_time_is_told_and_costs_nothing_else() -> None:
    text = "def big():\n" + "    x = f(1)\n" * 500 + "def small():\n    pass\n"
    code = read(text, limits=Limits(seconds=0.0))
    assert [unit.name for unit in code.units] == ["small"]
    (failure,) = code.failures
    assert failure.startswith("big: took longer than 0 s")


def test_what_is_no_python_is_refused() -> None:
    with pytest.raises(SourceError, match="line 1"):
        read("def f(:\n")


def test_lines_of_hunks_are_read_without_the_rest_of_the_file() -> None:
    code = read(
        "\n\n        os.remove(path)\n        x = 1\n\n\n    else:\n        y = 2\n",
        fragment=True,
        changed={3, 4, 7, 8},
    )
    assert [unit.name for unit in code.units] == ["<module>"]
    assert code.failures == ("line 7: cannot be read without the rest of the file",)


def test_statements_that_would_take_too_long_to_parse_are_told_and_cost_nothing_else() -> None:
    code = read("x = [" + "f(a)," * 5000 + "]\ndef small():\n    pass\n", limits=Limits(seconds=0.5))
    assert [unit.name for unit in code.units] == ["small"]
    assert code.failures == ("<module>: has more than 20000 tokens, too many to parse; raise limits.unit-seconds",)


def test_long_strings_and_comments_are_few_tokens() -> None:
    text = "x = '''" + "a b " * 20_000 + "'''\n#" + " c" * 20_000 + '\ny = "' + '\\"d ' * 20_000 + '"\n'
    assert read(text, limits=Limits(seconds=0.5)).failures == ()


def test_what_lies_between_two_statements_of_the_module_costs_nothing() -> None:
    text = "x = 1\n" + "def f():\n" + "    a = 1\n" * 3000 + "y = 2\n"
    code = read(text, changed={1, 3003}, limits=Limits(lines=10, seconds=0.5))
    assert [(unit.name, len(unit.facts)) for unit in code.units] == [("<module>", 2)]


def test_long_chain_of_calls_still_tells_which_method_is_called_last() -> None:
    chain = "".join(f".filter(column_{number}=number)" for number in range(9))
    calls = all_facts(f"rows = session.query(Order){chain}.all()\n", Call)
    assert f"session.query(Order){chain}"[:77] + "....all" in [call.text for call in calls]
