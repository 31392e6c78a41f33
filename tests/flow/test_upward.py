"""Where an exception that leaves a function arrives, in its own file and in files near it."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence

import pytest

from reviewer.code.project import Project
from reviewer.code.unit import Limits
from reviewer.file_review import Surroundings, read_file
from reviewer.flow.upward import Upward
from reviewer.knowledge.lookup import Knowledge

KNOWLEDGE = Knowledge()


class Files:
    """Sources in memory."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = {path: textwrap.dedent(text).lstrip("\n").encode() for path, text in files.items()}

    def read(self, paths: Sequence[str]) -> Mapping[str, bytes]:
        return {path: self.files[path] for path in paths if path in self.files}

    def mentioning(self, word: str, folders: Sequence[str]) -> Sequence[str]:
        places = {path: path.rpartition("/")[0] for path in self.files}
        near = [path for path, place in places.items() if {place, place.rpartition("/")[0]} & set(folders)]
        return sorted(path for path in near if word in self.files[path].decode())

    def close(self) -> None:
        pass


def upward(text: str, **near: str) -> Upward:
    """The way up from the functions of shop/main.py."""
    sources = Files({"shop/main.py": text} | {f"shop/{name}.py": other for name, other in near.items()})
    around = Surroundings(KNOWLEDGE, Limits(), Project(sources, KNOWLEDGE, Limits()))
    return read_file("shop/main.py", sources.files["shop/main.py"], None, around).upward


def told(found: Upward, name: str, exception: str = "OSError") -> list[tuple[str, str, list[str]]]:
    """Name and outcome of each boundary, with the functions on the way."""
    arrivals = found.arrivals(name, exception, near=True)
    return [(one.boundary.name, one.ending.words, [step.function for step in one.calls]) for one in arrivals]


APP = """
    from fastapi import FastAPI
    app = FastAPI()

    def price():
        return 1

    def total():
        return price()

    @app.get("/orders")
    def orders():
        return total()
    """


def test_an_exception_is_followed_up_the_calls_to_the_route() -> None:
    assert told(upward(APP), "price") == [
        ("GET /orders", "500 Internal Server Error to the caller", ["total", "orders"])
    ]


def test_a_caller_that_handles_it_ends_the_way() -> None:
    handled = APP.replace("return price()", "try: return price()\n        except OSError: return 0")
    found = upward(handled)
    assert told(found, "price") == []
    assert found.is_handled("price", "OSError")
    assert not found.is_handled("price", "ValueError")


def test_a_function_that_nobody_is_seen_to_call_is_not_handled() -> None:
    found = upward("def alone():\n    pass\n")
    assert told(found, "alone") == []
    assert not found.is_handled("alone", "OSError")


def test_the_most_harmful_boundary_is_told_first() -> None:
    found = upward(APP + "    import threading\n    threading.Thread(target=price).start()\n")
    assert [boundary for boundary, _, _ in told(found, "total")] == ["GET /orders"]
    first, *_ = found.arrivals("price", "OSError")
    assert first.ending.harm == "lost"


def test_functions_that_call_each_other_end() -> None:
    assert told(upward("def a():\n    b()\ndef b():\n    a()\n"), "a") == []
    assert not upward("def a():\n    b()\ndef b():\n    a()\n").is_handled("a", "OSError")


def test_callers_are_looked_for_in_files_near_by_where_there_is_none_in_the_file() -> None:
    routes = """
        from fastapi import APIRouter
        from shop.main import price
        router = APIRouter()
        def helper():
            return price()
        @router.get("/prices")
        def prices():
            return helper()
        """
    found = upward("def price():\n    return 1\n", routes=routes)
    assert told(found, "price") == [("GET /prices", "500 Internal Server Error to the caller", ["helper", "prices"])]
    [arrival] = found.arrivals("price", "OSError", near=True)
    assert arrival.path == "shop/routes.py"
    assert [step.path for step in arrival.calls] == ["shop/routes.py", "shop/routes.py"]
    assert found.arrivals("price", "OSError") == ()


@pytest.mark.parametrize(("clause", "handled"), [("OSError", True), ("KeyError", False)])
def test_a_caller_near_by_may_handle_it(clause: str, handled: bool) -> None:
    other = f"""
        from shop import main
        def careful():
            try:
                return main.price()
            except {clause}:
                return 0
        """
    assert upward("def price():\n    return 1\n", other=other).is_handled("price", "OSError", near=True) is handled


def test_a_function_of_the_same_name_that_is_another_one_is_no_caller() -> None:
    other = """
        from elsewhere import price
        def careful():
            try:
                return price()
            except OSError:
                return 0
        """
    assert not upward("def price():\n    return 1\n", other=other).is_handled("price", "OSError", near=True)
