"""Where a fact stands: what sort of place it is, and which blocks are around it."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.catalog.query.anchor import Clause, Whole
from reviewer.catalog.query.branch import Branch, Jump
from reviewer.catalog.query.feature import Feature, flag, only
from reviewer.catalog.query.scope import Scope
from reviewer.domain.fact import (
    Assertion,
    Block,
    Call,
    Fact,
    Loop,
    PropertyRead,
    Raise,
    Return,
    Store,
    TryStatement,
    Usage,
)

_FACTS: tuple[tuple[type[Fact], str], ...] = (
    (Call, "call"),
    (PropertyRead, "property"),
    (Usage, "use"),
    (Raise, "raise"),
    (Assertion, "assert"),
    (Store, "assign"),
    (TryStatement, "try"),
    (Loop, "loop"),
    (Clause, "handler"),
    (Branch, "if"),
    (Whole, "unit"),
)


def _kind(fact: Fact, scope: Scope) -> frozenset[str]:
    if isinstance(fact, Jump):
        return frozenset({"break" if fact.leaves else "continue"})
    if isinstance(fact, Return):
        return frozenset({"yield" if fact.yields else "return"})
    kind = next((name for sort, name in _FACTS if isinstance(fact, sort)), None)
    return only([kind, "with" if isinstance(fact, Usage) and fact.operation == "context" else None])


def blocks_of(fact: Fact) -> tuple[Block, ...]:
    """The blocks around a fact within its own function, outermost first."""
    blocks = fact.context.blocks
    for index in range(len(blocks) - 1, -1, -1):
        if blocks[index].kind in ("lambda", "def"):
            return blocks[index + 1 :]
    return blocks


def _inside(fact: Fact) -> Iterator[str]:
    for block in fact.context.blocks:
        if block.kind != "def":
            yield "try-else" if block.kind == "else" and not block.text else block.kind
        if block.kind in ("lock", "transaction"):
            yield "with"
        if block.is_async and block.kind in ("for", "with", "lock", "transaction"):
            yield f"async-{'for' if block.kind == 'for' else 'with'}"
        if block.groups:
            yield "task-group"
    for attempt in fact.context.tries:
        yield "suppress" if attempt.suppress else "try"
        if attempt.has_finally:
            yield "try-finally"
    if fact.context.main:
        yield "main"


def _inside_with(fact: Fact, scope: Scope) -> frozenset[str]:
    held = [block for block in blocks_of(fact) if block.kind in ("with", "lock", "transaction")]
    return only(block.symbol for block in held)


def _in_loop(fact: Fact) -> Iterator[str]:
    blocks = list(blocks_of(fact))
    if isinstance(fact, Loop) and fact.block is not None:
        blocks.append(fact.block)
    for block in blocks:
        if block.kind in ("for", "while", "comprehension"):
            yield block.kind
            if block.is_async:
                yield "async-for"
            if block.endless:
                yield "endless"


def _iterates(fact: Fact) -> Iterator[str | None]:
    """What made the things that the loops around run over."""
    blocks = list(blocks_of(fact))
    if isinstance(fact, Loop) and fact.block is not None:
        blocks.append(fact.block)
    for block in blocks:
        if block.kind == "for" and block.value is not None:
            yield block.value.made_by
            yield block.value.type


def _in_handler(fact: Fact) -> Iterator[str]:
    for block in fact.context.blocks:
        if block.handler is not None:
            yield from block.handler.types


FEATURES = (
    Feature(
        "fact",
        "What sort of place it is; a `with` is a use as well, `unit` the function, class or module as a whole.",
        _kind,
        values=tuple(sorted({name for _, name in _FACTS} | {"break", "continue", "return", "yield", "with"})),
        weight=1,
    ),
    Feature(
        "async",
        "The innermost function around is a coroutine function.",
        lambda fact, scope: flag(fact.context.is_async),
        values=("yes",),
        says="in a coroutine",
        lacks="not in a coroutine",
        weight=0,
    ),
    Feature(
        "import-time",
        "It runs when the module is imported.",
        lambda fact, scope: flag(fact.context.import_time),
        values=("yes",),
        says="when the module is imported",
        lacks="not at import",
        weight=0,
    ),
    Feature(
        "inside",
        "The blocks around, of which `try` means that a clause or `finally` would see an exception raised here.",
        lambda fact, scope: only(_inside(fact)),
        values=(
            "async-for",
            "async-with",
            "comprehension",
            "else",
            "finally",
            "for",
            "handler",
            "if",
            "lambda",
            "lock",
            "main",
            "suppress",
            "task-group",
            "transaction",
            "try",
            "try-else",
            "try-finally",
            "while",
            "with",
        ),
        says="inside {}",
        lacks="not inside {}",
    ),
    Feature(
        "inside-with",
        "What the `with` blocks around enter: the canonical name of what makes it, or its type.",
        _inside_with,
        says="inside `with {}`",
        lacks="not inside `with {}`",
        weight=4,
    ),
    Feature(
        "in-loop",
        "The loops around; of a loop itself its own kind too. `endless`: the condition is constantly true.",
        lambda fact, scope: only(_in_loop(fact)),
        values=("for", "while", "comprehension", "async-for", "endless"),
        says="in a loop ({})",
        lacks="not in a loop ({})",
    ),
    Feature(
        "iterates",
        "What the `for` loops around run over: what made it, and its type; of a loop itself its own too.",
        lambda fact, scope: only(_iterates(fact)),
        says="in a loop over {}",
        lacks="not in a loop over {}",
        weight=3,
    ),
    Feature(
        "in-handler",
        "The exceptions of the `except` clauses that it stands in, as written.",
        lambda fact, scope: only(_in_handler(fact)),
        says="in the clause for {}",
        lacks="not in the clause for {}",
        weight=3,
    ),
)
