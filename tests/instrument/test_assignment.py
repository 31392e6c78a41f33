"""Which names have a value at a place."""

from __future__ import annotations

import ast
import textwrap

import pytest

from reviewer.instrument.assignment import assignments


def at_mark(body: str) -> set[str]:
    """The names that have a value where `mark()` stands."""
    tree = ast.parse("def f(p, *args, key=None, **rest):\n" + textwrap.indent(textwrap.dedent(body), "    "))
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and ast.unparse(node) == "mark()":
            return set(assignments(function)[id(node)] - {"p", "args", "key", "rest"})
    raise AssertionError("no mark")


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("a = 1\nb, (c, *d) = x\ne: int = 1\nf: int\nmark()", "a b c d e"),
        ("if x:\n    a = b = 1\nelse:\n    a = c = 1\nmark()", "a"),
        ("if x:\n    a = 1\nelse:\n    return\nmark()", "a"),
        ("if x:\n    a = 1\nmark()", ""),
        ("for a in x:\n    b = 1\n    mark()\n", "a b"),
        ("for a in x:\n    b = 1\nmark()\n", ""),
        ("while x:\n    a = 1\nelse:\n    b = 1\nmark()", ""),
        ("with x as a:\n    b = 1\n    mark()", "a b"),
        ("with x as a:\n    b = 1\nmark()", "a"),
        ("try:\n    a = 1\nexcept E as e:\n    mark()", "e"),
        ("try:\n    a = 1\nexcept E:\n    return\nmark()", "a"),
        ("try:\n    a = 1\nexcept E:\n    pass\nmark()", ""),
        ("try:\n    a = 1\nfinally:\n    mark()", ""),
        ("try:\n    a = 1\nfinally:\n    b = 1\nmark()", "a b"),
        ("a = 1\ntry:\n    del a\nexcept E:\n    mark()", ""),
        ("a = 1\ndel a\nmark()", ""),
        ("a = 1\nfor b in x:\n    mark()\n    del a", "b"),
        ("try:\n    a = 1\nexcept E as e:\n    a = 2\nmark()", "a"),
        ("import a.b, c as d\nfrom x import e as f\nmark()", "a d f"),
        ("def a(): pass\nclass b: pass\nmark()", "a b"),
        ("match x:\n    case [a, *b]:\n        mark()", "a b"),
        ("match x:\n    case 1:\n        a = 1\n    case _:\n        a = 2\nmark()", ""),
        ("global a\na = 1\nmark()", ""),
        ("a += 1\nmark()", ""),
        ("e = 1\ntry:\n    pass\nexcept E as e:\n    pass\nmark()", ""),
        ("def g():\n    a = 1\nmark()", "g"),
    ],
)
def test_a_name_counts_where_every_path_gives_it_a_value(body: str, names: str) -> None:
    assert at_mark(body) == set(names.split())
