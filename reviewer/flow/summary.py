"""What leaves the functions of a file: the exceptions that a call of one of them may let through, with the path.

The functions that a question reaches, in this file and in others, are read on demand and their summaries worked out
together until nothing is added, so recursion ends by itself.
"""

from __future__ import annotations

import dataclasses
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from reviewer.code.definition import Definitions
from reviewer.code.limits import Limits
from reviewer.domain.fact import Call, Unit
from reviewer.flow.digest import CallSite, Digest, Guards
from reviewer.flow.digests import Digests
from reviewer.flow.failure import is_signal
from reviewer.flow.guards import outlasting, passing
from reviewer.flow.hierarchy import Hierarchy
from reviewer.flow.leaving import Body, Leaving, Step
from reviewer.flow.sibling import Siblings

MAX_FUNCTIONS = 300
"""Functions that one question may read; what lies beyond counts as letting nothing through."""
MAX_FOREIGN = 20
"""Functions of other files that one question may read."""
_SHARES = 2
"""How many times the limit of one definition working out what leaves functions may take for a whole file."""
MAX_STEPS = 4
"""Calls on the longest path that is followed."""
MAX_WAYS = 1000
"""Exceptions, each time that a called function lets one through, that are looked at for one unit."""
_HANDLING_DECORATORS = ("retry", "catch", "handle", "safe", "suppress", "fallback", "backoff", "error")
_FOLLOWED = frozenset({"tenacity", "backoff"})
"""Packages whose decorators are described by what they do with exceptions (`Digest.retries`)."""


_Followed = list[tuple[CallSite, str]]
"""Calls of a function, with the bodies that they run."""


