"""Whatever the source looks like, every feature of every place can be asked."""

from __future__ import annotations

import pytest

from reviewer.catalog.query.branch import begin
from reviewer.catalog.query.registry import all_features
from reviewer.catalog.query.scope import Scope
from tests.catalog.query.asking import lines, scopes

CHAIN = "a" + ".b" * 700
NESTED = "(" * 150 + "1" + ")" * 150
ELIFS = "".join(f"    elif x == {number}:\n        return {number}\n" for number in range(40))
TUPLES = "(" * 90 + "1" + ",)" * 90

SOURCES = {
    "a long chain": f"def load(a):\n    while {CHAIN}:\n        {CHAIN}.close()\n        return {CHAIN}\n",
    "nested brackets": f"def load(a):\n    if a in {TUPLES}:\n        return {NESTED}\n",
    "a long chain of elif": f"def load(x):\n    if x is None:\n        return 0\n{ELIFS}    return 1\n",
    "carriage returns": "def load(x):\r    if x:\r        return 1\r    x.close()\r",
    "form feeds": "def load(x):\n\x0c\n    if x:\n        return 1\n    x.close()\n",
    "wide letters": 'def load(x):\n    é = "é"; x.a(é); x.b(é)\n    if é: x.c(é); return é\n',
    "one line": "class A:\n    def load(self): return self.a() if self.b else self.c()\n    x = 1; y = load\n",
    "odd indentation": "def load(x):\n  if x:\n            x.a(\n1)\n            return '''\nnot indented\n'''\n  x.b()\n",
    "a huge number": f"def load(x):\n    if x > 0x{'f' * 9000}:\n        return -0x{'f' * 9000}\n",
    "empty bodies": "def load(x):\n    try: pass\n    except OSError: pass\n    else: pass\n    finally: pass\n    if x: pass\n",
    "in and out": (
        "def load(x):\n    for a in x:\n        try:\n            if a: continue\n        except OSError:\n"
        "            if a: break\n            pass\n        else:\n            if a: return\n        finally:\n"
        "            if a: x.close()\n    else:\n        if x: return\n    with x as a, x as b:\n        if a: raise\n"
    ),
    "match": "def load(x):\n    match x:\n        case [1, *a] if a:\n            return a\n        case _:\n            x.b()\n",
    "decorated": "@a.b(c=1, **d)\n@(lambda f: f)\nclass A(B, metaclass=C):\n    @property\n    async def d(self, *, e=[], f): yield e\n",
    "text in text": "def load(x):\n    return f\"{x.a(f'{x.b()}')!r:>{x.c()}} {x.d()}\"\n",
}


def asked(scope: Scope) -> None:
    for fact in scope.facts:
        for one in all_features():
            for other in scope.related(one, fact) if one.relation else ():
                assert scope.layout.position(other) >= 0
            assert one.relation or not one.values or scope.values(one, fact) <= set(one.values)


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES.keys())
def test_every_feature_of_every_place_can_be_asked(source: str) -> None:
    found = scopes(source)
    assert found
    for scope in found:
        asked(scope)


@pytest.mark.parametrize("source", SOURCES.values(), ids=SOURCES.keys())
def test_places_are_those_of_the_file(source: str) -> None:
    for scope in scopes(source):
        for fact in scope.facts[1:]:
            line, column = begin(fact)
            assert scope.view.lines[line - 1][column - 1 : column].strip()


def test_columns_count_characters() -> None:
    found = [begin(fact) for scope in scopes(SOURCES["wide letters"]) for fact in scope.layout.branches]
    assert found == [(3, 5)]
    assert lines(SOURCES["wide letters"], {"method": "c", "guarded-by": {"condition": "truthy"}}) == [3]
    assert lines(SOURCES["wide letters"], {"method": "b", "in-arguments": True}) == []


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"fact": "if", "within": {"fact": "handler"}}, [6]),
        ({"fact": "if", "inside": "try-else"}, [9]),
        ({"fact": "if", "inside": "finally"}, [11]),
        ({"fact": "if", "within": {"fact": "try"}}, [4, 6, 9, 11]),
        ({"fact": "if", "within": {"fact": "loop"}}, [4, 6, 9, 11]),
        ({"fact": "if", "handler": "OSError"}, [4]),
        ({"fact": "if", "in-handler": "OSError"}, [6]),
        ({"fact": "if", "inside": "with"}, [15]),
        ({"fact": "if", "preceded-by": {"fact": "loop"}}, [13, 15]),
        ({"fact": ["break", "continue"], "within": {"fact": "if"}}, [4, 6]),
        ({"fact": "try", "contains": {"fact": "break"}}, [3]),
        ({"fact": "handler", "contains": {"fact": "continue"}}, []),
    ],
)
def test_conditions_and_jumps_know_where_they_stand(wanted: dict[str, object], expected: list[int]) -> None:
    assert lines(SOURCES["in and out"], wanted) == expected
