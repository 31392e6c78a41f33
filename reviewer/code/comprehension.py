"""Reading comprehensions and lambdas: expressions with names of their own."""

from __future__ import annotations

from typing import Any

import libcst as cst

from reviewer.code.binding import bind_element
from reviewer.code.call import iterated_over
from reviewer.code.environment import rename
from reviewer.code.narrowing import assume
from reviewer.code.reader import Reader, is_notable, within
from reviewer.domain.fact import Block, Context, Value


def read_comprehension(reader: Reader, node: Any) -> Value:
    """Evaluate a comprehension or generator expression, in a scope of its own."""
    before = reader.env
    reader.env = dict(before)
    old = reader.context
    part = node.for_in
    boundary = None
    while part is not None:
        iterable = iterated_over(reader, part.iter, part.asynchronous is not None)
        boundary = boundary or iterable.boundary
        subject = rename(iterable, reader.text(part.iter))
        if is_notable(iterable):
            reader.use(part.iter, "iterate", subject)
        block = Block(
            "comprehension",
            reader.span(node),
            reader.text(part.iter),
            value=subject,
            is_async=part.asynchronous is not None,
            target=reader.text(part.target),
        )
        reader.context = within(reader.context, block)
        bind_element(reader, part.target, part.iter, iterable)
        for condition in part.ifs:
            reader.read(condition.test, "condition")
            assume(reader, condition.test, True)
        part = part.inner_for_in
    if isinstance(node, cst.DictComp):
        reader.read(node.key)
        reader.read(node.value, "argument")
        kind = "dict"
    else:
        reader.element = rename(reader.read(node.elt, "argument"), reader.text(node.elt))
        kind = "list" if isinstance(node, cst.ListComp) else "set" if isinstance(node, cst.SetComp) else "generator"
    reader.context = old
    reader.env = before
    empty = "nothing may pass the filter" if node.for_in.ifs else "it is empty when the input is"
    return Value(type=kind, empty=empty, boundary=boundary)


def read_lambda(reader: Reader, node: cst.Lambda) -> Value:
    """Evaluate a lambda's defaults, and its body as if called."""
    read_defaults(reader, node.params)
    before = reader.env
    reader.env = dict(before)
    for parameter in _parameters(node.params):
        reader.env[parameter.name.value] = Value(parameter=parameter.name.value)
    old = reader.context
    block = Block("lambda", reader.span(node), reader.text(node))
    # An exception inside is raised where the lambda is called, not under the tries around it.
    reader.context = Context(old.function, (), (*old.blocks, block), False, False, old.main)
    reader.element = rename(reader.read(node.body, "returned"), reader.text(node.body))
    reader.context = old
    reader.env = before
    return Value(type="function")


def read_defaults(reader: Reader, parameters: cst.Parameters) -> None:
    """Evaluate the defaults of parameters, which happens where the function is made."""
    for parameter in _parameters(parameters):
        if parameter.default is not None:
            reader.read(parameter.default)


def _parameters(node: cst.Parameters) -> tuple[cst.Param, ...]:
    """The parameters that may have a default."""
    return (*node.posonly_params, *node.params, *node.kwonly_params)
