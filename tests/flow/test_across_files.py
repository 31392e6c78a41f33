"""What leaves a function through calls of functions in other files, decorators and context managers."""

from __future__ import annotations

import itertools
import textwrap
from collections.abc import Mapping

import pytest

from reviewer.code.definition import Definitions
from reviewer.code.limits import Limits
from reviewer.code.neighbours import Neighbours
from reviewer.code.project import MAX_SEARCHES, Project
from reviewer.code.source import decode
from reviewer.code.unit import read_units
from reviewer.domain.record import read_record, write_record
from reviewer.flow.boundaries.finder import Boundaries
from reviewer.flow.digest import Digest
from reviewer.flow.digests import Digests
from reviewer.flow.hierarchy import Hierarchy
from reviewer.flow.leaving import Step
from reviewer.flow.summary import Summaries
from reviewer.knowledge.lookup import Knowledge
from tests.code.files_in_memory import Files

KNOWLEDGE = Knowledge()


class Remembered:
    """A memory that lasts as long as the test."""

    complaint = None

    def __init__(self) -> None:
        self.values: dict[tuple[str, str], bytes] = {}
        self.recalled = 0

    def recall(self, kind: str, key: str) -> bytes | None:
        found = self.values.get((kind, key))
        self.recalled += found is not None
        return found

    def remember(self, kind: str, key: str, value: bytes) -> None:
        self.values[kind, key] = value

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass


def flow(files: Mapping[str, str], memory: Remembered | None = None) -> Summaries:
    """What leaves the functions of the file main.py of a package `shop`."""
    sources = Files({f"shop/{name}.py": text for name, text in files.items()})
    project = Project(sources, KNOWLEDGE, Limits())
    project.begin()
    neighbours = Neighbours(project, "shop/main.py")
    code = read_units(decode("shop/main.py", sources.files["shop/main.py"]), None, KNOWLEDGE, elsewhere=neighbours)
    assert code.failures == ()
    hierarchy = Hierarchy(KNOWLEDGE, code.outline.bases, neighbours)
    definitions = Definitions(code)
    return Summaries(
        definitions, hierarchy, Digests(definitions, Boundaries(code), hierarchy, project=project, memory=memory)
    )


def leaving(files: Mapping[str, str], name: str = "run") -> set[str]:
    return {one.exception for one in flow(files).leaving(name)}


ERRORS = """
    class ShopError(Exception):
        pass

    class Damaged(ShopError):
        pass
    """
STORE = """
    import json
    from shop.errors import Damaged

    class Store:
        def read(self, path):
            with open(path, encoding="utf-8", errors="replace") as file:
                data = json.load(file)
            if not data:
                raise Damaged(path)
            return data
    """


def test_the_way_leads_through_the_files() -> None:
    found = flow(
        {
            "errors": ERRORS,
            "store": STORE,
            "main": "from shop.store import Store\ndef run(path):\n    return Store().read(path)\n",
        }
    ).leaving("run")
    [damaged] = [one for one in found if one.raised]
    assert damaged.exception == "shop.errors.Damaged"
    assert damaged.steps == (
        Step("run", 3, "Store().read"),
        Step("Store.read", 9, "shop.errors.Damaged", "shop/store.py"),
    )
    assert {one.exception for one in found} >= {"FileNotFoundError", "json.JSONDecodeError"}


def test_a_clause_covers_the_subclass_that_another_file_defines() -> None:
    main = """
        from shop.errors import ShopError
        from shop.store import Store
        def run(path):
            try:
                return Store().read(path)
            except (ShopError, OSError, ValueError):
                return None
        """
    assert leaving({"errors": ERRORS, "store": STORE, "main": main}) == set()


def test_a_clause_may_name_the_exception_by_way_of_another_module() -> None:
    main = """
        from shop import api
        from shop.store import Store
        def run(path):
            try:
                return Store().read(path)
            except (api.Damaged, OSError, ValueError):
                return None
        """
    files = {"errors": ERRORS, "store": STORE, "api": "from shop.errors import Damaged\n", "main": main}
    assert leaving(files) == set()


