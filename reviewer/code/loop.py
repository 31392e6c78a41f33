"""Walking loops: what holds in each pass, and after the last one."""

from __future__ import annotations

import libcst as cst

from reviewer.code.binding import bind_element
from reviewer.code.call import iterated_over
from reviewer.code.environment import Environment, rename
from reviewer.code.narrowing import assume
from reviewer.code.walker import Jumps, Walker
from reviewer.domain.fact import Block, Loop, Return


def walk_for(walker: Walker, node: cst.For) -> None:
    """`for` and `async for`."""
    walker.statement_code = code = walker.first_line(node)
    iterable = iterated_over(walker, node.iter, node.asynchronous is not None)
    subject = rename(iterable, walker.text(node.iter))
    if iterable.none or iterable.boundary or iterable.decoded or iterable.made_by:
        walker.use(node.iter, "iterate", subject)
    before = walker.env
    walker.env = dict(before)
    block = Block(
        "for",
        walker.span(node),
        subject.text,
        value=subject,
        is_async=node.asynchronous is not None,
        target=walker.text(node.target),
    )
    bind_element(walker, node.target, node.iter, iterable)
    _walk_body(walker, node, block, code, before)


def walk_while(walker: Walker, node: cst.While) -> None:
    """`while`."""
    walker.statement_code = code = walker.first_line(node)
    walker.read(node.test, "condition")
    before = walker.env
    walker.env = dict(before)
    assume(walker, node.test, True)
    text = walker.text(node.test)
    block = Block("while", walker.span(node), text, endless=text in ("True", "1"))
    _walk_body(walker, node, block, code, before)


def _walk_body(walker: Walker, node: cst.For | cst.While, block: Block, code: str, before: Environment) -> None:
    mark = len(walker.facts)
    jumps = Jumps()
    walker.loops.append(jumps)
    with walker.block(block):
        body_alive = walker.branch(node.body)
    walker.loops.pop()
    facts = tuple(walker.facts[mark:])
    function = walker.context.function
    returns = any(isinstance(f, Return) and not f.yields and f.context.function == function for f in facts)
    walker.emit(Loop(walker.span(node), walker.context, code, block, facts, jumps.breaks > 0, returns))
    # The loop ends well where the condition is looked at again: before the first pass, and after each.
    ends = [before, *([walker.env] if body_alive else []), *jumps.continued]
    walker.meet([(environment, True) for environment in ends])
    walker.alive = not block.endless
    if isinstance(node, cst.While):
        walker.env = dict(walker.env)
        assume(walker, node.test, False)
    if node.orelse is not None:
        walker.walk(node.orelse.body.body)
    if jumps.broken:
        walker.meet([(walker.env, walker.alive), *((environment, True) for environment in jumps.broken)])
