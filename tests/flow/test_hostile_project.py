"""Files made to lead the reviewer astray: whatever they hold, their review ends soon, and says where it gave up."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

import pytest

from reviewer.code.definition import Definitions
from reviewer.code.limits import Limits
from reviewer.code.project import Project
from reviewer.code.source import decode
from reviewer.code.unit import read_units
from reviewer.detectors.registry import all_rules
from reviewer.domain.change import ChangeKind, FileChange
from reviewer.domain.reviewed import Reviewed
from reviewer.file_review import review_file
from reviewer.flow.reading import Surroundings
from reviewer.knowledge.lookup import Knowledge

KNOWLEDGE = Knowledge()
CLIQUE = range(25)


class Files:
    """Sources in memory."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = {path: text.encode() for path, text in files.items()}

    def read(self, paths: Sequence[str]) -> Mapping[str, bytes]:
        return {path: self.files[path] for path in paths if path in self.files}

    def mentioning(self, word: str, folders: Sequence[str]) -> Sequence[str]:
        return ()

    def close(self) -> None:
        pass


def review(files: Mapping[str, str], limits: Limits | None = None) -> Reviewed:
    """What is found in main.py, the other files at hand."""
    around = Surroundings(KNOWLEDGE, limits or Limits(), Project(Files(files), KNOWLEDGE, limits or Limits()))
    file = FileChange("main.py", ChangeKind.ADDED, content=files["main.py"].encode(), whole=True)
    started = time.thread_time()
    reviewed = review_file(file, all_rules(), around)
    assert time.thread_time() - started < 10
    assert [reason for reason in reviewed.failures if " failed (" in reason] == []
    return reviewed


PROJECTS = {
    "star imports of each from each": {
        "shop/__init__.py": "".join(f"from .m{i} import *\n" for i in CLIQUE),
        **{f"shop/m{i}.py": "".join(f"from shop.m{j} import *\n" for j in CLIQUE if j != i) for i in CLIQUE},
        "main.py": "import shop\nfrom shop import *\ndef f():\n    return lost().x + shop.other().y\n",
    },
    "a circle of fifty files": {
        "shop/__init__.py": "",
        **{
            f"shop/m{i}.py": f"from shop.m{(i + 1) % 50} import f as g, C as D, v\nclass C(D): pass\n"
            "def f():\n    C().go()\n    return g()\n"
            for i in range(50)
        },
        "main.py": "from shop.m0 import f, C, v\nclass E(C): pass\ndef run():\n    try:\n        f()\n"
        "    except C:\n        E().go()\n    raise E\n",
    },
    "classes that inherit from each other": {
        "a.py": "from b import B\nclass A(B):\n    def m(self):\n        raise A\n",
        "b.py": "from a import A\nclass B(A): pass\n",
        "main.py": "from a import A\nfrom b import B\nclass C(C, A, B): pass\ndef f():\n    with C() as c:\n"
        "        try:\n            c.m()\n        except B:\n            c.lost.x()\n",
    },
    "decorators and context managers that use themselves": {
        "d.py": "from contextlib import contextmanager\nfrom main import run\n@deco\ndef deco(f):\n    @deco\n"
        "    def inner():\n        return f()\n    return inner\n@contextmanager\ndef cm():\n    with cm():\n        yield\n",
        "main.py": "from d import deco, cm\n@run\n@deco\ndef run():\n    with cm():\n        raise ValueError\n",
    },
    "patched modules and names made at run time": {
        "a.py": "def __getattr__(name): ...\nclass A:\n    def m(self): raise ValueError\n",
        "main.py": "import a\nfrom a import A, lazy\na.f = lazy\nA.m = a.f\na.f.x.y = A\nA = A\na = a\n"
        "def f():\n    A().m()\n    return lazy().x + a.f()\n",
    },
}  # fmt: skip


@pytest.mark.parametrize("name", PROJECTS)
def test_a_project_that_runs_in_circles_is_reviewed_to_the_end(name: str) -> None:
    reviewed = review(PROJECTS[name])
    assert reviewed.failures == ()
    assert review(PROJECTS[name]) == reviewed


def test_functions_that_all_call_each_other_are_given_up_with_a_word() -> None:
    text = "".join(
        f"class E{i}(Exception): pass\ndef f{i}():\n"
        + "".join(f"    f{j}()\n" for j in range(40))
        + f"    raise E{i}\n"
        for i in range(40)
    )
    reviewed = review({"main.py": text}, Limits(seconds=0.02))
    assert "what it calls was not followed to the end; raise limits.unit-seconds" in reviewed.failures


def test_more_exceptions_than_a_unit_is_asked_for_are_told_of_within_the_usual_time_too() -> None:
    text = "".join(
        f"class E{i}(Exception): pass\ndef f{i}():\n"
        + "".join(f"    f{j}()\n" for j in range(60))
        + f"    raise E{i}\n"
        for i in range(60)
    )
    assert review({"main.py": text}).failures == (
        "what it calls was not followed to the end; raise limits.unit-seconds",
    )


def test_a_large_file_costs_by_its_size_and_not_by_its_square() -> None:
    def seconds(count: int) -> float:
        text = "".join(f"def f{i}(x): return f{i + 1}(x)\n" for i in range(count))
        code = read_units(decode("a.py", text.encode()), frozenset(), KNOWLEDGE)
        definitions = Definitions(code)
        started = time.thread_time()
        for i in range(1, count):
            assert definitions.referring(f"f{i}") == (f"f{i - 1}", f"f{i}")
            assert definitions.inside(f"f{i}") == () if i % 100 == 0 else True
        return time.thread_time() - started

    assert seconds(8000) < 5


def test_functions_around_a_mention_are_told_from_the_outside_in() -> None:
    text = "def a():\n    def b():\n        c()\n    c\ndef c():\n    pass\nclass D:\n    def m(self):\n        return c\nc()\n"
    definitions = Definitions(read_units(decode("a.py", text.encode()), frozenset(), KNOWLEDGE))
    assert definitions.referring("c") == ("a", "a.b", "c", "D.m")
    assert definitions.referring("pass") == ("c",)
