"""What calling a function of the same file tells of its arguments."""

from __future__ import annotations

import textwrap

import pytest

from tests.code.reading import probe, probed


def after_call(body: str, call: str = "check(v)", more: str = "") -> bool:
    """Whether a variable may still be None after a call of `check`, which has this body."""
    text = (
        "import os\n"
        + textwrap.dedent(more)
        + "def check(x, y=None):\n"
        + textwrap.indent(textwrap.dedent(body), "    ")
        + f"\ndef f(w):\n    v = os.environ.get('A')\n    {call}\n    probe(v)\n"
    )
    return bool(probe(text).none)


@pytest.mark.parametrize(
    "body",
    [
        "if x is None:\n    raise ValueError",
        "if not x:\n    raise ValueError(y)\nprint(x)",
        "if not isinstance(x, str) or not x.strip():\n    raise ValueError",
        "assert x is not None",
        "if x is None:\n    raise ValueError\nelse:\n    print(x)",
        "for i in y:\n    if x is None:\n        return None\n    print(i)\nif x is None:\n    raise ValueError"
        + "\nreturn x",
        "with open(y) as file:\n    if x is None:\n        raise ValueError(file)",
    ],
)
def test_a_function_that_came_back_has_checked_its_argument(body: str) -> None:
    known = "for i in y" not in body  # there a return leaves it open
    assert after_call(body) is not known


@pytest.mark.parametrize(
    "body",
    [
        "if y is None:\n    raise ValueError",
        "if x is None:\n    print(y)",
        "if x is None:\n    return\nprint(x)",
        "try:\n    if x is None:\n        raise ValueError\nexcept ValueError:\n    pass",
        "x = y\nif x is None:\n    raise ValueError",
        "if y:\n    if x is None:\n        raise ValueError",
        "if x is None:\n    raise ValueError\nyield x",
        "while y:\n    if x is None:\n        raise ValueError",
    ],
)
def test_a_function_that_may_let_it_pass_tells_nothing(body: str) -> None:
    assert after_call(body)


@pytest.mark.parametrize("call", ["check(w)", "check(w, v)", "check(*v)", "check", "other(v)", "print(check)"])
def test_only_the_checked_argument_is_known(call: str) -> None:
    assert after_call("if x is None:\n    raise ValueError", call)


def test_an_argument_may_be_given_by_name() -> None:
    assert not after_call("if x is None:\n    raise ValueError", "check(y=1, x=v)")


def test_a_decorated_function_may_do_anything() -> None:
    more = "def maybe(f):\n    return print\n"
    assert after_call("if x is None:\n    raise ValueError", more=more + "@maybe\n")


def asked(body: str, condition: str = "check(v)") -> tuple[bool, bool]:
    """Whether a variable may be None where `check(v)` held, and where it did not."""
    text = (
        "import os\ndef check(x, y=None):\n"
        + textwrap.indent(textwrap.dedent(body), "    ")
        + f"\ndef f(w):\n    v = os.environ.get('A')\n    if {condition}:\n        probe(v)\n    else:\n        probe(v)\n"
    )
    held, not_held = probed(text)
    return bool(held.none), bool(not_held.none)


@pytest.mark.parametrize(
    "body",
    [
        "return x is not None",
        "return bool(x) and x.strip() != ''",
        "if x is None:\n    return False\nreturn True",
        "if not x:\n    return False\nreturn y == 1",
        "if x is None:\n    return\nreturn 'yes'",
    ],
)
def test_a_true_answer_speaks_of_the_argument(body: str) -> None:
    assert asked(body) == (False, True)
    assert asked(body, "not check(v)") == (True, False)


def test_a_false_answer_may_speak_of_the_argument() -> None:
    assert asked("return x is None") == (True, False)


@pytest.mark.parametrize(
    "body", ["return True", "return bool(x) or True", "return y", "if y:\n    return True\nreturn x is not None"]
)
def test_an_answer_that_may_be_true_all_the_same_tells_nothing(body: str) -> None:
    assert asked(body) == (True, True)


def test_an_answer_may_be_kept_under_a_name() -> None:
    text = """
        import os
        class Reader:
            @staticmethod
            def given(x):
                return x is not None
            def read(self):
                v = os.environ.get("A")
                ok = self.given(v)
                if ok:
                    probe(v)
        """
    assert probe(text).none is None


def test_a_coroutine_function_checks_only_where_it_is_awaited() -> None:
    text = """
        import os
        async def check(x):
            if x is None:
                raise ValueError
        async def f():
            v, w = os.environ.get("A"), os.environ.get("B")
            await check(v)
            check(w)
            probe(v)
            probe(w)
        """
    awaited, dropped = probed(text)
    assert awaited.none is None and dropped.none


def test_the_type_and_the_keys_that_a_function_asks_for_are_known_after_it() -> None:
    text = """
        import json
        def check(data):
            if not isinstance(data, dict) or "id" not in data:
                raise ValueError("no id")
        def f(t):
            d = json.loads(t)
            check(d)
            probe(d)
        """
    found = probe(text)
    assert found.type == "dict" and {"isinstance:dict", "key:'id'"} <= found.guards


def test_a_method_may_check_what_its_object_holds() -> None:
    text = """
        class Reader:
            def __init__(self):
                self.file = None
                self.line = None
            def open(self, name):
                self.file = open(name)
                self.line = 1
            def check(self):
                if self.file is None:
                    raise ValueError
            def begin(self):
                if self.line is None:
                    raise ValueError
                self.line = None
            def read(self):
                self.check()
                self.begin()
                probe(self.file)
                probe(self.line)
        """
    checked, changed = probed(text)
    assert checked.none is None and changed.none