def test_an_exception_of_the_reviewed_file_that_another_file_raises_keeps_its_short_name() -> None:
    files = {
        "other": "from shop import main\ndef fail():\n    raise main.Own()\n",
        "main": "from shop.other import fail\nclass Own(Exception): pass\ndef run():\n    fail()\n",
    }
    assert leaving(files) == {".Own"}


def test_functions_of_two_files_that_call_each_other_end() -> None:
    files = {
        "other": "from shop.main import run\ndef back(n):\n    if n < 0:\n        raise ValueError(n)\n    run(n)\n",
        "main": "from shop.other import back\ndef run(n):\n    back(n - 1)\n",
    }
    assert leaving(files) == {"ValueError"}


def test_a_method_of_what_another_file_returns_is_followed() -> None:
    files = {
        "errors": ERRORS,
        "store": STORE,
        "making": "from shop.store import Store\ndef make() -> Store:\n    return Store()\n",
        "middle": "from shop.making import make\ndef load(path):\n    return make().read(path)\n",
        "main": "from shop.middle import load\ndef run(path):\n    load(path)\n",
    }
    assert "shop.errors.Damaged" in leaving(files)


def test_an_inherited_method_is_followed_into_the_file_of_the_base() -> None:
    files = {
        "errors": ERRORS,
        "store": STORE,
        "main": """
            from shop.store import Store
            class Cache(Store):
                def warm(self, path):
                    self.read(path)
            """,
    }
    assert "shop.errors.Damaged" in leaving(files, "Cache.warm")


def test_an_abstract_method_raises_what_its_implementations_raise() -> None:
    main = """
        import abc
        class Port(abc.ABC):
            @abc.abstractmethod
            def send(self): ...
            def run(self):
                self.send()
        class Broken(Port):
            def send(self):
                raise ConnectionError
        """
    assert leaving({"main": main}, "Port.run") == {"ConnectionError"}


PORT = """
    import abc

    class Store(abc.ABC):
        @abc.abstractmethod
        def save(self, item): ...
    """
USER = """
    from shop.port import Store

    class Service:
        def __init__(self, store: Store):
            self.store = store

        def run(self, item):
            self.store.save(item)
    """
REDIS = """
    from shop.port import Store

    class RedisStore(Store):
        def save(self, item):
            raise ConnectionError
    """


def test_an_abstract_method_of_another_file_raises_what_its_implementations_in_further_files_raise() -> None:
    files = {"port": PORT, "main": USER, "backends/redis": REDIS}
    [one] = flow(files).leaving("Service.run")
    assert one.exception == "ConnectionError"
    assert one.steps == (
        Step("Service.run", 8, "self.store.save"),
        Step("RedisStore.save", 5, "ConnectionError", "shop/backends/redis.py"),
    )


def test_the_abstract_class_may_be_the_one_that_is_reviewed() -> None:
    main = PORT + "\n    def run(store: Store):\n        store.save(1)\n"
    for name in ("shop.main import Store", "shop.api import Store", "shop.api import Store as Port"):
        base = "Port" if name.endswith("Port") else "Store"
        other = f"from {name}\nclass Other({base}):\n    def save(self, item):\n        raise LookupError\n"
        api = "from shop.main import Store\n"
        assert leaving({"main": main, "api": api, "other": other}) == {"LookupError"}


def test_the_reviewed_file_may_implement_what_another_one_leaves_open() -> None:
    main = USER + "\n    class Own(Store):\n        def save(self, item):\n            raise LookupError\n"
    [one] = flow({"port": PORT, "main": main}).leaving("Service.run")
    assert one.steps[-1] == Step("Own.save", 12, "LookupError")


@pytest.mark.parametrize(
    "port",
    [
        "class Store:\n    def save(self, item):\n        raise NotImplementedError\n",
        "class Store:\n    def save(self, item):\n        '''Keep it.'''\n        ...\n",
        "from typing import Protocol\nclass Store(Protocol):\n    def save(self, item):\n        '''Keep it.'''\n",
        "from typing import Protocol, TypeVar\nT = TypeVar('T')\nclass Store(Protocol[T]):\n"
        "    def save(self, item: T): pass\n",
    ],
)
def test_a_method_without_a_body_of_its_own_is_replaced_by_those_of_the_subclasses(port: str) -> None:
    assert leaving({"port": port, "main": USER, "redis": REDIS}, "Service.run") == {"ConnectionError"}


