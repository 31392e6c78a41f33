"""Whatever a file holds, reading it ends soon, with facts or with a reason, and reviewing it raises nothing."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.code.limits import Limits
from reviewer.code.source import decode
from reviewer.code.unit import read_units
from reviewer.detectors.registry import all_rules
from reviewer.domain.change import ChangeKind, FileChange
from reviewer.errors import ReviewerError
from reviewer.file_review import review_file
from reviewer.flow.reading import Surroundings
from tests.code.reading import knowledge

ROOT = Path(__file__).parents[2]
STDLIB = Path(sysconfig.get_paths()["stdlib"])
REAL = [
    (STDLIB / name).read_bytes()
    for name in ("shelve.py", "queue.py", "asyncio/timeouts.py", "http/cookies.py", "contextlib.py", "smtplib.py")
]
LIMITS = Limits(lines=5000, seconds=5.0)
CUT = settings(max_examples=60) if settings().max_examples <= 200 else settings()
"""Fewer examples than elsewhere, for each asks every rule."""


def check(content: bytes, changed: frozenset[int] | None = None, partial: bool = False) -> None:
    """Only the reviewer's own errors come out of reading, none out of reviewing, and no rule fails."""
    try:
        code = read_units(decode("shop/a.py", content), changed, knowledge(), LIMITS, fragment=partial)
    except ReviewerError as error:
        assert "\n" not in str(error)
    else:
        lines = len(code.source.lines)
        for unit in code.units:
            for fact in unit.facts:
                assert 1 <= unit.line <= fact.span.line <= fact.span.end_line <= unit.end_line <= lines
                assert "\n" not in fact.code
    file = FileChange("shop/a.py", ChangeKind.ADDED, content=content, whole=True, partial=partial)
    review = review_file(file, all_rules(), Surroundings(knowledge(), LIMITS))
    assert [reason for reason in review.failures if " failed (" in reason] == []
    for finding in review.findings.values():
        assert 1 <= finding.line <= finding.end_line
        assert "\n" not in finding.message


def mutated(content: bytes, seed: int) -> bytes:
    """The source with a few random lines or characters deleted, doubled, swapped or replaced."""
    chance = random.Random(seed)
    text = content.decode()
    lines = text.splitlines(keepends=True)
    start = chance.randrange(len(lines))
    lines = lines[start : start + chance.randrange(1, 120)]
    for _ in range(chance.randrange(4)):
        i, j = chance.randrange(len(lines)), chance.randrange(len(lines))
        match chance.randrange(6):
            case 0:
                lines[i] = ""
            case 1:
                lines[i] += lines[i]
            case 2:
                lines[i], lines[j] = lines[j], lines[i]
            case 3:
                at = chance.randrange(len(lines[i]) + 1)
                lines[i] = lines[i][:at] + chance.choice(CHARACTERS) + lines[i][at:]
            case 4:
                at = chance.randrange(len(lines[i]) + 1)
                lines[i] = lines[i][:at] + lines[i][at + 1 :]
            case _:
                lines[i] = chance.choice([" ", "    ", "\t"]) + lines[i]
    text = "".join(lines)
    return text[: chance.randrange(len(text) + 1) if chance.random() < 0.1 else None].encode()


CHARACTERS = [
    *"()[]{}:,.=@*'\"\\#\n\r\t\x0c ;\u2028é💥\ufeff\u0130",
    "\r\n",
    "yield ",
    "await ",
    "lambda: ",
    ":=",
    "'''",
    "**",
]


@CUT
@given(st.sampled_from(REAL), st.integers(0, 2**32))
def test_mutilated_real_sources_are_read_or_refused(content: bytes, seed: int) -> None:
    check(mutated(content, seed))


@CUT
@given(st.sampled_from(REAL), st.integers(0, 2**32), st.frozensets(st.integers(0, 130), max_size=12))
def test_hunks_of_real_sources_are_read_or_refused(content: bytes, seed: int, changed: frozenset[int]) -> None:
    lines = mutated(content, seed).decode().split("\n")
    shown = "\n".join(line if number % 17 in changed else "" for number, line in enumerate(lines, start=1))
    check(shown.encode(), changed, partial=True)


