"""Which boundary a function is when the file leaves room for doubt, and what is not one."""

from __future__ import annotations

import time

from reviewer.domain.boundary import Boundary, Clause, Ending
from tests.flow.boundaries.reading import read


def _kinds(text: str, function: str, path: str = "shop/example.py") -> list[str]:
    return [boundary.kind for boundary in read(text, path)[0].all_of(function)]


def test_a_function_that_is_several_boundaries_tells_all_the_most_telling_first() -> None:
    text = """
    import threading
    from fastapi import FastAPI

    app = FastAPI()

    @app.get("/")
    def home():
        return load()

    threading.Thread(target=home).start()
    """
    assert _kinds(text, "home") == ["route", "thread"]


def test_a_name_that_means_another_function_is_not_taken_for_this_one() -> None:
    text = """
    import threading
    from elsewhere import load as work

    class Loader:
        def load(self):
            read()

    def load():
        read()

    threading.Thread(target=work).start()
    threading.Thread(target=Loader().load).start()
    """
    assert _kinds(text, "load") == []
    assert _kinds(text, "Loader.load") == ["thread"]


def test_a_variable_of_a_function_hides_the_function_of_the_module() -> None:
    text = """
    import threading

    def load():
        read()

    def start(load):
        threading.Thread(target=load).start()
    """
    assert _kinds(text, "load") == []


def test_a_function_inside_another_is_found_by_its_qualified_name() -> None:
    text = """
    import threading

    def start():
        def work():
            read()
        threading.Thread(target=work).start()
    """
    assert _kinds(text, "start.work") == ["thread"]


def test_a_method_of_a_base_class_in_the_file_is_found_through_its_heir() -> None:
    text = """
    import threading

    class Base:
        def _run(self):
            read()

    class Worker(Base):
        def start(self):
            threading.Thread(target=self._run).start()
    """
    assert _kinds(text, "Base._run") == ["thread"]


def test_a_generic_base_counts_like_the_plain_one() -> None:
    text = """
    from rest_framework.generics import GenericAPIView

    class Base(GenericAPIView[Order]):
        pass

    class Orders(Base):
        def get(self, request):
            return page()
    """
    assert _kinds(text, "Orders.get") == ["route"]


def test_a_router_whose_application_is_elsewhere_is_told_as_incomplete() -> None:
    text = """
    from fastapi import APIRouter

    router = APIRouter()

    @router.get("/")
    def home():
        return load()
    """
    boundaries, hierarchy = read(text)
    boundary = boundaries.of("home")
    assert boundary is not None
    assert not boundary.complete
    answered = Ending("answered by the handler all (line 3)", "answered", intended=True)
    whole = boundary.within((Clause(("OSError",), answered),))
    assert whole.complete
    assert whole.handles("ConnectionError", hierarchy)
    assert not whole.handles("ValueError", hierarchy)


def test_the_handlers_of_a_file_are_given_out_for_the_routes_of_others() -> None:
    text = """
    from fastapi import FastAPI

    class Missing(Exception):
        pass

    app = FastAPI()

    @app.exception_handler(Missing)
    async def missing(request, error):
        return answer(404)
    """
    [clause] = read(text)[0].handlers("starlette")
    assert clause.types == (".Missing",)
    assert clause.ending.intended


def test_the_nearest_class_decides_and_an_inner_layer_comes_before() -> None:
    hierarchy = read("")[1]
    own = Ending("own", "answered", intended=True)
    wide = Ending("wide", "answered", intended=True)
    other = Ending("other", "ends")
    same = Boundary("route", "F", "x", 1, other, ((Clause(("Exception",), wide), Clause(("OSError",), own)),))
    assert same.outcome("ConnectionError", hierarchy) == "own"
    assert same.outcome("ValueError", hierarchy) == "wide"
    assert same.outcome("SystemExit", hierarchy) == "other"
    assert same.outcome("a.library.Unknown", hierarchy) == "wide"
    layered = Boundary("route", "F", "x", 1, other, ((Clause(("Exception",), wide),), (Clause(("OSError",), own),)))
    assert layered.outcome("ConnectionError", hierarchy) == "wide"


def test_the_module_body_fails_the_import_or_the_program() -> None:
    imported = read("load()")[0].of("<module>")
    started = read("load()", "shop/__main__.py")[0].of("<module>")
    assert imported is not None
    assert started is not None
    assert (imported.kind, started.kind) == ("import", "main")


def test_a_function_that_does_not_exist_or_is_a_class_is_no_boundary() -> None:
    boundaries = read("class Order:\n    pass\n")[0]
    assert boundaries.of("nothing") is None
    assert boundaries.of("Order") is None


def test_what_is_defined_by_itself_ends() -> None:
    text = """
    import threading

    class A(B):
        pass

    class B(A):
        def run(self):
            a = b
            b = a
            threading.Thread(target=a).start()
            threading.Thread(target=run).start()

    x = y
    y = x

    @x
    @y.get("/")
    def run():
        pass
    """
    assert _kinds(text, "B.run") == []
    assert _kinds(text, "run") == ["route", "thread"]


def test_a_file_of_ten_thousand_registrations_is_read_in_seconds() -> None:
    lines = ["import threading", "def work():", "    pass"]
    lines.extend("threading.Thread(target=work).start()" for _ in range(10_000))
    started = time.monotonic()
    read("\n".join(lines))[0].of("work")
    assert time.monotonic() - started < 20