def test_a_method_that_does_something_stands_for_itself() -> None:
    port = "class Store:\n    def save(self, item):\n        return item\n"
    assert leaving({"port": port, "main": USER, "redis": REDIS}, "Service.run") == set()


def test_a_class_that_only_has_the_methods_of_a_protocol_does_not_count() -> None:
    port = "from typing import Protocol\nclass Store(Protocol):\n    def save(self, item): ...\n"
    alike = "# Store\nclass Alike:\n    def save(self, item):\n        raise LookupError\n"
    namesake = "class Store: ...\nclass Other(Store):\n    def save(self, item):\n        raise OSError\n"
    assert leaving({"port": port, "main": USER, "alike": alike, "namesake": namesake}, "Service.run") == set()


def test_a_class_between_may_leave_the_method_open_or_have_it_from_elsewhere() -> None:
    files = {
        "port": PORT,
        "main": USER,
        "base": "from shop.port import Store\nclass Base(Store):\n    def close(self): ...\n",
        "file": "from shop.base import Base\nclass FileStore(Base):\n    def save(self, item):\n        raise EOFError\n",
        "mixin": "class Mixin:\n    def save(self, item):\n        raise LookupError\n",
        "mixed": "from shop.mixin import Mixin\nfrom shop.port import Store\nclass Mixed(Mixin, Store): ...\n",
    }
    assert leaving(files, "Service.run") == {"EOFError", "LookupError"}


def test_the_implementations_of_a_generic_class_count() -> None:
    port = (
        "from typing import Generic, TypeVar\nT = TypeVar('T')\nclass Store(Generic[T]):\n"
        "    def save(self, item: T):\n        raise NotImplementedError\n"
    )
    main = "from shop.port import Store\ndef run(store: Store[int]):\n    store.save(1)\n"
    redis = REDIS.replace("(Store)", "(Store[int])")
    assert leaving({"port": port, "main": main, "redis": redis}) == {"ConnectionError"}


def test_what_tests_put_in_the_place_of_a_class_does_not_run_in_the_program() -> None:
    assert leaving({"port": PORT, "main": USER, "tests/fakes": REDIS}, "Service.run") == set()
    assert leaving({"port": PORT, "main": USER, "test_store": REDIS}, "Service.run") == set()
    assert leaving({"port": PORT, "main": USER, "backends/mock": REDIS}, "Service.run") == set()


def test_implementations_that_are_too_many_are_followed_from_the_nearest_on() -> None:
    many = {
        f"far/m{i:02}": "from shop.port import Store\nclass Bad(Exception): ...\n"
        f"class S{i}(Store):\n    def save(self, item):\n        raise Bad\n"
        for i in range(20)
    }
    found = leaving({"port": PORT, "main": USER, "redis": REDIS, **many}, "Service.run")
    assert found == {"ConnectionError", *(f"shop.far.m{i:02}.Bad" for i in range(7))}


def test_files_near_are_searched_a_limited_number_of_times_for_implementations() -> None:
    ports = "".join(f"class P{i}:\n    def m(self): ...\n" for i in range(20))
    main = "from shop import ports\n" + "".join(f"def run{i}(p: ports.P{i}):\n    p.m()\n" for i in range(20))
    backends = "from shop.ports import *\n" + "".join(
        f"class B{i}(P{i}):\n    def m(self):\n        raise LookupError\n" for i in range(20)
    )
    found = flow({"ports": ports, "main": main, "backends": backends})
    followed = [i for i in range(20) if found.leaving(f"run{i}")]
    assert followed == list(range(MAX_SEARCHES))


def test_a_coroutine_that_is_only_made_runs_no_implementation() -> None:
    port = "class Store:\n    async def save(self, item): ...\n"
    redis = REDIS.replace("def save", "async def save")
    main = "from shop.port import Store\nasync def run(store: Store):\n    {}store.save(1)\n"
    assert leaving({"port": port, "main": main.format("await "), "redis": redis}) == {"ConnectionError"}
    assert leaving({"port": port, "main": main.format("return "), "redis": redis}) == set()