@CUT
@given(st.text(max_size=80))
def test_any_text_is_read_or_refused(text: str) -> None:
    check(text.encode("utf-8", "surrogatepass"))


# -- programs that are valid by construction -------------------------------------------------------------------------

NAMES = st.sampled_from(
    ["a", "b", "data", "self", "requests", "json", "os", "open", "int", "len", "isinstance", "None", "E", "C", "f"]
)
ATOMS = st.one_of(
    NAMES, st.sampled_from(["1", "0", "-1", "'k'", "b''", "[]", "{}", "()", "...", "True", "f'{a!r:>{b}}'", "''''''"])
)


def _grown(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    pair = st.tuples(inner, inner)
    return st.one_of(
        pair.map(lambda p: f"({p[0]} + {p[1]})"),
        pair.map(lambda p: f"({p[0]} and {p[1]})"),
        pair.map(lambda p: f"({p[0]} or {p[1]})"),
        pair.map(lambda p: f"({p[0]} in {p[1]})"),
        pair.map(lambda p: f"({p[0]} is not {p[1]})"),
        pair.map(lambda p: f"(0 < {p[0]} <= {p[1]})"),
        pair.map(lambda p: f"({p[0]})[{p[1]}]"),
        pair.map(lambda p: f"({p[0]})[{p[1]}:, 1]"),
        pair.map(lambda p: f"({p[0]})({p[1]}, *{p[0]}, k={p[1]}, **{p[1]})"),
        pair.map(lambda p: f"({p[0]}).get({p[1]})"),
        pair.map(lambda p: f"({p[0]} if {p[1]} else a)"),
        pair.map(lambda p: f"[{p[0]} for a, *b in {p[1]} if {p[0]}]"),
        pair.map(lambda p: f"{{{p[0]}: {p[1]} for a in data}}"),
        pair.map(lambda p: f"{{'k': {p[0]}, **{p[1]}}}"),
        pair.map(lambda p: f"(lambda a, b={p[0]}, *c, **d: {p[1]})"),
        inner.map(lambda e: f"(not {e})"),
        inner.map(lambda e: f"({e}).name"),
        inner.map(lambda e: f"(-{e})"),
        inner.map(lambda e: f"json.loads({e})"),
        inner.map(lambda e: f"requests.get({e}, timeout={e})"),
        inner.map(lambda e: f"isinstance({e}, (dict, list))"),
        inner.map(lambda e: f"len({e})"),
        inner.map(lambda e: f"(w := {e})"),
        inner.map(lambda e: f"[*{e}, {e}]"),
        inner.map(lambda e: f"(yield {e})"),
        inner.map(lambda e: f"(await {e})"),
    )


EXPRESSIONS = st.recursive(ATOMS, _grown, max_leaves=8)
TARGETS = st.sampled_from(["a", "b", "self.a", "data['k']", "a, b", "(a, *b)", "[a, self.b]", "a[b], c.d"])
SIMPLE = st.one_of(
    EXPRESSIONS,
    st.tuples(TARGETS, EXPRESSIONS).map(lambda p: f"{p[0]} = {p[1]}"),
    EXPRESSIONS.map(lambda e: f"a: 'dict[str, int] | None' = {e}"),
    EXPRESSIONS.map(lambda e: f"a += {e}"),
    EXPRESSIONS.map(lambda e: f"a.b[0] //= {e}"),
    EXPRESSIONS.map(lambda e: f"return {e}"),
    EXPRESSIONS.map(lambda e: f"raise {e}"),
    EXPRESSIONS.map(lambda e: f"raise E({e}) from a"),
    EXPRESSIONS.map(lambda e: f"assert {e}, a"),
    st.sampled_from(
        ["pass", "raise", "return", "del a, b[0]", "global shared", "import os.path as p", "from . import c, d as e",
         "a = b = c", "a: int", "pass; a = 1; return a"]
    ),
)  # fmt: skip


def _indented(body: list[str]) -> str:
    return "".join("    " + line + "\n" for part in body for line in part.split("\n") if line)


def _blocks(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    body = st.lists(inner, min_size=1, max_size=3).map(_indented)
    three = st.tuples(EXPRESSIONS, body, body)
    return st.one_of(
        three.map(lambda p: f"if {p[0]}:\n{p[1]}elif a:\n{p[2]}else:\n{p[1]}"),
        three.map(lambda p: f"if {p[0]}:\n{p[1]}"),
        three.map(lambda p: f"for a, b in {p[0]}:\n{p[1]}    break\nelse:\n{p[2]}"),
        three.map(lambda p: f"async for a in {p[0]}:\n{p[1]}    continue\n"),
        three.map(lambda p: f"while {p[0]}:\n{p[1]}else:\n{p[2]}"),
        three.map(lambda p: f"while True:\n{p[1]}"),
        three.map(lambda p: f"with {p[0]} as a, open(b) as c:\n{p[1]}"),
        three.map(lambda p: f"async with {p[0]}:\n{p[1]}"),
        three.map(lambda p: f"try:\n{p[1]}except (E, ValueError) as a:\n{p[2]}except:\n{p[1]}else:\n{p[2]}finally:\n{p[1]}"),
        three.map(lambda p: f"try:\n{p[1]}finally:\n{p[2]}"),
        three.map(lambda p: f"match {p[0]}:\n    case {{'k': [a, *b], **c}} if a:\n    {p[1].replace(chr(10), chr(10) + '    ').rstrip()}\n    case _:\n        pass"),
        three.map(lambda p: f"async def f(a, b={p[0]}, *c, d=None, **e):\n{p[1]}"),
        three.map(lambda p: f"@a.b({p[0]})\nclass C(E, k={p[0]}):\n    a = {p[0]}\n    async def f(self, a: int | None = None):\n    {p[1].replace(chr(10), chr(10) + '    ').rstrip()}"),
    )  # fmt: skip


STATEMENTS = st.recursive(SIMPLE, _blocks, max_leaves=6)


@CUT
@given(st.lists(STATEMENTS, min_size=1, max_size=4), st.booleans())
def test_nested_programs_are_read_or_refused(body: list[str], in_function: bool) -> None:
    text = "import json, os, requests\nclass E(Exception): pass\n"
    text += "async def main(self, data, k=None):\n" + _indented(body) if in_function else "\n".join(body) + "\n"
    check(text.encode())


# -- shapes made to exhaust something --------------------------------------------------------------------------------


def _deep(n: int) -> dict[str, str]:
    blocks = min(n, 90)  # Python itself allows 100
    many = min(n, 3000)
    return {
        "parentheses": "x = " + "(" * n + "1" + ")" * n,
        "sums": "x = " + "1+" * n + "1",
        "sums over lines": "x = (" + "1+\n" * n + "1)",
        "powers": "x = " + "1**" * n + "1",
        "attributes": "x = a" + ".b" * n,
        "calls": "x = f" + "()" * n,
        "method calls": "x = a" + ".b(c)" * n,
        "subscripts": "x = a" + "[0]" * n,
        "negations": "x = " + "not " * n + "1",
        "signs": "x = " + "-" * n + "1",
        "conditionals": "x = " + "1 if a else " * n + "1",
        "lambdas": "x = " + "lambda: " * n + "1",
        "lists": "x = " + "[" * n + "]" * n,
        "and": "x = " + "a and " * n + "a",
        "or": "x = " + "a or " * n + "a",
        "comparisons": "x = " + "a < " * n + "a",
        "strings": "x = (" + "'a' " * n + ")",
        "strings over lines": "x = (" + '"a"\n' * n + ")",
        "f-strings": "x = (" + 'f"{a}" ' * n + ")",
        "f-string parts": "x = f'" + "{a}" * n + "'",
        "default": "def f(a=" + "-" * n + "1): pass",
        "decorator": "@" + "-" * n + "a\ndef f(): pass",
        "class base": "class A(" + "-" * n + "a): pass",
        "annotation": "def f(a: " + "-" * n + "1): pass",
        "string annotation": "def f(a: '" + "(" * min(n, 190) + "1" + ")" * min(n, 190) + "'): pass",
        "union": "def f(a: " + "int | " * n + "int): pass",
        "nested subscript": "def f(a: " + "list[" * min(n, 190) + "int" + "]" * min(n, 190) + "): pass",
        "imports": "import a" + ".b" * n,
        "from imports": "from a" + ".b" * n + " import c",
        "elif": "if a:\n  pass\n" + "elif b:\n  pass\n" * n,
        "if": "".join(" " * i + "if a:\n" for i in range(blocks)) + " " * blocks + "pass",
        "try": "".join(" " * i + "try:\n" for i in range(blocks))
        + " " * blocks
        + "pass\n"
        + "".join(" " * i + "finally: pass\n" for i in reversed(range(blocks))),
        "comprehension clauses": "x = [a " + "for a in b " * n + "]",
        "comprehension conditions": "x = [a for a in b " + "if a " * n + "]",
        "comprehensions": "x = " + "[a for a in " * blocks + "b" + "]" * blocks,
        "comprehensions in conditions": "x = " + "[a for a in b if " * blocks + "b" + "]" * blocks,
        "with": "with " + "(" * min(n, 150) + "a" + ")" * min(n, 150) + ": pass",
        "pattern": "match a:\n case " + "[" * min(n, 190) + "]" * min(n, 190) + ": pass",
        "mapping pattern": "match a:\n case " + "{1:" * min(n, 190) + "1" + "}" * min(n, 190) + ": pass",
        "class pattern": "match a:\n case " + "A(b=" * min(n, 190) + "1" + ")" * min(n, 190) + ": pass",
        "pattern in parentheses": "match a:\n case " + "(" * min(n, 190) + "1" + ")" * min(n, 190) + ": pass",
        "many patterns": "match a:\n" + " case {1: {2: {3: {4: [[b]]}}}}: pass\n" * many,
        "or pattern": "match a:\n case " + "1 | " * n + "1: pass",
        "branches": "if a.b: x = a\n" * many,
        "walrus": "".join(f"if (x{i} := g()) and x{i}.a: pass\n" for i in range(many)),
        "class chain": "class C0(Exception): pass\n"
        + "".join(f"class C{i + 1}(C{i}): pass\n" for i in range(many))
        + f"def f():\n try: g()\n except C{many}: pass\n raise C{many}\ndef h(a: C{many}): a.b.c()\n",
        "alias chain": "a0 = open\n" + "".join(f"a{i + 1} = a{i}\n" for i in range(many)) + f"def f(): a{many}(1)\n",
        "call chain": "".join(f"def f{i}():\n return f{i + 1}()\n" for i in range(many))
        + f"def f{many}(): return open(1)\n",
        "nested functions": "".join(" " * i + f"def f{i}():\n" for i in range(blocks)) + " " * blocks + "pass\n",
    }


SHAPES = sorted(_deep(1))

RUN = """\
import sys
from reviewer.detectors.registry import all_rules
from reviewer.domain.change import ChangeKind, FileChange
from reviewer.file_review import review_file
from reviewer.flow.reading import Surroundings
from reviewer.code.limits import Limits
from reviewer.knowledge.lookup import Knowledge
content = sys.stdin.buffer.read()
for text in content.split(b"\\0"):
    file = FileChange("a.py", ChangeKind.ADDED, content=text, whole=True)
    for reason in review_file(file, all_rules(), Surroundings(Knowledge(), Limits(5000, 2.0))).failures:
        print(reason)
print("alive")
"""


@pytest.mark.parametrize("shape", SHAPES)
def test_a_deep_shape_ends_soon_with_a_result_or_a_reason(shape: str) -> None:
    """In a process of its own, for what is too deep for a native parser ends the process and not the test alone."""
    texts = []
    for n in (90, 700, 3000, 20_000):
        text = _deep(n)[shape]
        texts.append(text)
        texts.append("def outer(self):\n" + "\n".join("  " + line for line in text.split("\n")))
    run = subprocess.run(
        [sys.executable, "-c", RUN],
        input="\0".join(texts).encode(),
        capture_output=True,
        timeout=120,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        check=False,
    )
    assert run.returncode == 0, run.stderr.decode()[-2000:]
    *reasons, last = run.stdout.decode().splitlines()
    assert last == "alive"
    assert [reason for reason in reasons if " failed (" in reason] == []
