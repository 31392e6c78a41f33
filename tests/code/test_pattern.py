"""What the patterns of `match` tell of the subject, its parts and the names they bind."""

from __future__ import annotations

import textwrap

import pytest

from reviewer.domain.fact import Value
from tests.code.reading import probed

HEAD = "import json, os\nclass Order:\n    pass\ndef f(t):\n    d = json.loads(t)\n    v = os.environ.get('A')\n"


def values(body: str) -> list[Value]:
    """What is known at each probe, of decoded data `d` and of `v`, which may be None."""
    return probed(HEAD + textwrap.indent(textwrap.dedent(body), "    "))


@pytest.mark.parametrize(
    ("pattern", "type_name", "guards"),
    [
        ("{'a': _}", "dict", {"isinstance:dict", "key:'a'"}),
        ("{'a': str(), \"b\": b}", "dict", {"isinstance:dict", "key:'a'", "key:'b'"}),
        ("dict()", "dict", {"isinstance:dict"}),
        ("Order()", ".Order", {"isinstance:Order"}),
        ("str(x)", "str", {"isinstance:str"}),
        ("[]", "list", {"isinstance:list"}),
        ("[x, *_]", "list", {"isinstance:list", "length"}),
        ("[*_]", "list", {"isinstance:list"}),
        ("'a'", None, {"not-none", "truthy"}),
        ("''", None, {"not-none"}),
        ("None", None, set()),
        ("True", None, {"not-none"}),
        ("'a' | 'b'", None, {"not-none", "truthy"}),
        ("'a' | None", None, set()),
        ("{'a': _} | {'a': _, 'b': _}", "dict", {"isinstance:dict", "key:'a'"}),
        ("dict() as x", "dict", {"isinstance:dict"}),
        ("x", None, set()),
        ("_", None, set()),
    ],
)
def test_a_pattern_narrows_its_subject(pattern: str, type_name: str | None, guards: set[str]) -> None:
    (found,) = values(f"match d:\n    case {pattern}:\n        probe(d)\n")
    assert (found.type, set(found.guards)) == (type_name, guards)


def test_names_are_bound_to_parts_of_the_subject() -> None:
    text = "match d:\n    case {'a': str(name), 'b': rest, **more}:\n        probe(name); probe(rest); probe(more); probe(d['a'])\n"
    name, rest, more, read = values(text)
    assert (name.type, name.decoded) == ("str", False)
    assert (rest.type, rest.decoded) == (None, True)
    assert (more.type, read.type) == ("dict", "str")


def test_items_of_a_sequence_are_as_open_as_the_sequence_was() -> None:
    first, others = values("match d:\n    case [first, *others]:\n        probe(first); probe(others)\n")
    assert (first.type, first.decoded, others.type) == (None, True, "list")


def test_a_refused_none_is_excluded_from_there_on() -> None:
    first, second, after = values(
        "match v:\n    case None:\n        return\n    case 'a':\n        probe(v)\n    case _:\n        probe(v)\nprobe(v)\n"
    )
    assert [first.none, second.none, after.none] == [None, None, None]


def test_none_is_excluded_where_no_case_matched() -> None:
    (after,) = values("match v:\n    case None:\n        return\n    case 'a':\n        pass\nprobe(v)\n")
    assert after.none is None


@pytest.mark.parametrize(
    "cases",
    [
        "    case None:\n        pass\n",
        "    case None if t:\n        return\n",
        "    case 'a':\n        return\n",
        "    case {'x': None}:\n        return\n",
    ],
)
def test_none_stays_possible_where_a_case_leaves_it(cases: str) -> None:
    (after,) = values(f"match v:\n{cases}probe(v)\n")
    assert after.none


def test_parts_of_a_displayed_subject_are_narrowed_one_by_one() -> None:
    data, variable = values("match d, v:\n    case {'a': _}, 'x':\n        probe(d); probe(v)\n")
    assert "key:'a'" in data.guards and variable.none is None


def test_a_case_tells_nothing_of_the_next() -> None:
    (found,) = values("match d:\n    case {'a': _}:\n        pass\n    case other:\n        probe(other)\n")
    assert not found.guards and found.type is None