def test_implementations_are_the_same_with_a_memory_and_without() -> None:
    memory = Remembered()
    files = {"port": PORT, "main": USER, "redis": REDIS}
    first = flow(files, memory).leaving("Service.run")
    assert flow(files, memory).leaving("Service.run") == first
    files["redis"] = files["redis"].replace("ConnectionError", "LookupError")
    assert {one.exception for one in flow(files, memory).leaving("Service.run")} == {"LookupError"}
    del files["redis"]
    assert flow(files, memory).leaving("Service.run") == ()


MANAGERS = """
    from contextlib import contextmanager

    @contextmanager
    def quiet():
        try:
            yield
        except LookupError:
            pass

    @contextmanager
    def renaming():
        try:
            yield
        except LookupError as error:
            raise RuntimeError("lost") from error

    class Quiet:
        def __enter__(self):
            return self
        def __exit__(self, kind, error, trace):
            return True
    """


@pytest.mark.parametrize(
    ("manager", "left"), [("quiet", set()), ("renaming", {"RuntimeError"}), ("Quiet", set()), ("open", {"LookupError"})]
)
def test_a_context_manager_of_the_project_may_end_or_rename_what_its_block_raises(manager: str, left: set[str]) -> None:
    main = f"""
        from shop.managers import *
        from shop.managers import quiet, renaming, Quiet
        def run(path):
            with {manager}():
                raise LookupError
        """
    assert leaving({"managers": MANAGERS, "main": main}) - {"FileNotFoundError", "PermissionError"} == left


def test_entering_a_context_manager_raises_what_its_methods_raise() -> None:
    main = """
        class Session:
            def __enter__(self):
                raise ConnectionError
            def __exit__(self, *parts):
                raise BrokenPipeError
        def run():
            with Session():
                pass
        """
    assert leaving({"main": main}) == {"ConnectionError", "BrokenPipeError"}


DECORATORS = """
    import functools

    def surviving(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            try:
                return function(*args, **kwargs)
            except LookupError:
                return None
        return wrapper

    def translated(kind):
        def decorate(function):
            def wrapper(*args):
                try:
                    return function(*args)
                except LookupError as error:
                    raise RuntimeError from error
            return wrapper
        return decorate
    """


@pytest.mark.parametrize(("decorator", "left"), [("surviving", set()), ("translated(1)", {"RuntimeError"})])
def test_a_decorator_of_the_project_does_what_the_function_in_it_does(decorator: str, left: set[str]) -> None:
    main = f"""
        from shop.decorators import surviving, translated

        @{decorator}
        def run():
            raise LookupError
        """
    assert leaving({"decorators": DECORATORS, "main": main}) == left


def test_a_clause_that_raises_again_under_a_condition_lets_through_what_may_leave() -> None:
    main = """
        def run(strict):
            try:
                raise LookupError
            except LookupError:
                if strict:
                    raise
        """
    [one] = flow({"main": main}).leaving("run")
    assert (one.exception, one.doubtful) == ("LookupError", True)


def test_a_coroutine_that_is_gathered_runs_and_one_that_is_only_made_does_not() -> None:
    main = """
        import asyncio
        async def fail():
            raise LookupError
        async def gathered():
            await asyncio.gather(fail(), fail())
        async def limited():
            await asyncio.wait_for(fail(), 5)
        async def made():
            return fail()
        """
    assert leaving({"main": main}, "gathered") == {"LookupError"}
    assert "LookupError" in leaving({"main": main}, "limited")
    assert leaving({"main": main}, "made") == set()


def test_functions_of_other_files_are_digested_once_for_each_text() -> None:
    files = {
        "errors": ERRORS,
        "store": STORE,
        "main": "from shop.store import Store\ndef run(path):\n    return Store().read(path)\n",
    }
    memory = Remembered()
    first = {one.exception for one in flow(files, memory).leaving("run")}
    assert memory.recalled == 0
    again = {one.exception for one in flow(files, memory).leaving("run")}
    assert memory.recalled > 0
    assert first == again
    files["store"] = files["store"].replace("raise Damaged(path)", "return None")
    assert "shop.errors.Damaged" not in {one.exception for one in flow(files, memory).leaving("run")}


