"""What the reading of one segment carries along: place, environment, facts; and what all of its steps share.

`expression` and `statement` build on it. The modules beside them (`member`, `call`, `operation`, `display`,
`comprehension`, `binding`, `narrowing`, `pattern`; `assignment`, `branch`, `loop`, `departure`, `function`,
`try_statement`, `with_statement`) each read one kind of syntax: functions that take the reader and a node.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import libcst as cst

from reviewer.code.budget import Budget
from reviewer.code.environment import Environment, forget
from reviewer.code.names import Names
from reviewer.code.path import root_of
from reviewer.code.segment import Segment
from reviewer.domain.fact import Block, Context, Fact, Implication, Span, Try, Usage, Use, Value

_LOOKED_AT = 500
"""Characters of an expression that its shortened text is made from."""


class Reader(ABC):
    """Carries what is known while a segment is read in evaluation order.

    Args:
        segment: the parsed piece.
        names: what the file's names mean.
        context: where the piece stands.
        environment: what is known when it begins.
        budget: the time it may take.

    Attributes:
        env: what is known at this point.
        facts: what has been found so far, in order.
        statement_code: the first line of the statement being read.
        muted: how many readings are under way that leave no facts.
        element: what the argument read last gives for each item, where it is a comprehension or a lambda.
        clock: how many assignments have been read.
        implied: what the outcome of a call tells of its arguments, by the identity of its node.
    """

    def __init__(
        self, segment: Segment, names: Names, context: Context, environment: Environment, budget: Budget
    ) -> None:
        self.budget = budget
        self.segment = segment
        self.source = segment.source
        self.names = names
        self.context = context
        self.env = environment
        self.facts: list[Fact] = []
        self.statement_code = ""
        self.muted = 0
        self.element: Value | None = None
        self.clock = 0
        self.implied: dict[int, tuple[Implication, ...]] = {}
        self._parted: set[str] = set()  # roots of the paths with parts that were ever remembered
        self._assigned: dict[str, int] = {}  # path -> when it was last assigned to

    # -- reading -----------------------------------------------------------------------------------------------------

    @abstractmethod
    def read(self, node: cst.BaseExpression, use: Use = "other", target: str | None = None) -> Value:
        """Evaluate an expression: emit its facts, give its value.

        Args:
            node: the expression.
            use: what the statement around does with the result, for calls.
            target: path that the result is assigned to.
        """

    def peek(self, node: cst.BaseExpression) -> Value:
        """Evaluate without leaving facts."""
        self.muted += 1
        try:
            return self.read(node)
        finally:
            self.muted -= 1

    def resolve(self, node: cst.BaseExpression) -> str | None:
        """Canonical name of what an expression names; None when unknown."""
        return self.peek(node).symbol

    # -- knowledge ---------------------------------------------------------------------------------------------------

    def know(self, path: str, value: Value) -> None:
        """Remember what a path stands for from here on."""
        self.env[path] = value
        if not path.isidentifier():
            self._parted.add(root_of(path))

    def forget(self, path: str) -> None:
        """Drop what is known of the parts of a path that is being assigned."""
        self.clock += 1
        self._assigned[path] = self.clock
        if root_of(path) in self._parted:
            forget(self.env, path)

    def is_unchanged(self, path: str, since: int) -> bool:
        """Whether neither a path nor what it begins with has been assigned to since a time on the clock."""
        ends = [i for i, sign in enumerate(path) if sign in ".["]
        return all(self._assigned.get(path[:end], 0) <= since for end in (*ends, len(path)))

    # -- places and facts --------------------------------------------------------------------------------------------

    def text(self, node: cst.CSTNode) -> str:
        """The node as written, on one line, shortened to 80 characters."""
        start, end = self.segment.span(node)
        written = self.source.text[start : min(end, start + _LOOKED_AT)]
        if "\n" in written or "\r" in written:
            written = " ".join(written.split())
        return written if len(written) <= 80 else written[:77] + "..."

    def span(self, node: cst.CSTNode) -> Span:
        """Lines and column of the node in the file."""
        start, end = self.segment.span(node)
        line = self.source.line_of(start)
        return Span(line, self.source.line_of(max(start, end - 1)), start - self.source.line_starts[line - 1] + 1)

    def emit(self, fact: Fact) -> None:
        """Keep a fact, unless the expression is only being looked at."""
        if not self.muted:
            self.facts.append(fact)

    def use(self, node: cst.CSTNode, operation: Any, subject: Value, detail: str = "", **more: Any) -> None:
        """Keep a use of a value."""
        if not self.muted:
            self.facts.append(
                Usage(
                    span=self.span(node),
                    context=self.context,
                    code=self.statement_code,
                    operation=operation,
                    subject=subject,
                    detail=detail,
                    **more,
                )
            )

    # -- contexts ----------------------------------------------------------------------------------------------------

    @contextmanager
    def block(self, block: Block) -> Iterator[None]:
        """Read inside a block."""
        old = self.context
        self.context = within(old, block)
        try:
            yield
        finally:
            self.context = old

    @contextmanager
    def protected(self, statement: Try) -> Iterator[None]:
        """Read inside a try body."""
        old = self.context
        self.context = Context(
            old.function, (statement, *old.tries), old.blocks, old.is_async, old.import_time, old.main
        )
        try:
            yield
        finally:
            self.context = old


def within(context: Context, block: Block) -> Context:
    """The place inside a block that stands at a place."""
    return Context(
        context.function, context.tries, (*context.blocks, block), context.is_async, context.import_time, context.main
    )


def is_notable(value: Value) -> bool:
    """Whether something is known of a value that makes its uses worth a fact."""
    return bool(value.none or value.boundary or value.decoded or value.empty or value.made_by)
