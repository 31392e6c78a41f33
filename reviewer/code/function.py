"""Walking definitions: functions with their parameters, and classes met inside functions."""

from __future__ import annotations

import ast

import libcst as cst

from reviewer.code.comprehension import read_defaults
from reviewer.code.walker import Walker
from reviewer.domain.fact import UNKNOWN, Block, Context, Value


def walk_function_statement(walker: Walker, node: cst.FunctionDef) -> None:
    """A definition met on the way; what its body does belongs to it."""
    for decorator in node.decorators:
        walker.read(decorator.decorator)
    read_defaults(walker, node.params)
    if not walker.context.import_time:  # else it is a segment of its own
        walk_function(walker, node)


def walk_function(walker: Walker, node: cst.FunctionDef) -> None:
    """The body of a function, with its parameters and what is known around it."""
    name = node.name.value
    outer = walker.context
    qualified = f"{outer.function}.{name}" if outer.function != "<module>" else name
    walker.env[name] = Value(symbol=f".{qualified}")
    old_env, old_alive, old_loops = walker.env, walker.alive, walker.loops
    walker.env = dict(old_env)
    walker.loops = []
    block = Block("def", walker.span(node), name)
    walker.context = Context(qualified, (), (*outer.blocks, block), node.asynchronous is not None, False, outer.main)
    _bind_parameters(walker, qualified)
    walker.alive = True
    walker.walk(node.body.body)
    walker.env, walker.alive, walker.loops = old_env, old_alive, old_loops
    walker.context = outer


def _bind_parameters(walker: Walker, qualified: str) -> None:
    definition = walker.names.outline.definitions.get(qualified)
    if definition is None or isinstance(definition.node, ast.ClassDef):
        return
    arguments = definition.node.args
    positional = [*arguments.posonlyargs, *arguments.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults)) + list(arguments.defaults)
    decorators = {ast.unparse(node) for node in definition.node.decorator_list}
    for index, (argument, default) in enumerate(
        [*zip(positional, defaults, strict=True), *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
    ):
        if index == 0 and definition.owner and "staticmethod" not in decorators:
            walker.env[argument.arg] = (
                Value(symbol="." + definition.owner)
                if "classmethod" in decorators or argument.arg == "cls"
                else Value(type="." + definition.owner)
            )
            continue
        declared = walker.names.annotations.of_outside(argument.annotation) if argument.annotation else UNKNOWN
        none = declared.none
        if isinstance(default, ast.Constant) and default.value is None:
            none = f"{argument.arg} is None when it is not given"
        walker.env[argument.arg] = Value(
            type=declared.type, decoded=declared.decoded, none=none, parameter=argument.arg
        )
    for rest, kind in ((arguments.vararg, "tuple"), (arguments.kwarg, "dict")):
        if rest is not None:
            walker.env[rest.arg] = Value(type=kind, parameter=rest.arg)


def walk_class_statement(walker: Walker, node: cst.ClassDef) -> None:
    """A class met on the way."""
    outer = walker.context
    for decorator in node.decorators:
        walker.read(decorator.decorator)
    for argument in (*node.bases, *node.keywords):
        walker.read(argument.value)
    if outer.import_time:
        return  # a segment of its own
    walker.env[node.name.value] = Value(symbol=f".{outer.function}.{node.name.value}")
    qualified = f"{outer.function}.{node.name.value}"
    walker.context = Context(qualified, outer.tries, outer.blocks, False, False, outer.main)
    walker.walk(node.body.body)
    walker.context = outer