def test_a_digest_that_cannot_be_read_is_made_again() -> None:
    files = {
        "store": "def read():\n    raise LookupError\n",
        "main": "from shop.store import read\ndef run():\n    read()\n",
    }
    memory = Remembered()
    flow(files, memory).leaving("run")
    for key in memory.values:
        memory.values[key] = b"{"
    assert {one.exception for one in flow(files, memory).leaving("run")} == {"LookupError"}


def test_a_digest_is_the_same_after_writing_and_reading() -> None:
    files = {
        "store": STORE,
        "errors": ERRORS,
        "main": "from shop.store import Store\ndef run():\n    Store().read(1)\n",
    }
    memory = Remembered()
    flow(files, memory).leaving("run")
    for value in memory.values.values():
        assert write_record(read_record(Digest, value)) == value


RETRYING = """
    import tenacity

    class Refused(Exception): pass

    @tenacity.retry(stop=tenacity.stop_after_attempt(3), retry=tenacity.retry_if_exception_type(OSError))
    def wrapped():
        raise OSError

    @tenacity.retry(stop=tenacity.stop_after_attempt(3), reraise=True)
    def plain():
        raise OSError

    @tenacity.retry(retry=tenacity.retry_if_exception_type(OSError))
    def patient():
        raise Refused
    """


@pytest.mark.parametrize(
    ("name", "left"),
    [("wrapped", {"tenacity.RetryError"}), ("plain", {"OSError"}), ("patient", {"shop.retrying.Refused"})],
)
def test_a_decorator_that_tries_again_lets_through_what_it_documents(name: str, left: set[str]) -> None:
    main = f"from shop.retrying import {name}\ndef run():\n    {name}()\n"
    assert leaving({"retrying": RETRYING, "main": main}) == left


def test_what_is_told_of_a_function_does_not_depend_on_what_was_asked_before() -> None:
    names = "abcdef"
    bodies = [f"def {one}():\n    {two}()\n" for one, two in itertools.pairwise(names)]
    text = "class Bad(Exception): pass\n" + "".join(bodies) + "def f():\n    raise Bad\n"
    asked = flow({"main": text})
    asked.leaving("a")
    fresh = flow({"main": text})
    for name in reversed(names):
        assert asked.leaving(name) == fresh.leaving(name)


def test_two_files_of_one_text_name_different_things() -> None:
    client = "from .errors import Bad\ndef go():\n    raise Bad\n"
    main = "from shop.alpha import client as one\nfrom shop.beta import client as two\n"
    main += "def first():\n    one.go()\ndef second():\n    two.go()\n"
    errors = "class Bad(Exception): pass\n"
    files = {"main": main, "alpha/client": client, "alpha/errors": errors, "beta/client": client, "beta/errors": errors}
    found = flow(files, Remembered())
    assert [one.exception for one in found.leaving("first")] == ["shop.alpha.errors.Bad"]
    assert [one.exception for one in found.leaving("second")] == ["shop.beta.errors.Bad"]


def test_a_starred_clause_ends_what_it_names_and_a_group_that_is_raised_leaves_as_a_group() -> None:
    main = """
        def named():
            try:
                raise LookupError
            except* LookupError:
                pass
        def grouped():
            raise ExceptionGroup("both", [LookupError(), OSError()])
        """
    assert leaving({"main": main}, "named") == set()
    assert leaving({"main": main}, "grouped") == {"ExceptionGroup"}


WORKING = """
    class Bad(Exception):
        pass

    async def work(number=0):
        raise Bad

    async def stop():
        raise SystemExit
    """
GROUPED = "ExceptionGroup[shop.working.Bad]"
OPENING = [
    ("asyncio.TaskGroup()", "group.create_task(work())"),
    ("asyncio.TaskGroup()", "[group.create_task(work(one)) for one in range(3)]"),
    ("anyio.create_task_group()", "group.start_soon(work, 1)"),
    ("anyio.create_task_group()", "group.start_soon(partial(work, 1))"),
    ("anyio.create_task_group()", "await group.start(work)"),
    ("trio.open_nursery()", "group.start_soon(work)"),
    ("trio.open_nursery()", "await work()"),
    ("asyncio.TaskGroup()", "raise Bad"),
]


