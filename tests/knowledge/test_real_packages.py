"""Every description is held against the package it describes, as it is installed here.

A package that is missing fails the tests: what nobody checks, nobody may rely on.
"""

from __future__ import annotations

import builtins
import datetime
import importlib.metadata
import inspect
import re
import typing
from collections.abc import Iterable, Mapping
from typing import TypeVar

import pytest

from reviewer.domain.library import Callable, Fallback, Library, Timeout
from tests.knowledge.real_package import (
    DESCRIBED,
    Found,
    NotFoundError,
    constructors,
    find,
    find_type,
    has_attribute,
    readable_modules,
    signature,
)

Item = TypeVar("Item")
Decorated = typing.Callable[[typing.Callable[[Item], None]], typing.Callable[[str], None]]
MODULES = readable_modules()


def in_each_module(
    items: typing.Callable[[Library], Iterable[Item]], name: typing.Callable[[Item], str]
) -> Decorated[Item]:
    """One test for each module, which checks all of some items that its description has; an error names the item.

    There are more than ten thousand of them, and a test of its own for each took longer to tell than to do.
    """
    described = {module: list(items(DESCRIBED.library(module))) for module in MODULES}

    def decorate(check: typing.Callable[[Item], None]) -> typing.Callable[[str], None]:
        def test(module: str) -> None:
            for item in described[module]:
                try:
                    check(item)
                except Exception as error:
                    error.add_note(f"in {name(item)}")
                    raise

        test.__name__ = check.__name__
        return pytest.mark.parametrize("module", [module for module, found in described.items() if found])(test)

    return decorate


def _calls(wanted: typing.Callable[[Callable], object]) -> typing.Callable[[Library], Iterable[Callable]]:
    return lambda library: [call for call in library.callables.values() if wanted(call)]


FACTORIES: Mapping[str, str] = {
    "requests.session": "a function that returns Session()",
}
"""Aliases that are not the same object as the class they stand for, each with the reason."""

DEFAULT_BEHIND_NONE: Mapping[str, str] = {
    "paramiko.Transport.open_session": "open_channel takes 3600 for None",
    "playwright.sync_api": "Page.set_default_timeout: 30 seconds when nobody has set it",
    "playwright.async_api": "Page.set_default_timeout: 30 seconds when nobody has set it",
}
"""Callables, or modules with all theirs, whose `timeout=None` means another limit, with the place where that stands."""

WITHOUT_SIGNATURE: Mapping[str, str] = {
    "asyncio.Future.add_done_callback": "https://docs.python.org/3/library/asyncio-future.html#asyncio.Future.add_done_callback",
    "asyncio.Task.add_done_callback": "https://docs.python.org/3/library/asyncio-task.html#asyncio.Task.add_done_callback",
    "threading.RLock.acquire": "https://docs.python.org/3/library/threading.html#threading.RLock.acquire",
    "sqlite3.connect": "https://docs.python.org/3/library/sqlite3.html#sqlite3.connect",
    "weakref.ref": "https://docs.python.org/3/library/weakref.html#weakref.ref",
}
"""Callables whose parameters stand in no signature and no docstring, each with the place where they are documented."""

MADE_BY: Mapping[str, str] = {
    "asyncpg.Connection": "asyncpg.connect",
    "pymongo.asynchronous.cursor.AsyncCursor": "pymongo.AsyncMongoClient",
    "pymongo.asynchronous.database.AsyncDatabase": "pymongo.AsyncMongoClient",
    "pymongo.client_session.ClientSession": "pymongo.MongoClient",
    "pymongo.command_cursor.CommandCursor": "pymongo.MongoClient",
    "pymongo.cursor.Cursor": "pymongo.MongoClient",
    "pymongo.database.Database": "pymongo.MongoClient",
    "pymysql.cursors.Cursor": "pymysql.connect",
    "sqlite3.Connection": "sqlite3.connect",
    "sqlite3.Cursor": "sqlite3.connect",
}
"""Types whose settings are given to a function (or a parent's constructor) and not to their own constructor."""

PLACEHOLDERS = frozenset({"APIRemovedInV1Proxy"})
"""Types of what some packages leave behind under a removed name, to raise an explanation when it is called."""

KEYWORD_ONLY_LATER: Mapping[str, str] = {
    "http.client.HTTPSConnection": "3.12 dropped key_file and cert_file and made the rest keyword-only",
    "smtplib.SMTP_SSL": "3.12 dropped keyfile and certfile and made the rest keyword-only",
    "ftplib.FTP_TLS": "3.12 dropped keyfile and certfile and made the rest keyword-only",
    "imaplib.IMAP4_SSL": "3.12 dropped keyfile and certfile and made the rest keyword-only",
}
"""Callables whose parameter is positional in Python 3.11 alone, at a place that nobody uses."""


@pytest.mark.parametrize("module", sorted(DESCRIBED.modules))
def test_the_description_can_be_read_and_its_package_is_installed(module: str) -> None:
    distribution = DESCRIBED.library(module).distribution
    if distribution != "stdlib":
        importlib.metadata.distribution(distribution)
    if module != "builtins":
        find(module)


