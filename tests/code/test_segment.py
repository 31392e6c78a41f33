"""Every node's text and place, held against libcst's own positions on real sources and odd layouts."""

from __future__ import annotations

import ast
import sysconfig
from pathlib import Path

import libcst as cst
import pytest
from libcst.metadata import MetadataWrapper, PositionProvider

from reviewer.code.outline import outline
from reviewer.code.segment import Segment, parse_lines
from reviewer.code.source import Source, decode

STDLIB = Path(sysconfig.get_paths()["stdlib"])
REAL = ["shelve.py", "contextlib.py", "queue.py", "http/cookies.py", "asyncio/timeouts.py", "json/scanner.py"]

ODD = {
    "crlf": "def f(a):\r\n    x = a\r\n\r\n    return x\r\n",
    "cr": "def f(a):\r    x = a\r    return x\r",
    "mixed line ends": "def f(a):\r\n    x = a\n    return x\r",
    "tabs": "def f(a):\n\tif a:\n\t\treturn a\n\treturn 1\n",
    "no line end": "def f(a): return a",
    "form feed": "x = 1\n\x0c\ndef f(a):\n    return a\n",
    "unicode separators": "def f(a):\n    return '\u2028\x85' + a  # \u2029\n",
    "wide characters": "def f(ä):\n    return '💥' + ä + '日本'\n",
    "continuation": "def f(a):\n    x = a + \\\n  1\n    return x\n",
    "semicolons": "def f(a): x = a; y = 2 ;z = 3;\n",
    "one-line suites": "def f(a):\n    if a: x = 1; y = 2\n    else: z = 3\n    while a: break\n",
    "odd indentation in a string": 'class A:\n    def f(self):\n        x = """a\n  b\nc\n        """\n        return x\n',
    "odd comments": "def f(a):\n# left\n        # right\n    return a  # end\n   # odd\n",
    "decorators": "@a\n@b.c(1)\n# note\n@d\ndef f(x): pass\n",
    "async": "async def f(a):\n    async with a as b, c:\n        async for d in b:\n            await d\n",
    "match": "def f(a):\n    match a, 1:\n        case {'k': [1, *r], **q} if r: return q\n        case A(b=1) | None as n: pass\n        case _: pass\n",
    "walrus": "def f(a):\n    if (x := a) and [y := 1, (z := 2)]: return x\n",
    "except star": "def f(a):\n    try:\n        a()\n    except* (A, B) as e:\n        raise\n    finally: pass\n",
    "type comments": "def f(a,  # type: int\n      ):\n    # type: (...) -> int\n    x = a  # type: ignore\n    return x\n",
    "parenthesised with": "def f(a):\n    with (\n        a as b,\n        c(),\n    ):\n        pass\n",
    "continued with": "def f(a):\n    with a as b, \\\n         c as d:\n        pass\n",
    "parentheses": "def f(a):\n    return ((a) + (  1 )) if (a) else (yield (a))\n",
    "comprehensions": "def f(a):\n    return {k: [v for v in b if v] for k, b in a if k if b}\n",
    "lambda": "f = lambda a, *b, c=1, **d: (a, b)\n",
    "f-strings": "def f(a):\n    return f'{a!r:>{10}} {a[0]}' f\"{a}\" 'x'\n",
    "signature": "def f(a: int, /, b: 'str' = 1, *, c, **d: int) -> dict[str, int]: pass\n",
    "only methods": "class A(B, metaclass=C):\n    def f(self): pass\n\n    def g(self): pass\n",
    "nested blocks": "if a:\n    try:\n        class A:\n            def f(self):\n                pass\n    except E:\n        pass\n",
    "blank and comment first": "# c\n\n\nclass A:\n\n    # d\n    x = 1\n\n    def f(self):\n\n        pass\n",
    "global and del": "def f(a):\n    global b, c\n    del a.b, (c), [d]\n    assert a, 'm'\n",
}


def segments(source: Source) -> list[Segment]:
    """Each outermost definition by itself, and the whole file."""
    plan = outline(source)
    found = [
        parse_lines(source, [(d.line, d.end_line)], d.indented)
        for d in plan.in_order
        if not _shares_a_line(source, d.line, d.node)
    ]
    return [*found, parse_lines(source, [(1, len(source.lines))], indented=False)]


def _shares_a_line(source: Source, line: int, node: ast.stmt) -> bool:
    return bool(source.lines[line - 1][: node.col_offset].strip()) and source.lines[line - 1].lstrip()[:1] != "@"


def assert_places(source: Source) -> None:
    """Spans and texts are those of libcst's position provider, moved to where the piece stands."""
    for segment in segments(source):
        wrapper = MetadataWrapper(segment.module, unsafe_skip_copy=True)
        positions = wrapper.resolve(PositionProvider)
        inside = Source(source.path, segment.module.code)
        made_up = "if 1:\n" if segment.module.code.startswith("if 1:\n") and not source.text.startswith("if 1:") else ""
        first = segment.body[0]
        shift = segment.span(first)[0] - _offset(inside, positions[first].start)
        for node, position in positions.items():
            start, end = _offset(inside, position.start), _offset(inside, position.end)
            if node is segment.module or start < len(made_up) or position.end.line > len(inside.lines):
                continue  # the last of these is a line end that libcst adds
            assert segment.span(node) == (start + shift, end + shift), type(node).__name__
            assert segment.text(node) == inside.text[start:end], type(node).__name__


def _offset(source: Source, position: object) -> int:
    line, column = position.line, position.column  # type: ignore[attr-defined]
    starts = source.line_starts
    return starts[line - 1] + column if line <= len(starts) else len(source.text)


@pytest.mark.parametrize("name", REAL)
def test_spans_in_real_sources_are_libcsts_own(name: str) -> None:
    assert_places(decode(name, (STDLIB / name).read_bytes()))


@pytest.mark.parametrize("name", ODD)
def test_spans_in_odd_layouts_are_libcsts_own(name: str) -> None:
    assert_places(Source("a.py", ODD[name]))


@pytest.mark.parametrize("name", ODD)
def test_names_and_numbers_are_found_where_they_are_written(name: str) -> None:
    source = Source("a.py", ODD[name])
    for segment in segments(source):
        pending: list[cst.CSTNode] = list(segment.body)
        while pending:
            node = pending.pop()
            if isinstance(node, cst.Name | cst.Integer | cst.SimpleString) and not node.lpar:
                assert segment.text(node) == node.value
            pending.extend(node.children)


def test_what_lies_between_the_parts_counts_as_blank_and_offsets_stay_true() -> None:
    source = Source("a.py", "class A:\n    x = 1\n    def f(self):\n        return 'é'\n    y = 2\n")
    segment = parse_lines(source, [(1, 2), (5, 5)], indented=False)
    (node,) = segment.body
    assert isinstance(node, cst.ClassDef)
    lines = [statement for statement in node.body.body if isinstance(statement, cst.SimpleStatementLine)]
    assert [segment.text(line.body[0]) for line in lines] == ["x = 1", "y = 2"]