def around_a_group(opened: str, body: str, clause: str) -> str:
    return f"""
        import asyncio, anyio, trio
        from functools import partial
        from shop.working import Bad, stop, work
        async def run():
            try:
                async with {opened} as group:
                    {body}
            {clause}:
                pass
        """


@pytest.mark.parametrize(("opened", "body"), OPENING)
@pytest.mark.parametrize(
    ("clause", "left"),
    [
        ("except Bad", {GROUPED}),
        ("except LookupError", {GROUPED}),
        ("except* LookupError", {GROUPED}),
        ("except* Bad", set()),
        ("except* Exception", set()),
        ("except ExceptionGroup", set()),
        ("except BaseExceptionGroup", set()),
        ("except Exception", set()),
        ("finally", {GROUPED}),
    ],
)
def test_what_a_task_group_lets_out_is_an_exception_group(opened: str, body: str, clause: str, left: set[str]) -> None:
    assert leaving({"working": WORKING, "main": around_a_group(opened, body, clause)}) == left


def in_a_group(body: str, opened: str = "asyncio.TaskGroup()") -> dict[str, str]:
    head = f"""
        import anyio, asyncio, contextlib, httpx
        from shop.working import Bad, stop, work
        async def run(client: httpx.AsyncClient, other: asyncio.TaskGroup):
            async with {opened} as group:
"""
    return {"working": WORKING, "main": head + textwrap.indent(textwrap.dedent(body).strip("\n"), " " * 16) + "\n"}


def test_a_handler_around_the_start_of_a_task_does_not_meet_what_the_task_raises() -> None:
    body = """
        try:
            group.create_task(work())
        except Bad:
            pass
        """
    assert leaving(in_a_group(body)) == {GROUPED}


def test_a_handler_in_the_group_meets_what_is_awaited_there_before_it_is_grouped() -> None:
    body = """
        try:
            await work()
        except Bad:
            pass
        """
    assert leaving(in_a_group(body)) == set()
    assert leaving(in_a_group(body.replace("work()", "group.start(work)"), "anyio.create_task_group()")) == set()


def test_a_task_in_the_group_of_a_caller_raises_nothing_in_the_function_that_starts_it() -> None:
    assert leaving(in_a_group("other.create_task(work())")) == set()


def test_a_group_in_a_group_counts_as_one() -> None:
    body = """
        async with asyncio.TaskGroup() as inner:
            inner.create_task(work())
        """
    assert leaving(in_a_group(body)) == {GROUPED}


def test_the_way_of_a_task_begins_where_it_is_started() -> None:
    [one] = flow(in_a_group("group.create_task(work(), name='a')")).leaving("run")
    assert one.steps == (
        Step("run", 5, "group.create_task"),
        Step("work", 5, "Bad", "shop/working.py"),
    )


def test_what_ends_the_program_leaves_a_task_group_by_itself() -> None:
    assert leaving(in_a_group("group.create_task(stop())")) == {"SystemExit"}


def test_a_library_call_that_runs_as_a_task_raises_its_failures_in_a_group() -> None:
    grouped = leaving(in_a_group("group.create_task(client.get('https://shop.example'))"))
    assert "ExceptionGroup[httpx.ConnectError]" in grouped
    assert all(one.startswith("ExceptionGroup[") for one in grouped)


def test_a_function_that_is_no_coroutine_function_runs_where_it_is_called() -> None:
    main = """
        import asyncio
        async def none(): ...
        def make(number):
            if number < 0:
                raise LookupError
            return none()
        async def run():
            async with asyncio.TaskGroup() as group:
                try:
                    group.create_task(make(1))
                except LookupError:
                    pass
        """
    assert leaving({"main": main}) == set()


def test_a_manager_of_the_project_that_holds_a_task_group_groups_what_its_block_raises() -> None:
    main = """
        import anyio
        from contextlib import asynccontextmanager
        @asynccontextmanager
        async def tasks():
            async with anyio.create_task_group() as group:
                yield group
        async def run():
            async with tasks():
                raise LookupError
        """
    assert leaving({"main": main}) == {"ExceptionGroup[LookupError]"}


