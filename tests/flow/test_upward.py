"""Where an exception that leaves a function arrives, in its own file and in files near it."""

from __future__ import annotations

import textwrap

import pytest

from reviewer.code.limits import Limits
from reviewer.code.project import Project
from reviewer.flow.reading import Surroundings, read_file
from reviewer.flow.upward import Upward
from reviewer.knowledge.lookup import Knowledge
from tests.code.files_in_memory import Files

KNOWLEDGE = Knowledge()


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


def test_every_call_must_stand_under_a_handler() -> None:
    text = """
        def inner():
            raise OSError

        def careful():
            try:
                inner()
            except OSError:
                pass
        """
    assert upward(text).is_handled("inner", "OSError")
    assert not upward(textwrap.dedent(text) + "\ndef careless():\n    inner()\n").is_handled("inner", "OSError")
    assert not upward(text).is_handled("careful", "OSError")


def test_a_function_that_only_calls_itself_under_a_handler_is_not_handled() -> None:
    text = "def again(n):\n    try:\n        again(n - 1)\n    except OSError:\n        pass\n"
    assert not upward(text).is_handled("again", "OSError")


DECORATED = """
    from fastapi import FastAPI
    app = FastAPI()

    def translated(function):
        def wrapper(*args):
            try:
                return function(*args)
            except OSError as error:
                raise KeyError from error
        return wrapper

    @app.get("/a")
    @translated
    def a():
        return read()

    def read():
        return 1
    """


def test_what_a_decorator_of_a_caller_makes_of_it_arrives() -> None:
    [arrival] = upward(DECORATED).arrivals("read", "OSError")
    assert arrival.boundary.name == "GET /a"


def test_a_clause_that_raises_another_exception_sends_that_one_on() -> None:
    translating = APP.replace(
        "return price()", "try: return price()\n        except OSError as error: raise HTTPException(503) from error"
    ).replace("import FastAPI", "import FastAPI, HTTPException")
    [arrival] = upward(translating).arrivals("price", "OSError")
    assert (arrival.ending.words, arrival.ending.intended) == ("the status that it carries, to the caller", True)


def test_a_context_manager_around_a_call_may_end_it() -> None:
    text = """
        from contextlib import contextmanager, suppress

        @contextmanager
        def tolerant():
            try:
                yield
            except OSError:
                pass

        def run():
            with tolerant():
                read()

        def read():
            return 1
        """
    assert upward(text).is_handled("read", "OSError")
    assert not upward(text).is_handled("read", "ValueError")


def test_handlers_that_the_application_s_own_file_registers_count() -> None:
    application = """
        from fastapi import FastAPI
        from shop.errors import Gone
        from shop import main

        app = FastAPI()
        app.include_router(main.router)

        @app.exception_handler(Gone)
        def gone(request, error):
            return answer(404)
        """
    routes = """
        from fastapi import APIRouter
        router = APIRouter()

        @router.get("/orders")
        def orders():
            return 1
        """
    found = upward(routes, application=application, errors="class Gone(Exception): pass\n")
    [gone] = found.arrivals("orders", "shop.errors.Gone", near=True)
    assert gone.ending.intended
    assert gone.ending.words.endswith("of shop/application.py")
    [other] = found.arrivals("orders", "OSError", near=True)
    assert not other.ending.intended


def test_a_coroutine_of_another_file_that_is_only_made_raises_nothing_there() -> None:
    other = """
        import asyncio
        from shop import main
        from fastapi import FastAPI
        app = FastAPI()

        @app.get("/")
        async def start():
            asyncio.create_task(main.work())
            return 1
        """
    assert told(upward("async def work():\n    raise OSError\n", other=other), "work") == []


def test_many_functions_that_all_call_each_other_end_soon() -> None:
    names = [f"f{number}" for number in range(40)]
    calls = "".join(f"    {name}()\n" for name in names)
    text = "".join(f"def {name}():\n{calls}" for name in names)
    assert not upward(text).is_handled("f0", "OSError")


GROUPED = """
    import asyncio
    from fastapi import FastAPI
    app = FastAPI()

    async def load():
        raise OSError

    async def both():
        async with asyncio.TaskGroup() as group:
            group.create_task(load())
            group.create_task(load())

    @app.get("/orders")
    async def orders():
        try:
            await both()
        except OSError:
            return None
    """
ROUTE = ("GET /orders", "500 Internal Server Error to the caller", ["both", "orders"])


def test_an_exception_of_a_task_goes_up_from_whoever_waits_for_its_group() -> None:
    found = upward(GROUPED)
    assert told(found, "load") == [ROUTE]
    assert [one.exception for one in found.arrivals("load", "OSError")] == ["ExceptionGroup[OSError]"]
    assert not found.is_handled("load", "OSError")


def test_a_gathered_exception_goes_up_as_it_is() -> None:
    text = GROUPED.replace("async with asyncio.TaskGroup() as group:", "if True:")
    text = text.replace("group.create_task(load())", "await asyncio.gather(load())")
    [(name, _, _)] = told(upward(text), "load")
    assert name == "task load"
    assert told(upward(text.replace("except OSError", "except KeyError")), "load") == [ROUTE]


def test_a_group_that_a_starred_clause_ends_goes_no_further_than_the_task() -> None:
    text = GROUPED.replace("except OSError:\n            return None", "except* OSError:\n            ...")
    assert [name for name, _, _ in told(upward(text), "load")] == ["task load"]


def test_a_task_that_nobody_waits_for_is_lost_whoever_starts_it() -> None:
    text = GROUPED.replace("group.create_task(load())", "asyncio.create_task(load())")
    [(name, ending, _)] = told(upward(text), "load")
    assert (name, "nobody is told" in ending) == ("task load", True)
