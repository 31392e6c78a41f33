"""What one function contributes to escape flow, from its own text alone: where it raises and whom it calls.

A digest names things as its file does, so that it depends on nothing but the file's path and text and can be remembered
by them; whoever follows the calls asks the project for the canonical names (`renamed`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable as Function
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from reviewer.domain.boundary import Retry
from reviewer.domain.fact import (
    Block,
    Call,
    Context,
    Fact,
    Place,
    PropertyRead,
    Raise,
    Return,
    Store,
    Try,
    Unit,
    Value,
)
from reviewer.flow.child import Child, children
from reviewer.flow.failure import call_failures

_RUNS = frozenset(
    {
        "asyncio.wait_for", "asyncio.gather", "asyncio.shield", "asyncio.run", "asyncio.timeout", "anyio.run",
        "asgiref.sync.async_to_sync",
    }
)  # fmt: skip
"""What runs the coroutines that it is given and lets their exceptions through."""
_BROAD = frozenset({"Exception", "BaseException"})
_MANAGERS = ("contextlib.contextmanager", "contextlib.asynccontextmanager")


@dataclass(frozen=True, slots=True)
class Clause:
    """What an `except` clause takes, whether it lets it go on (always, or under a condition), and what it raises.

    Attributes:
        types: canonical names.
        reraises, may_reraise, raises: as of a `Handler`.
        starred, unwraps: as of a `Handler`.
        groups: it is no clause but the end of a task group, which puts everything in an exception group.
    """

    types: tuple[str, ...]
    reraises: bool = False
    may_reraise: bool = False
    raises: tuple[str, ...] = ()
    starred: bool = False
    unwraps: bool = False
    groups: bool = False


Guards = tuple[tuple[Clause, ...], ...]
"""The clauses of the `try` statements around a place, innermost first, and between them the ends of task groups."""
_GROUPING = (Clause(("BaseException",), groups=True),)


@dataclass(frozen=True, slots=True)
class Origin:
    """An exception raised by a statement of the function itself, or by a library call in it.

    Attributes:
        exception: its name.
        when: when it is raised, in words; "" for a plain `raise`.
        line: where.
        text: the callee as written; the exception's name for a raise.
        from_input: it is caused by a value, not by something outside the program.
        raised: by a `raise`, not by a library.
        doubtful: it depends on what the caller has made sure of.
        guards: the tries around it.
        managers: what the `with` blocks around it enter.
    """

    exception: str
    when: str
    line: int
    text: str
    from_input: bool
    raised: bool
    doubtful: bool = False
    guards: Guards = ()
    managers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CallSite:
    """A call of something that no library description knows.

    Attributes:
        callee: its name.
        line: where.
        text: the callee as written.
        runs: its body runs here even if it is a coroutine: it is awaited, or handed to something that runs it.
        enters: it is the context manager of a `with`.
        guards: the tries around it.
        managers: what the `with` blocks around it enter.
        child: it runs as a task of a task group, of which only a coroutine can be made; line and text are those of the
            call that starts it, guards and managers those around the end of the group.
    """

    callee: str
    line: int
    text: str
    runs: bool
    enters: bool = False
    guards: Guards = ()
    managers: tuple[str, ...] = ()
    child: bool = False


@dataclass(frozen=True, slots=True)
class Digest:
    """A function's part in escape flow.

    Attributes:
        name: its qualified name in the file.
        coroutine: calling it runs nothing until the result is awaited.
        origins: what is raised in it, outermost statements and all.
        calls: whom it calls.
        decorators: its decorators.
        retries: those of them that call it again when it fails, innermost first.
        around_yield: for a context manager made of a generator: the tries around its first `yield`, which see what the
            `with` block raises.
        swallows: for an `__exit__`: it returns True, and the exception ends there.
        wraps: for a decorator: the function inside it that stands in for the decorated one.
        around_wrapped: the tries around the call of the decorated function in there.
    """

    name: str
    coroutine: bool = False
    origins: tuple[Origin, ...] = ()
    calls: tuple[CallSite, ...] = ()
    decorators: tuple[str, ...] = ()
    retries: tuple[Retry, ...] = ()
    around_yield: Guards | None = None
    swallows: bool = False
    wraps: str | None = None
    around_wrapped: Guards | None = None


def digest_of(unit: Unit, inner: tuple[Unit, ...], retries: tuple[Retry, ...] = ()) -> Digest:
    """What a function contributes.

    Args:
        unit: the function.
        inner: the functions defined in it, of which one may stand in for a decorated function.
        retries: its decorators that call it again when it fails, innermost first.
    """
    started = tuple(children(unit.facts))
    outlets = _run_elsewhere(unit)
    around_yield = None
    if any(decorator in _MANAGERS for decorator in unit.decorators):
        first = next((fact for fact in unit.facts if isinstance(fact, Return) and fact.yields), None)
        around_yield = guards_of(first.context) if first is not None else None
    wraps, around_wrapped = _wrapper(unit, inner)
    return Digest(
        name=unit.name,
        coroutine=unit.is_async and not unit.is_generator,
        origins=tuple(_origins(unit, {**outlets, **{child.made_at: child.context for child in started}})),
        calls=(*_calls(unit, outlets), *map(_started, started)),
        decorators=unit.decorators,
        retries=retries,
        around_yield=around_yield,
        swallows=unit.name.rpartition(".")[2] in ("__exit__", "__aexit__") and _returns_true(unit),
        wraps=wraps,
        around_wrapped=around_wrapped,
    )


def guards_of(context: Context) -> Guards:
    """The clauses and the ends of task groups around a place, innermost first."""
    return tuple(
        _GROUPING if isinstance(one, Block) else _clauses(one)
        for one in context.around
        if isinstance(one, Block) or one.handlers
    )


def managers_of(context: Context) -> tuple[str, ...]:
    """What the `with` blocks around a place enter, where it is named."""
    return tuple(
        block.symbol for block in context.blocks if block.kind in ("with", "lock", "transaction") and block.symbol
    )


def _clauses(attempt: Try) -> tuple[Clause, ...]:
    return tuple(
        Clause(
            handler.types,
            handler.reraises,
            handler.may_reraise,
            tuple(filter(None, handler.raises)),
            handler.starred,
            handler.unwraps,
        )
        for handler in attempt.handlers
    )


def _origins(unit: Unit, outlets: Mapping[Place | None, Context]) -> Iterator[Origin]:
    for fact in unit.facts:
        if _is_later(fact):
            continue
        line = fact.span.line
        if isinstance(fact, Call):
            outlet = outlets.get((line, fact.span.column)) if not fact.awaited else None
            ran = fact if outlet is None else dataclasses.replace(fact, awaited=True)
            around = _around(outlet or fact.context)
            for failure in call_failures(ran):
                yield Origin(
                    failure.exception,
                    failure.when,
                    line,
                    fact.text,
                    failure.from_input,
                    raised=False,
                    doubtful=failure.doubtful,
                    guards=around[0],
                    managers=around[1],
                )
        elif isinstance(fact, Raise) and not _is_placeholder(fact, unit):
            guards, managers = _around(fact.context)
            if fact.reraise and fact.handler is not None and fact.handler.starred:
                guards = (_GROUPING, *guards)  # what an `except*` is given is a group, whatever was raised
            for exception in _raised(fact):
                text = exception.lstrip(".")
                yield Origin(exception, "", line, text, from_input=False, raised=True, guards=guards, managers=managers)


def _around(context: Context) -> tuple[Guards, tuple[str, ...]]:
    return guards_of(context), managers_of(context)


def _raised(fact: Raise) -> tuple[str, ...]:
    """What a `raise` raises; raising again names what the clause was written for, where that is one failure."""
    if not fact.reraise:
        return (fact.exception,) if fact.exception else ()
    if fact.handler is None or not _BROAD.isdisjoint(fact.handler.types):
        return ()
    return fact.handler.types


def _is_placeholder(fact: Raise, unit: Unit) -> bool:
    """`raise NotImplementedError` as all that a method does: another one stands in for it."""
    if fact.exception != "NotImplementedError":
        return False
    return not any(
        isinstance(other, Return) or (isinstance(other, Raise) and other is not fact) for other in unit.facts
    )


def _calls(unit: Unit, outlets: Mapping[Place | None, Context]) -> Iterator[CallSite]:
    for fact in unit.facts:
        if isinstance(fact, PropertyRead) and not _is_later(fact):
            yield CallSite(fact.callee, fact.span.line, fact.text, True, False, *_around(fact.context))
        if not isinstance(fact, Call) or fact.callee is None or fact.known is not None or _is_later(fact):
            continue
        outlet = outlets.get((fact.span.line, fact.span.column))
        guards, managers = _around(outlet or fact.context)
        yield CallSite(
            callee=fact.callee,
            line=fact.span.line,
            text=fact.text,
            runs=fact.awaited or outlet is not None,
            enters=fact.use == "with",
            guards=guards,
            managers=managers,
        )


def _started(child: Child) -> CallSite:
    """The call that runs the function of a task, as its evidence: the statement that starts it."""
    guards, managers = _around(child.context)
    line, text = child.start.span.line, child.start.text
    return CallSite(child.function, line, text, True, guards=guards, managers=managers, child=True)


def _run_elsewhere(unit: Unit) -> dict[Place | None, Context]:
    """Places of the calls whose coroutines are handed to something that runs them at once -> where that stands."""
    found: dict[Place | None, Context] = {}
    for fact in unit.facts:
        if not isinstance(fact, Call) or fact.callee not in _RUNS or _is_true(fact.argument("return_exceptions")):
            continue
        for argument in fact.arguments:
            made = [argument.value.made_at] if argument.keyword != "*" else _one_for_each(unit, argument.value.text)
            found.update((place, fact.context) for place in made if place is not None)
    return found


def _one_for_each(unit: Unit, unpacked: str) -> list[Place | None]:
    """Where the coroutines are made that are unpacked: in a comprehension, or appended to a list."""
    written = [unpacked]
    written += [fact.value.text for fact in unit.facts if isinstance(fact, Store) and fact.target == unpacked]
    found: list[Place | None] = []
    for fact in unit.facts:
        if not isinstance(fact, Call):
            continue
        if fact.text == f"{unpacked}.append" and fact.arguments:
            found.append(fact.arguments[0].value.made_at)
        elif fact.context.inside("comprehension") and any(
            one.lstrip("[(").startswith(f"{fact.text}(") for one in written
        ):
            found.append((fact.span.line, fact.span.column))
    return found


def _is_true(value: Value | None) -> bool:
    return value is not None and value.literal == "True"


def _is_later(fact: Fact) -> bool:
    """It stands in a lambda, and happens when that is called."""
    return fact.context.inside("lambda") is not None


def _wrapper(unit: Unit, inner: tuple[Unit, ...]) -> tuple[str | None, Guards | None]:
    """For a decorator: the function in it that calls what is decorated, and the tries around that call."""
    for one in inner:
        for fact in one.facts:
            if isinstance(fact, Call) and any(fact.text == parameter.name for parameter in unit.parameters[:1]):
                return one.name, guards_of(fact.context)
    # A decorator with arguments has one more function around: its parameter is the decorated one.
    for maker in inner:
        for one in inner:
            if one.name.startswith(f"{maker.name}."):
                for fact in one.facts:
                    if isinstance(fact, Call) and any(fact.text == item.name for item in maker.parameters[:1]):
                        return one.name, guards_of(fact.context)
    return None, None


def _returns_true(unit: Unit) -> bool:
    return any(
        isinstance(fact, Return) and fact.value is not None and fact.value.literal == "True" for fact in unit.facts
    )


def renamed(digest: Digest, rename: Function[[str], str]) -> Digest:
    """The same digest with other names for everything that it names."""

    def guards(old: Guards) -> Guards:
        return tuple(tuple(map(clause, attempt)) for attempt in old)

    def clause(old: Clause) -> Clause:
        return dataclasses.replace(old, types=tuple(map(rename, old.types)), raises=tuple(map(rename, old.raises)))

    def origin(old: Origin) -> Origin:
        return dataclasses.replace(
            old,
            exception=rename(old.exception),
            guards=guards(old.guards),
            managers=tuple(map(rename, old.managers)),
        )

    def call(old: CallSite) -> CallSite:
        return dataclasses.replace(
            old, callee=rename(old.callee), guards=guards(old.guards), managers=tuple(map(rename, old.managers))
        )

    def retry(old: Retry) -> Retry:
        return dataclasses.replace(
            old,
            retried=tuple(map(rename, old.retried)),
            excluded=tuple(map(rename, old.excluded)),
            becomes=rename(old.becomes) if old.becomes else old.becomes,
        )

    return dataclasses.replace(
        digest,
        origins=tuple(map(origin, digest.origins)),
        calls=tuple(map(call, digest.calls)),
        decorators=tuple(map(rename, digest.decorators)),
        retries=tuple(map(retry, digest.retries)),
        around_yield=guards(digest.around_yield) if digest.around_yield is not None else None,
        wraps=rename(f".{digest.wraps}") if digest.wraps is not None else None,
        around_wrapped=guards(digest.around_wrapped) if digest.around_wrapped is not None else None,
    )