@in_each_module(_calls(lambda call: True), lambda call: call.name)
def test_a_described_callable_exists_and_is_found_under_its_name(call: Callable) -> None:
    found = find(call.name)

    assert callable(found.value), f"{call.name} is {found.value!r}"
    assert DESCRIBED.callable(call.name) == call, f"{call.name} cannot be looked up: it is an alias or in another file"
    if inspect.iscoroutinefunction(found.value):
        assert call.coroutine, f"{call.name} is a coroutine function"
    if inspect.isfunction(found.value) and not inspect.iscoroutinefunction(found.value) and call.coroutine:
        assert not inspect.isgeneratorfunction(found.value), f"{call.name} is a generator"
    if call.coroutine:
        assert not call.blocking, f"{call.name}: a coroutine does not hold the thread"
    assert bool(call.kind) == bool(call.service), f"{call.name}: what leaves the process says what it reaches"
    assert call.source.startswith("https://"), f"{call.name} does not say where this is written"


@in_each_module(
    _calls(lambda c: c.timeout or c.text or c.fallback or c.status or c.callback or c.child), lambda call: call.name
)
def test_described_parameters_stand_in_the_signature(call: Callable) -> None:
    found = find(call.name)

    if call.timeout is not None and call.timeout.parameter is not None:
        _check_parameter(call.name, found, call.timeout.parameter, call.timeout.position)
        _check_default(call.name, found, call.timeout)
    if call.timeout is not None and call.timeout.constructor is not None and not found.made:
        assert _constructor_takes(call.name, call.timeout.constructor)
    if call.timeout is not None and call.timeout.setter is not None:
        owner = find(call.name.rpartition(".")[0]).value
        assert has_attribute(owner, call.timeout.setter), f"{call.name}: its receiver has no {call.timeout.setter!r}"
    if call.text is not None:
        _check_parameter(call.name, found, call.text.parameter, call.text.position)
        if call.text.mode_parameter is not None:
            _check_parameter(call.name, found, call.text.mode_parameter, call.text.mode_position)
            default = _default(found, call.text.mode_parameter)
            assert default in (inspect.Parameter.empty, call.text.mode)
    if call.fallback is not None:
        _check_fallback(call.name, found, call.fallback)
    if call.status is not None and call.status.parameter is not None:
        _check_parameter(call.name, found, call.status.parameter, None, keyword_is_usual=True)
    if call.status is not None and call.status.constructor is not None and not found.made:
        assert _constructor_takes(call.name, call.status.constructor)
    for parameter in call.callback:
        _check_parameter(call.name, found, parameter, None, keyword_is_usual=True)
    if call.child is not None:
        _check_parameter(call.name, found, call.child, 0)


@in_each_module(_calls(lambda c: c.returns or c.enters or c.releases or c.status), lambda call: call.name)
def test_described_results_have_the_members_that_are_described(call: Callable) -> None:
    result = None
    for type_name in (call.returns, call.enters, *call.returns_for.values()):
        if type_name is not None and type_name != "typing.NoReturn":  # no class: the call never comes back
            real = find_type(type_name)
            assert isinstance(real, type) or find(type_name).made, f"{type_name} is no type"
            result = result or real
            for element in re.findall(r"[\w.]+", type_name.partition("[")[2]):
                assert isinstance(find_type(element), type), f"{element} is no type"
    if result is None:
        result = find(call.name).value
    members = call.releases
    if call.status is not None and call.returns is not None:
        members += call.status.attributes + call.status.methods
    for member in members:
        # One that hands everything on to what it wraps tells nothing of its members.
        hands_on = hasattr(result, "__getattr__")
        assert hands_on or has_attribute(result, member), f"{call.name}: its result has no {member!r}"


@in_each_module(_calls(lambda c: c.raises or c.raises_input or c.status), lambda call: call.name)
def test_described_exceptions_are_known_up_to_a_built_in(call: Callable) -> None:
    names = [*call.raises, *call.raises_input]
    if call.status is not None and call.status.raises is not None:
        names.append(call.status.raises)
    for name in names:
        assert DESCRIBED.canonical(name) == name, f"{call.name}: {name} is an alias of {DESCRIBED.canonical(name)}"
        real = find(name).value
        assert isinstance(real, type)
        assert issubclass(real, BaseException)
        assert "BaseException" in DESCRIBED.ancestors(name), f"the bases of {name} stand in no [classes]"


@in_each_module(lambda library: library.classes.items(), lambda pair: pair[0])
def test_a_described_class_has_the_described_bases(described: tuple[str, tuple[str, ...]]) -> None:
    name, bases = described
    real = find(name).value

    assert isinstance(real, type)
    for base in bases:
        real_base = find(base).value
        assert isinstance(real_base, type)
        assert issubclass(real, real_base), f"{name} does not inherit {base}"
    if issubclass(real, BaseException):
        built_in = {item.__name__ for item in real.__mro__ if item.__module__ == "builtins" and item is not object}
        assert built_in <= set(DESCRIBED.ancestors(name)), f"{name}: a built-in base is missing"


