"""Walking `if`, `match` and `assert`: each way on its own, then what holds where they meet."""

from __future__ import annotations

import libcst as cst

from reviewer.code.environment import rename
from reviewer.code.narrowing import assume
from reviewer.code.pattern import refuse_case, take_case
from reviewer.code.walker import Walker
from reviewer.domain.fact import Assertion, Block, Context, Value


def walk_if(walker: Walker, node: cst.If) -> None:
    """`if` with its `elif` and `else`."""
    walker.statement_code = walker.first_line(node)
    test = walker.read(node.test, "condition")
    if (test.none or test.made_at is not None) and not isinstance(node.test, cst.Name | cst.Attribute):
        walker.use(node.test, "test", rename(test, walker.text(node.test)))
    before = walker.env
    block = Block("if", walker.span(node.test), walker.text(node.test))
    main = walker.context.main
    if _is_main(node.test):
        walker.context = _with_main(walker, True)
    walker.env = dict(before)
    assume(walker, node.test, True)
    with walker.block(block):
        body_alive = walker.branch(node.body)
    body_env = walker.env
    walker.context = _with_main(walker, main)
    walker.env = dict(before)
    walker.statement_code = walker.first_line(node)
    assume(walker, node.test, False)
    other_alive = True
    if isinstance(node.orelse, cst.If):
        walker.alive = True
        with walker.block(Block("else", walker.span(node.orelse), walker.text(node.test))):
            walk_if(walker, node.orelse)
        other_alive = walker.alive
    elif node.orelse is not None:
        with walker.block(Block("else", walker.span(node.orelse), walker.text(node.test))):
            other_alive = walker.branch(node.orelse.body)
    walker.meet([(body_env, body_alive), (walker.env, other_alive)])


def _with_main(walker: Walker, main: bool) -> Context:
    old = walker.context
    if old.main == main:
        return old
    return Context(old.function, old.tries, old.blocks, old.is_async, old.import_time, main)


def _is_main(node: cst.BaseExpression) -> bool:
    """`__name__ == "__main__"`, either way round."""
    if not isinstance(node, cst.Comparison) or len(node.comparisons) != 1:
        return False
    target = node.comparisons[0]
    return isinstance(target.operator, cst.Equal) and any(
        isinstance(side, cst.Name) and side.value == "__name__" for side in (node.left, target.comparator)
    )


def walk_match(walker: Walker, node: cst.Match) -> None:
    """`match`: each case on its own."""
    walker.statement_code = walker.first_line(node)
    subject = walker.read(node.subject)
    before = walker.env
    branches = []
    exhaustive = False
    for case in node.cases:
        walker.env = dict(before)
        take_case(walker, node.subject, case.pattern, subject)
        if case.guard is not None:
            walker.read(case.guard, "condition")
            assume(walker, case.guard, True)
        elif isinstance(case.pattern, cst.MatchAs) and case.pattern.pattern is None:
            exhaustive = True
        with walker.block(Block("if", walker.span(case.pattern), walker.text(case.pattern))):
            alive = walker.branch(case.body)
        branches.append((walker.env, alive))
        if case.guard is None:
            walker.env = before = dict(before)
            refuse_case(walker, node.subject, case.pattern)
    if not exhaustive:
        branches.append((dict(before), True))
    walker.meet(branches)


def walk_assert(walker: Walker, node: cst.Assert) -> None:
    """`assert`: what it says holds behind it."""
    subjects: list[Value] = []
    for expression in _tested(node.test):
        value = walker.peek(expression)
        subjects.append(rename(value, walker.text(expression)))
    walker.read(node.test, "condition")
    if node.msg is not None:
        walker.read(node.msg)
    walker.emit(
        Assertion(walker.span(node), walker.context, walker.statement_code, walker.text(node.test), tuple(subjects))
    )
    assume(walker, node.test, True)


def _tested(node: cst.BaseExpression) -> list[cst.BaseExpression]:
    """The values that an assertion speaks of."""
    if isinstance(node, cst.BooleanOperation):
        return _tested(node.left) + _tested(node.right)
    if isinstance(node, cst.UnaryOperation):
        return _tested(node.expression)
    if isinstance(node, cst.Comparison):
        return [node.left, *(target.comparator for target in node.comparisons)]
    if isinstance(node, cst.Call) and node.args:
        return [argument.value for argument in node.args[:1]]
    return [node]