def test_suppress_takes_what_it_names_out_of_a_group() -> None:
    main = """
        import asyncio
        from contextlib import suppress
        from shop.working import Bad, work
        async def run():
            with suppress(Bad):
                async with asyncio.TaskGroup() as group:
                    group.create_task(work())
        """
    assert leaving({"working": WORKING, "main": main}) == set()


def test_a_starred_clause_that_raises_again_raises_a_group() -> None:
    main = """
        def run():
            try:
                raise LookupError
            except* LookupError:
                raise
        """
    assert leaving({"main": main}) == {"ExceptionGroup[LookupError]"}


@pytest.mark.parametrize(
    ("gathered", "left"),
    [
        ("await asyncio.gather(*(work(one) for one in range(3)))", {"shop.working.Bad"}),
        ("await asyncio.gather(*[work(one) for one in range(3)], stop())", {"shop.working.Bad", "SystemExit"}),
        ("await asyncio.gather(*[work(one) for one in range(3)], return_exceptions=True)", set()),
        ("await asyncio.gather(work(), return_exceptions=True)", set()),
        ("await asyncio.gather(*[len(work(one)) for one in range(3)])", set()),
    ],
)
def test_gathering_raises_the_first_exception_as_it_is_unless_it_gives_them_back(gathered: str, left: set[str]) -> None:
    main = f"import asyncio\nfrom shop.working import stop, work\nasync def run():\n    {gathered}\n"
    assert leaving({"working": WORKING, "main": main}) == left


def test_coroutines_that_are_kept_in_a_list_run_where_it_is_gathered() -> None:
    main = """
        import asyncio
        from shop.working import Bad, work
        async def listed():
            waiting = [work(one) for one in range(3)]
            await asyncio.gather(*waiting)
        async def appended():
            waiting = []
            for one in range(3):
                waiting.append(work(one))
            try:
                await asyncio.gather(*waiting)
            except Bad:
                pass
            await asyncio.gather(*waiting)
        """
    assert leaving({"working": WORKING, "main": main}, "listed") == {"shop.working.Bad"}


def test_a_task_group_is_the_same_after_its_digest_was_remembered() -> None:
    memory = Remembered()
    files = {**in_a_group("group.create_task(work())")}
    files = {
        "working": WORKING,
        "middle": files["main"],
        "main": "from shop.middle import run\nasync def all():\n    await run(1, 2)\n",
    }
    first = flow(files, memory).leaving("all")
    assert memory.recalled == 0
    assert [one.exception for one in first] == [GROUPED]
    assert flow(files, memory).leaving("all") == first
    assert memory.recalled > 0
    for value in memory.values.values():
        assert write_record(read_record(Digest, value)) == value


UNWRAPPING = """
    from contextlib import contextmanager

    @contextmanager
    def single():
        try:
            yield
        except BaseException as error:
            while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
                error = error.exceptions[0]
            raise error
    """


def test_a_clause_that_raises_a_part_of_the_group_lets_the_part_through() -> None:
    main = """
        import anyio
        from shop.working import Bad, work
        async def run():
            try:
                async with anyio.create_task_group() as group:
                    group.start_soon(work)
            except BaseExceptionGroup as error:
                if len(error.exceptions) == 1:
                    raise error.exceptions[0] from None
                report(error)
        async def calm():
            try:
                await run()
            except Bad:
                pass
        """
    assert leaving({"working": WORKING, "main": main}) == {"shop.working.Bad"}
    assert leaving({"working": WORKING, "main": main}, "calm") == set()


def test_a_manager_that_raises_a_part_of_the_group_lets_the_part_through() -> None:
    main = """
        import anyio
        from shop.working import work
        from shop.unwrapping import single
        async def run():
            with single():
                async with anyio.create_task_group() as group:
                    group.start_soon(work)
        async def plain():
            with single():
                await work()
        """
    files = {"working": WORKING, "unwrapping": UNWRAPPING, "main": main}
    assert leaving(files) == leaving(files, "plain") == {"shop.working.Bad"}