class Summaries:
    """The exceptions that leave the functions of one file, and of others that they call.

    A function is named as calls name it: ".Order.save" in this file, "shop.orders.Order.save" in another one.

    Args:
        definitions: reads the functions of this file.
        hierarchy: what handlers cover.
        digests: what each function contributes.
        limits: what one definition may cost.
    """

    def __init__(
        self, definitions: Definitions, hierarchy: Hierarchy, digests: Digests, limits: Limits | None = None
    ) -> None:
        self.definitions = definitions
        self.hierarchy = hierarchy
        self._digests = digests
        self._seconds = _SHARES * (limits or Limits()).seconds
        self._spent = 0.0
        self._leaving: dict[str, dict[str, Leaving]] = {}
        self._read: dict[tuple[str, int], tuple[Digest, _Followed]] = {}
        self._calls_in: dict[str, dict[str, list[tuple[Unit, Call]]]] = {}
        self._in_operation: dict[str, tuple[Leaving, ...]] = {}
        self._cut = False

    @property
    def exhausted(self) -> bool:
        """Whether something that is called was left unread because a limit was reached."""
        return self._cut or self._digests.exhausted or self._spent > self._seconds

    def prepare(self, unit: Unit) -> None:
        """Follow the calls of a unit, before the rules are asked within their time.

        Tells (`exhausted`) whether more leaves it than is looked at.
        """
        for fact in unit.facts:
            if isinstance(fact, Call):
                self.through(fact)
        _, calls = self._reached(unit) if unit.facts else (None, [])
        self._cut = self._cut or sum(len(self._leaving_of(callee)) for _, callee in calls) > MAX_WAYS

    def callee(self, call: Call) -> str | None:
        """The function of this file whose body a call runs; None for anything else, a coroutine only made included."""
        name = self._body(call)
        return name[1:] if name is not None and name.startswith(".") else None

    def run_by(self, call: Call, caller: str = ".") -> Body | None:
        """The function of the project whose body a call runs; None for anything else, a coroutine only made included.

        Args:
            call: the call.
            caller: canonical name of the function that it stands in; one of the reviewed file where it is not given.
        """
        if call.callee is None or call.known is not None or call.context.inside("lambda") is not None:
            return None
        name = self._digests.body(self._digests.named_in(caller, call.callee))
        found = self._digests.unit(name) if name is not None else None
        if name is None or found is None or (found[1].is_async and not call.awaited):
            return None
        return Body(name, *found)

    def follows(self, call: Call) -> bool:
        """Whether a call runs a function of the project whose body can be read."""
        return self._body(call) is not None

    def through(self, call: Call) -> tuple[Leaving, ...]:
        """The exceptions that the called function of the project lets through, handlers around the call not counted."""
        name = self._body(call)
        return () if name is None else self._leaving_of(name)

    def through_task(self, function: str) -> tuple[Leaving, ...]:
        """The exceptions that a coroutine function of the project lets through; nothing for any other function.

        Args:
            function: its canonical name, as `Child.function` gives it.
        """
        name = self._digests.body(function)
        digest = self._digests.of(name) if name is not None else None
        return self._leaving_of(name) if name is not None and digest is not None and digest.coroutine else ()

    def in_operation(self, call: Call) -> tuple[Leaving, ...]:
        """Of what `through` gives: that which neither is doubtful nor speaks to a framework."""
        name = self._body(call)
        if name is None:
            return ()
        if name not in self._in_operation:
            self._in_operation[name] = tuple(
                leaving
                for leaving in self._leaving_of(name)
                if not leaving.doubtful and not is_signal(leaving.exception, self.hierarchy)
            )
        return self._in_operation[name]

    def leaving(self, name: str) -> tuple[Leaving, ...]:
        """The exceptions that leave the function of this file with this qualified name, one path for each."""
        return self._leaving_of(f".{name}")

    def ways(self, unit: Unit) -> Iterator[Leaving]:
        """Every way on which an exception leaves a unit of this file: one for each exception at each statement.

        Exceptions of misuse by the caller and signals to a framework are among them. Of those that called functions let
        through `MAX_WAYS` are looked at, those of the first statements: functions that all call each other, each with
        an exception of its own, have more than anybody reads.
        """
        name = f".{unit.name}"
        digest, calls = self._reached(unit)
        for callee in [*(callee for _, callee in calls), *self._decorating(digest)]:
            self._leaving_of(callee)
        yield from self._own(digest, name)
        yield from self._through_calls(digest, name, calls, most=MAX_WAYS)

    def _reached(self, unit: Unit) -> tuple[Digest, _Followed]:
        """What a unit contributes, and the bodies that its calls lead to."""
        key = (unit.name, unit.line)
        if key not in self._read:
            digest = self._digests.read(unit)
            self._read[key] = digest, [] if self._dealt_with(digest) else list(self._followed(digest))
        return self._read[key]

    def passing(self, name: str, exception: str, guards: Guards = (), managers: tuple[str, ...] = ()) -> str | None:
        """What leaves a function when an exception is raised at a place in it; None where something there ends it.

        Args:
            name: the function's canonical name.
            exception: what is raised.
            guards: the tries around the place.
            managers: what the `with` blocks around the place enter.
        """
        digest = self._digests.of(name) or Digest(name)
        around = None if self._dealt_with(digest) else self._around(digest, guards, managers)
        left: str | None = exception
        for tries in around if around is not None else ():
            left = passing(tries, left, self.hierarchy) if left is not None else None
        for retry in digest.retries:
            left = retry.wraps(left, self.hierarchy) if left is not None else None
        return left if around is not None else None

    def is_met_by_decorator(self, name: str, exception: str) -> bool:
        """Whether a decorator of a function of this file ends an exception of its body, or makes another one of it.

        Args:
            name: qualified name of the function.
            exception: canonical name of what leaves the body.
        """
        digest = self._digests.of(f".{name}")
        decorators = [self._digests.of(one) for one in digest.decorators] if digest is not None else []
        return any(
            made.around_wrapped is not None and outlasting(made.around_wrapped, exception, self.hierarchy) is None
            for made in decorators
            if made is not None
        )

    def calls_of(self, name: str) -> Iterator[tuple[Unit, Call]]:
        """Where this file's functions call one of them."""
        for caller in self.definitions.referring(name):
            if caller not in self._calls_in:
                self._calls_in[caller] = self._sorted_calls(caller)
            yield from self._calls_in[caller].get(name, ())

    def _sorted_calls(self, caller: str) -> dict[str, list[tuple[Unit, Call]]]:
        """The calls of a function by the function of this file that they run."""
        found: dict[str, list[tuple[Unit, Call]]] = {}
        unit = self.definitions.unit(caller)
        for fact in unit.facts if unit is not None else ():
            if isinstance(fact, Call) and unit is not None and (callee := self.callee(fact)) is not None:
                found.setdefault(callee, []).append((unit, fact))
        return found

    @cached_property
    def siblings(self) -> Siblings:
        """The calls of the changed units by what they are about."""
        return Siblings(self.definitions.changed, self.hierarchy)

    def _body(self, call: Call) -> str | None:
        if call.callee is None or call.known is not None or call.context.inside("lambda") is not None:
            return None
        if call.coroutine and not call.awaited:
            return None
        return self._digests.body(call.callee)

    def _leaving_of(self, name: str) -> tuple[Leaving, ...]:
        if name not in self._leaving:
            self._solve(name)
        return tuple(self._leaving[name].values())

    def _solve(self, wanted: str) -> None:
        if self._spent > self._seconds:  # nothing would be spread
            digest = self._digests.of(wanted)
            self._begin({wanted: digest} if digest is not None else {})
            self._leaving.setdefault(wanted, {})
            return
        calls: dict[str, tuple[Digest, _Followed]] = {}
        level, foreign = [wanted], 0
        unread: set[str] = set()
        for _ in range(MAX_STEPS):
            reached: list[str] = []
            for name in level:
                if name in calls or name in self._leaving:
                    continue
                foreign += not name.startswith(".")
                if len(calls) >= MAX_FUNCTIONS or foreign > MAX_FOREIGN:
                    unread.add(name)
                    continue
                digest = self._digests.of(name)
                if digest is None:
                    self._leaving[name] = {}
                    continue
                calls[name] = (digest, [] if self._dealt_with(digest) else list(self._followed(digest)))
                reached.extend(callee for _, callee in calls[name][1])
                reached.extend(self._decorating(digest))
            level = reached
        self._begin({name: digest for name, (digest, _) in calls.items()})
        for _ in range(MAX_STEPS):
            grown = [self._spread(name, digest, found) for name, (digest, found) in calls.items()]
            if not any(grown) or self._spent > self._seconds:
                break
        self._leaving.setdefault(wanted, {})
        unread.update(name for name in level if name not in calls and name not in self._leaving)
        self._forget_incomplete(wanted, calls, unread)

    def _begin(self, digests: Mapping[str, Digest]) -> None:
        """Begin with what functions raise themselves."""
        for name, digest in digests.items():
            self._leaving[name] = {}
            for leaving in self._own(digest, name):
                self._leaving[name].setdefault(leaving.exception, leaving)

    def _forget_incomplete(self, wanted: str, calls: Mapping[str, tuple[Digest, _Followed]], unread: set[str]) -> None:
        """Keep of what was worked out on the way only what did not depend on where the question began."""
        users: defaultdict[str, list[str]] = defaultdict(list)
        for name, (digest, found) in calls.items() if unread else ():
            for callee in dict.fromkeys((*(callee for _, callee in found), *self._decorating(digest))):
                users[callee].append(name)
        incomplete = set(unread)
        pending = list(unread)
        while pending:
            new = [name for name in users[pending.pop()] if name not in incomplete]
            incomplete.update(new)
            pending += new
        for name in incomplete - {wanted}:
            self._leaving.pop(name, None)

    def _own(self, digest: Digest, name: str) -> Iterator[Leaving]:
        """What a function raises itself and nothing in it ends."""
        for origin in () if self._dealt_with(digest) else digest.origins:
            if origin.exception.endswith("()"):
                continue  # what a function gives that cannot be followed
            step = self._step(name, origin.line, origin.text)
            leaving = Leaving(origin.exception, origin.when, (step,), origin.from_input, origin.raised, origin.doubtful)
            around = self._around(digest, origin.guards, origin.managers)
            if around is not None and (passed := self._passed(digest, leaving, around)) is not None:
                yield passed

    def _followed(self, digest: Digest) -> Iterator[tuple[CallSite, str]]:
        """The calls of a function that lead to bodies that can be read."""
        for call in digest.calls:
            for body in self._digests.bodies(call):
                yield call, body

    def _dealt_with(self, digest: Digest) -> bool:
        """Whether a decorator that cannot be followed has a name that says it deals with errors."""
        return any(
            any(word in name.lower() for word in _HANDLING_DECORATORS)
            for name in digest.decorators
            if not (name.partition(".")[0] in _FOLLOWED and digest.retries) and not self._is_followed(name)
        )

    def _is_followed(self, decorator: str) -> bool:
        made = self._digests.of(decorator)
        return made is not None and made.wraps is not None

    def _decorating(self, digest: Digest) -> Iterator[str]:
        """The functions that stand in for a decorated one."""
        for decorator in digest.decorators:
            made = self._digests.of(decorator)
            if made is not None and made.wraps is not None:
                yield made.wraps

    def _step(self, name: str, line: int, text: str) -> Step:
        path, function = self._digests.home(name)
        return Step(function, line, text, path)

    def _spread(self, name: str, digest: Digest, calls: _Followed) -> bool:
        """Add what the callees and decorators of a function let through and its handlers do not end."""
        here = self._leaving[name]
        if not calls and not digest.decorators:
            return False
        if self._spent > self._seconds:
            return False
        started = time.thread_time()
        grown = False
        # Only a decorator that tries again makes another exception of one.
        for passed in self._through_calls(digest, name, calls, {} if digest.retries else here):
            if _is_better(len(passed.steps), here.get(passed.exception)):
                here[passed.exception] = passed
                grown = True
        self._spent += time.thread_time() - started
        return grown

    def _through_calls(
        self,
        digest: Digest,
        name: str,
        calls: _Followed,
        known: Mapping[str, Leaving] | None = None,
        most: int | None = None,
    ) -> Iterator[Leaving]:
        """What the callees and decorators of a function let through, and it too.

        Args:
            digest: the function.
            name: its canonical name.
            calls: the bodies that its calls lead to.
            known: exceptions that need no other way, unless it is a better one.
            most: how many exceptions of callees are looked at; None for all.
        """
        for call, callee in calls:
            found = self._leaving.get(callee)
            around = self._around(digest, call.guards, call.managers) if found else None
            if not found or around is None:
                continue
            step = self._step(name, call.line, call.text)
            for leaving in list(found.values())[:most]:
                length = len(leaving.steps) + 1
                if length > MAX_STEPS or not _is_better(length, known.get(leaving.exception) if known else None):
                    continue
                if (passed := self._passed(digest, leaving, around)) is not None:
                    yield dataclasses.replace(passed, steps=(step, *leaving.steps))
            most = max(most - len(found), 0) if most is not None else None
        for wrapper in self._decorating(digest):
            for leaving in list(self._leaving.get(wrapper, {}).values()):
                if len(leaving.steps) < MAX_STEPS:
                    step = self._step(name, self._digests.line(name), wrapper.rpartition(".")[2])
                    yield dataclasses.replace(leaving, steps=(step, *leaving.steps))

    def _passed(self, digest: Digest, leaving: Leaving, around: Sequence[Guards]) -> Leaving | None:
        """What leaves a function of an exception in it, after all the tries around its place; None for nothing."""
        for tries in around:
            left = outlasting(tries, leaving.exception, self.hierarchy)
            if left is None:
                return None
            exception, doubtful = left
            leaving = dataclasses.replace(leaving, exception=exception, doubtful=leaving.doubtful or doubtful)
        for retry in digest.retries:
            becomes = retry.wraps(leaving.exception, self.hierarchy)
            if becomes is None:
                return None
            leaving = dataclasses.replace(leaving, exception=becomes)
        return leaving

    def _around(self, digest: Digest, guards: Guards, managers: tuple[str, ...]) -> list[Guards] | None:
        """The tries around a place of a function, those in its context managers and decorators included.

        None where a context manager ends everything.
        """
        around = [guards]
        for manager in managers:
            entered = self._digests.of(manager)
            if entered is not None and entered.around_yield is not None:
                around.append(entered.around_yield)
            elif self._digests.swallows(manager):
                return None
        for decorator in digest.decorators:
            made = self._digests.of(decorator)
            if made is not None and made.around_wrapped is not None:
                around.append(made.around_wrapped)
        return around


def _is_better(length: int, known: Leaving | None) -> bool:
    """Whether a way of a length is to be kept: there is none yet, or only one so long that it leads no further."""
    return known is None or length < MAX_STEPS <= len(known.steps)