@in_each_module(lambda library: library.aliases.items(), lambda pair: pair[0])
def test_an_alias_is_the_same_object(described: tuple[str, str]) -> None:
    name, target = described
    assert DESCRIBED.canonical(name) == target, f"{name} cannot be looked up from this file"
    assert DESCRIBED.canonical(target) == target, f"{target} is an alias itself"
    if name not in FACTORIES:
        real, other = find(name).value, find(target).value
        assert real is other or real == other


@in_each_module(lambda library: library.former.items(), lambda pair: pair[0])
def test_a_former_name_is_gone_and_leads_to_what_took_its_place(described: tuple[str, str]) -> None:
    name, target = described
    assert DESCRIBED.canonical(name) == target
    find(target)
    try:
        rest = find(name).value
    except (NotFoundError, ImportError):
        return
    assert type(rest).__name__ in PLACEHOLDERS, f"{name} is still there: it is an alias"


@in_each_module(lambda library: library.attributes, str)
def test_a_described_attribute_exists(name: str) -> None:
    assert DESCRIBED.attribute(name) is not None, f"{name} cannot be looked up: it is an alias or in another file"
    described = DESCRIBED.attribute(name)
    if described is not None and described.type is not None:
        assert isinstance(find_type(described.type), type)
    owner, _, last = name.rpartition(".")
    found = find(owner)
    if not has_attribute(found.value, last):
        find(name)


def _check_parameter(
    name: str, found: Found, parameter: str, position: int | None, *, keyword_is_usual: bool = False
) -> None:
    """The parameter exists, and a positional one states its place: else `wait(5)` would count as waiting for ever."""
    known = signature(found)
    if known is None:
        documented = parameter in (inspect.getdoc(found.value) or "")
        assert found.made or documented or name in WITHOUT_SIGNATURE, f"nothing tells of {name}({parameter}=…)"
        return
    parameters = list(known.parameters.values())
    if parameter not in known.parameters:
        assert any(item.kind is item.VAR_KEYWORD for item in parameters), f"{name} takes no {parameter!r}"
        assert position is None or any(item.kind is item.VAR_POSITIONAL for item in parameters)
        return
    real = known.parameters[parameter]
    if real.kind in (real.POSITIONAL_ONLY, real.POSITIONAL_OR_KEYWORD):
        if not (position is None and (keyword_is_usual or name in KEYWORD_ONLY_LATER)):
            assert position == parameters.index(real), f"{name}: {parameter!r} is parameter {parameters.index(real)}"
    else:
        assert position is None, f"{name}: {parameter!r} is keyword-only"


def _check_fallback(name: str, found: Found, fallback: Fallback) -> None:
    known = signature(found)
    if known is None:
        assert fallback.parameter is None or fallback.parameter in (inspect.getdoc(found.value) or "")
        return
    if fallback.parameter is not None:
        _check_parameter(name, found, fallback.parameter, fallback.position)
    elif fallback.position is not None:
        assert fallback.position < len(known.parameters), f"{name} takes {len(known.parameters)} arguments"


def _default(found: Found, parameter: str) -> object:
    known = signature(found)
    if known is None or parameter not in known.parameters:
        return inspect.Parameter.empty
    return known.parameters[parameter].default


def _check_default(name: str, found: Found, timeout: Timeout) -> None:
    """A number or None in the signature is what the description says; sentinels say nothing."""
    real = _default(found, timeout.parameter or "")
    if isinstance(real, datetime.timedelta):
        real = real.total_seconds()
    if real is None and timeout.constructor is None and timeout.default != "unknown":
        behind = any(name == known or name.startswith(f"{known}.") for known in DEFAULT_BEHIND_NONE)
        assert timeout.default == "none" or behind, f"{name}: the signature says None"
    if isinstance(real, int | float) and not isinstance(real, bool):
        real *= timeout.unit
        # 0 is "for ever" to some (BLPOP) and "not at all" to others (poll)
        stated = {real, "none"} if real <= 0 else {real}
        assert timeout.default in stated, f"{name}: the signature says {real}"


def _constructor_takes(name: str, parameter: str) -> bool:
    """The receiver's own constructor takes it, or that of a described class, which may have made the receiver."""
    maker = MADE_BY.get(name.rpartition(".")[0])
    if maker is not None:
        _check_parameter(maker, find(maker), parameter, None, keyword_is_usual=True)
        return True
    described = next(DESCRIBED.library(module) for module in MODULES if name in DESCRIBED.library(module).callables)
    makers = (other for other in described.callables if other.rpartition(".")[2][:1].isupper())
    for known in (*constructors(name), *(signature(find(maker)) for maker in makers)):
        kinds = {item.kind for item in known.parameters.values()} if known else set()
        if known and (parameter in known.parameters or inspect.Parameter.VAR_KEYWORD in kinds):
            return True
    return False


def test_a_package_that_is_missing_is_an_error_and_no_skip() -> None:
    assert not hasattr(builtins, "no_such_package_anywhere")
    with pytest.raises(ImportError):
        find("no_such_package_anywhere.get")


def test_a_name_that_the_package_lacks_is_an_error() -> None:
    with pytest.raises(NotFoundError, match="has no 'getenvironment'"):
        find("os.getenvironment")
