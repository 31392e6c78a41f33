"""Calls behind which the next statement is not reached, and those that only look like it."""

from __future__ import annotations

import textwrap

import pytest

from tests.code.reading import probe
from tests.code.test_project import probed, shop

IMPORTS = "import argparse, contextlib, os, sys, typing\nimport pytest\n"


def missing_after(call: str, before: str = "") -> bool:
    """Whether a variable may still be None behind `if value is None: <call>`."""
    text = textwrap.dedent(before).strip("\n")
    return bool(
        probe(f"""{IMPORTS}
{text}
async def f(parser: argparse.ArgumentParser):
    value = os.environ.get("A")
    if value is None:
        {call}
    probe(value)
""").none
    )


@pytest.mark.parametrize(
    "call",
    [
        "sys.exit('no')",
        "os._exit(2)",
        "os.abort()",
        "exit(1)",
        "quit()",
        "parser.error('no')",
        "parser.exit(2)",
        "pytest.fail('no')",
        "pytest.skip('no')",
        "raise SystemExit(1)",
        "return sys.exit(1)",
        "os.execv('/bin/sh', ['sh'])",
    ],
)
def test_what_leaves_the_program_protects_what_follows(call: str) -> None:
    assert not missing_after(call)


@pytest.mark.parametrize(
    "body",
    [
        "raise ValueError(m)",
        "sys.exit(m)",
        "print(m); sys.exit(m)",
        "if m:\n        raise ValueError\n    else:\n        sys.exit(1)",
        "with open(m) as file:\n        raise ValueError(file)",
        "try:\n        sys.exit(m)\n    finally:\n        print(m)",
        "try:\n        print(m)\n    except ValueError:\n        raise\n    else:\n        raise ValueError",
        "while True:\n        print(m)",
        "while True:\n        for c in m:\n            break",
        "match m:\n        case 1:\n            sys.exit(1)\n        case _:\n            raise ValueError",
        "other(m)",
    ],
)
def test_a_function_of_which_every_path_raises_or_exits_never_returns(body: str) -> None:
    assert not missing_after("leave('no')", f"def leave(m):\n    {body}\n\ndef other(m):\n    raise ValueError(m)\n")


@pytest.mark.parametrize(
    "body",
    [
        "print(m)",
        "if m:\n        sys.exit(1)",
        "if not m:\n        return\n    sys.exit(m)",
        "try:\n        sys.exit(m)\n    except SystemExit:\n        pass",
        "with contextlib.suppress(SystemExit):\n        sys.exit(m)",
        "while True:\n        break",
        "while True:\n        try:\n            print(m)\n        except ValueError:\n            break",
        "while m:\n        print(m)",
        "for c in m:\n        raise ValueError",
        "match m:\n        case 1:\n            sys.exit(1)",
        "raise ValueError(m)\n    yield m",
        "raise NotImplementedError",
        "def inner():\n        raise ValueError",
        "leave(m)",
        "leave_late(m)",
    ],
)
def test_a_function_that_may_return_protects_nothing(body: str) -> None:
    assert missing_after(
        "leave('no')", f"def leave(m):\n    {body}\n\nasync def leave_late(m):\n    raise ValueError(m)\n"
    )


@pytest.mark.parametrize("annotation", ["typing.NoReturn", "typing.Never", "'typing.NoReturn'"])
def test_an_annotation_says_that_a_function_never_returns(annotation: str) -> None:
    assert not missing_after("leave('no')", f"@typing.no_type_check\ndef leave(m) -> {annotation}:\n    print(m)\n")


def test_what_a_decorator_makes_of_a_function_is_not_known() -> None:
    assert missing_after("leave('no')", "@contextlib.suppress(ValueError)\ndef leave(m):\n    raise ValueError\n")


def test_a_coroutine_function_leaves_only_where_it_is_awaited() -> None:
    late = "async def leave(m):\n    raise ValueError(m)\n"
    assert not missing_after("await leave('no')", late)
    assert missing_after("leave('no')", late)


def test_a_method_of_the_same_object_may_never_return() -> None:
    text = """
        import os
        class Reader:
            def fail(self, m):
                self.stop(m)
            def stop(self, m):
                raise ValueError(m)
            def read(self):
                value = os.environ.get("A")
                if not value:
                    self.fail("no")
                probe(value)
        """
    assert probe(text).none is None


def test_a_default_that_exits_leaves_a_value() -> None:
    assert probe("import os, sys\ndef f():\n    probe(os.environ.get('A') or sys.exit('no'))\n").none is None


def test_an_exit_that_is_caught_leads_on() -> None:
    body = "try:\n            sys.exit(1)\n        except SystemExit:\n            pass"
    assert missing_after(body)


def test_functions_that_call_each_other_for_ever_are_no_trap() -> None:
    many = "\n".join(f"def f{i}(m):\n    f{i + 1}(m)\n" for i in range(300))
    assert missing_after("f0('no')", f"{many}\ndef f300(m):\n    f0(m)\n")


def test_a_function_of_another_file_may_never_return() -> None:
    main = """
        import os
        from shop.ends import leave, warn
        def f():
            first, second = os.environ.get("A"), os.environ.get("B")
            if first is None:
                leave("A")
            if second is None:
                warn("B")
            probe(first)
            probe(second)
        """
    ends = "import sys\ndef leave(m):\n    warn(m)\n    sys.exit(1)\n\ndef warn(m):\n    print(m)\n"
    first, second = probed(shop(main, ends=ends), "src/shop/main.py")
    assert first.none is None and second.none


def test_a_long_chain_of_conditions_is_looked_through() -> None:
    chain = "".join(f"    elif m == {i}:\n        raise ValueError\n" for i in range(2000))
    start = f"def leave(m):\n    if m is None:\n        raise ValueError\n{chain}"
    assert not missing_after("leave('no')", f"{start}    else:\n        sys.exit(1)\n")
    assert missing_after("leave('no')", start)
