"""Walking statements in evaluation order: branches, loops, handlers, and what they leave known."""

from __future__ import annotations

import ast
from collections.abc import Callable as Function
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import libcst as cst

from reviewer.code.budget import Budget
from reviewer.code.environment import Environment, join, rename
from reviewer.code.expression import Expressions
from reviewer.code.handler import describe_handler
from reviewer.code.names import UNKNOWN, Names
from reviewer.code.outline import import_names
from reviewer.code.segment import Segment
from reviewer.domain.fact import (
    Assertion,
    Block,
    BlockKind,
    Context,
    Fact,
    Handler,
    Loop,
    Raise,
    Return,
    Store,
    Try,
    TryStatement,
    Value,
)

_SUPPRESS = frozenset({"contextlib.suppress"})


@dataclass
class _Jumps:
    """How the passes through a loop's body are left early.

    Attributes:
        breaks: how many `break` belong to the loop.
        broken, continued: what was known at each `break` and `continue` that can be reached.
    """

    breaks: int = 0
    broken: list[Environment] = field(default_factory=list)
    continued: list[Environment] = field(default_factory=list)


class Statements(Expressions):
    """Walks the statements of one segment; see `Expressions` for the arguments."""

    def __init__(
        self, segment: Segment, names: Names, context: Context, environment: Environment, budget: Budget
    ) -> None:
        super().__init__(segment, names, context, environment, budget)
        self.alive = True
        self._globals: frozenset[str] = frozenset()
        self._caught: frozenset[str] = frozenset()
        self._loops: list[_Jumps] = []

    def walk(self, body: Sequence[cst.BaseStatement | cst.BaseSmallStatement]) -> None:
        """Walk statements in order; what stands behind a return or raise leaves facts too, and is never left well."""
        for statement in body:
            reached = self.alive
            if isinstance(statement, cst.SimpleStatementLine):
                for small in statement.body:
                    self._small(small)
            elif isinstance(statement, cst.BaseSmallStatement):
                self._small(statement)
            else:
                handler = self._compound.get(type(statement))
                if handler is not None:
                    handler(self, statement)
            self.alive = self.alive and reached

    # -- small statements ------------------------------------------------------------------------------------------

    def _small(self, node: cst.BaseSmallStatement) -> None:
        self.statement_code = self._first_line(node)
        handler = self._simple.get(type(node))
        if handler is not None:
            handler(self, node)

    def _first_line(self, node: cst.CSTNode) -> str:
        start, end = self.segment.span(node)
        text = self.source.text
        stop = min((i for i in (text.find("\n", start, end), text.find("\r", start, end)) if i >= 0), default=end)
        return text[start : min(stop, start + 200)].strip()

    def _expression(self, node: cst.Expr) -> None:
        self.read(node.value, "discarded")

    def _assign(self, node: cst.Assign) -> None:
        path = self.path(node.targets[0].target)
        value = self.read(node.value, "assigned", path)
        for target in node.targets:
            self._assign_to(target.target, value, node.value, node)

    def _assign_to(
        self, target: cst.BaseExpression, value: Value, written: cst.BaseExpression, node: cst.CSTNode
    ) -> None:
        if (
            isinstance(target, cst.Tuple | cst.List)
            and isinstance(written, cst.Tuple | cst.List)
            and len(target.elements) == len(written.elements)
            and not any(isinstance(element, cst.StarredElement) for element in (*target.elements, *written.elements))
        ):
            values = [self.peek(element.value) for element in written.elements]
            for element, part in zip(target.elements, values, strict=True):
                self.bind(element.value, part)
            return
        self.bind(target, rename(value, self.text(written)))
        self._store(target, value, written, node)

    def _store(self, target: cst.BaseExpression, value: Value, written: cst.BaseExpression, node: cst.CSTNode) -> None:
        path = self.path(target) or self.text(target)
        kind: Any = "name"
        if isinstance(target, cst.Attribute):
            kind = "attribute"
        elif isinstance(target, cst.Subscript):
            kind = "item"
        elif isinstance(target, cst.Name) and target.value in self._globals:
            kind = "global"
        if kind != "name" and value.made_at is not None:
            self.use(node, "store", rename(value, self.text(written)), path)
        self.emit(
            Store(self.span(node), self.context, self.statement_code, path, kind, rename(value, self.text(written)))
        )

    def _annotated(self, node: cst.AnnAssign) -> None:
        path = self.path(node.target)
        declared = self._annotation(node.annotation)
        value = UNKNOWN
        if node.value is not None:
            value = self.read(node.value, "assigned", path)
            if value.type is None and declared.type is not None and not value.decoded:
                value = Value(
                    value.text, declared.type, value.symbol, value.literal, value.boundary, value.decoded,
                    value.none or (declared.none if value.literal == "None" else None), value.empty, value.parameter,
                    value.made_by, value.made_at, value.guards, value.settings,
                )  # fmt: skip
            self.bind(node.target, rename(value, self.text(node.value)))
            self._store(node.target, value, node.value, node)
        elif isinstance(node.target, cst.Name):
            self.env[node.target.value] = declared

    def _annotation(self, node: cst.Annotation) -> Value:
        try:
            return self.names.of_annotation(ast.parse(self.segment.text(node.annotation), mode="eval").body)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return UNKNOWN

    def _augmented(self, node: cst.AugAssign) -> None:
        before = self.peek(node.target)
        value = self.read(node.value)
        if isinstance(node.target, cst.Subscript):
            self._subscript(node.target)
        elif isinstance(node.target, cst.Attribute):
            self._attribute(node.target)
        divides = isinstance(node.operator, cst.DivideAssign | cst.FloorDivideAssign | cst.ModuloAssign)
        if divides and before.type not in ("str", "pathlib.Path"):
            self.use(node, "divide", rename(value, self.text(node.value)), self.text(node.target))
        elif before.none:
            self.use(node, "arithmetic", rename(before, self.text(node.target)), "augmented")
        path = self.path(node.target)
        if path:
            self.forget(path)
            self.know(path, Value(type=before.type, boundary=before.boundary or value.boundary))
        self._store(node.target, value, node.value, node)

    def _return(self, node: cst.Return) -> None:
        value = None
        if node.value is not None:
            value = rename(self.read(node.value, "returned"), self.text(node.value))
            if value.made_at is not None:
                self.use(node, "return", value)
        self.emit(Return(self.span(node), self.context, self.statement_code, value))
        self.alive = False

    def _raise(self, node: cst.Raise) -> None:
        exception = None
        handler_block = self.context.inside("handler")
        handler = handler_block.handler if handler_block is not None else None
        reraise = node.exc is None
        if node.exc is not None:
            value = self.read(node.exc)
            target = node.exc.func if isinstance(node.exc, cst.Call) else node.exc
            if isinstance(target, cst.Name) and handler is not None and target.value == handler.name:
                reraise = True
            else:
                exception = (self.resolve(target) if isinstance(node.exc, cst.Call) else value.symbol) or value.type
                reraise = isinstance(target, cst.Name) and target.value in self._caught
        cause = None
        if node.cause is not None:
            self.read(node.cause.item)
            cause = self.text(node.cause.item)
        self.emit(Raise(self.span(node), self.context, self.statement_code, exception, reraise, cause, handler))
        self.alive = False

    def _assert(self, node: cst.Assert) -> None:
        subjects: list[Value] = []
        for expression in _tested(node.test):
            value = self.peek(expression)
            subjects.append(rename(value, self.text(expression)))
        self.read(node.test, "condition")
        if node.msg is not None:
            self.read(node.msg)
        self.emit(Assertion(self.span(node), self.context, self.statement_code, self.text(node.test), tuple(subjects)))
        self.assume(node.test, True)

    def _delete(self, node: cst.Del) -> None:
        targets = [e.value for e in node.target.elements] if isinstance(node.target, cst.Tuple) else [node.target]
        for target in targets:
            if isinstance(target, cst.Subscript):
                self._subscript(target)
            path = self.path(target)
            if path:
                self.env.pop(path, None)
                self.forget(path)

    def _import(self, node: cst.Import | cst.ImportFrom) -> None:
        try:
            parsed = ast.parse(self.segment.text(node)).body[0]
        except (SyntaxError, ValueError):
            return
        if isinstance(parsed, ast.Import | ast.ImportFrom):
            package = self.source.path.endswith("__init__.py")
            for name, origin in import_names(parsed, self.names.outline.module, package):
                self.env[name] = self.names.of_symbol(origin)

    def _jump(self, node: cst.CSTNode) -> None:
        if self._loops:
            jumps = self._loops[-1]
            jumps.breaks += isinstance(node, cst.Break)
            if self.alive:
                (jumps.broken if isinstance(node, cst.Break) else jumps.continued).append(dict(self.env))
        self.alive = False

    def _global(self, node: cst.Global) -> None:
        self._globals = self._globals | {item.name.value for item in node.names}

    # -- branches --------------------------------------------------------------------------------------------------

    def _if(self, node: cst.If) -> None:
        self.statement_code = self._first_line(node)
        test = self.read(node.test, "condition")
        if (test.none or test.made_at is not None) and not isinstance(node.test, cst.Name | cst.Attribute):
            self.use(node.test, "test", rename(test, self.text(node.test)))
        before = self.env
        block = Block("if", self.span(node.test), self.text(node.test))
        main = self.context.main
        if _is_main(node.test):
            self.context = self._with_main(True)
        self.env = dict(before)
        self.assume(node.test, True)
        with self.block(block):
            body_alive = self._branch(node.body)
        body_env = self.env
        self.context = self._with_main(main)
        self.env = dict(before)
        self.statement_code = self._first_line(node)
        self.assume(node.test, False)
        other_alive = True
        if isinstance(node.orelse, cst.If):
            self.alive = True
            with self.block(Block("else", self.span(node.orelse), self.text(node.test))):
                self._if(node.orelse)
            other_alive = self.alive
        elif node.orelse is not None:
            with self.block(Block("else", self.span(node.orelse), self.text(node.test))):
                other_alive = self._branch(node.orelse.body)
        self._meet([(body_env, body_alive), (self.env, other_alive)])

    def _with_main(self, main: bool) -> Context:
        old = self.context
        if old.main == main:
            return old
        return Context(old.function, old.tries, old.blocks, old.is_async, old.import_time, main)

    def _branch(self, body: cst.BaseSuite) -> bool:
        self.alive = True
        self.walk(body.body)
        return self.alive

    def _meet(self, branches: list[tuple[dict[str, Value], bool]]) -> None:
        living = [environment for environment, alive in branches if alive]
        self.alive = bool(living)
        if not living:
            self.env = dict(branches[0][0])
            return
        merged = living[0]
        for environment in living[1:]:
            merged = join(merged, environment)
        self.env = merged

    def _match(self, node: cst.Match) -> None:
        self.statement_code = self._first_line(node)
        subject = self.read(node.subject)
        before = self.env
        branches = []
        exhaustive = False
        for case in node.cases:
            self.env = dict(before)
            for name in _captures(case.pattern):
                self.env[name] = Value(boundary=subject.boundary)
            if case.guard is not None:
                self.read(case.guard)
                self.assume(case.guard, True)
            elif isinstance(case.pattern, cst.MatchAs) and case.pattern.pattern is None:
                exhaustive = True
            with self.block(Block("if", self.span(case.pattern), self.text(case.pattern))):
                alive = self._branch(case.body)
            branches.append((self.env, alive))
        if not exhaustive:
            branches.append((dict(before), True))
        self._meet(branches)

    # -- loops -----------------------------------------------------------------------------------------------------

    def _for(self, node: cst.For) -> None:
        self.statement_code = code = self._first_line(node)
        iterable = self.iterated_over(node.iter, node.asynchronous is not None)
        subject = rename(iterable, self.text(node.iter))
        if iterable.none or iterable.boundary or iterable.decoded or iterable.made_by:
            self.use(node.iter, "iterate", subject)
        before = self.env
        self.env = dict(before)
        block = self.iterated(node, subject)
        self.bind_element(node.target, node.iter, iterable)
        self._loop_body(node, block, node.body, code, before)

    def _loop_body(
        self, node: cst.For | cst.While, block: Block, body: cst.BaseSuite, code: str, before: dict[str, Value]
    ) -> None:
        mark = len(self.facts)
        jumps = _Jumps()
        self._loops.append(jumps)
        with self.block(block):
            body_alive = self._branch(body)
        self._loops.pop()
        facts = tuple(self.facts[mark:])
        function = self.context.function
        returns = any(isinstance(f, Return) and not f.yields and f.context.function == function for f in facts)
        self.emit(Loop(self.span(node), self.context, code, block, facts, jumps.breaks > 0, returns))
        # The loop ends well where the condition is looked at again: before the first pass, and after each.
        ends = [before, *([self.env] if body_alive else []), *jumps.continued]
        self._meet([(environment, True) for environment in ends])
        self.alive = not block.endless
        if isinstance(node, cst.While):
            self.env = dict(self.env)
            self.assume(node.test, False)
        if node.orelse is not None:
            self.walk(node.orelse.body.body)
        if jumps.broken:
            self._meet([(self.env, self.alive), *((environment, True) for environment in jumps.broken)])

    def _while(self, node: cst.While) -> None:
        self.statement_code = code = self._first_line(node)
        self.read(node.test, "condition")
        before = self.env
        self.env = dict(before)
        self.assume(node.test, True)
        text = self.text(node.test)
        block = Block("while", self.span(node), text, endless=text in ("True", "1"))
        self._loop_body(node, block, node.body, code, before)

    # -- with ------------------------------------------------------------------------------------------------------

    def _with(self, node: cst.With) -> None:
        self.statement_code = self._first_line(node)
        is_async = node.asynchronous is not None
        old = self.context
        for item in node.items:
            self._enter(item, is_async)
        with_suppress = any(
            attempt.suppress for attempt in self.context.tries[: len(self.context.tries) - len(old.tries)]
        )
        before = dict(self.env) if with_suppress else None
        self.walk(node.body.body)
        self.context = old
        if before is not None:
            self.env = join(before, self.env)
            self.alive = True

    def _enter(self, item: cst.WithItem, is_async: bool) -> None:
        value = (
            self._call(item.item, "with", None, awaited=is_async)
            if isinstance(item.item, cst.Call)
            else self.read(item.item, "with")
        )
        text = self.text(item.item)
        symbol = value.made_by or value.type or value.symbol
        known = self.names.known(symbol)
        kind: BlockKind = "with"
        holds = known.holds if known is not None else None
        if holds is None and value.type is not None and (typed := self.names.known(value.type)) is not None:
            holds = typed.holds
        if holds is not None:
            kind = holds
        elif "lock" in text.lower().rpartition(".")[2] and "block" not in text.lower():
            kind = "lock"
        self.use(item, "context", rename(value, text), symbol or "")
        callee = self.resolve(item.item.func) if isinstance(item.item, cst.Call) else symbol
        now = self.context
        tries = now.tries
        if callee in _SUPPRESS and isinstance(item.item, cst.Call):
            types = tuple(self.resolve(argument.value) or self.text(argument.value) for argument in item.item.args)
            span = self.span(item)
            handler = Handler(span, types, silent=True, code=text)
            tries = (Try(span, (handler,), suppress=True), *tries)
        block = Block(
            kind, self.span(item), text, symbol=callee or symbol, value=rename(value, text), is_async=is_async
        )
        self.context = Context(now.function, tries, (*now.blocks, block), now.is_async, now.import_time, now.main)
        if item.asname is not None and isinstance(item.asname.name, cst.BaseExpression):
            entered = value
            if known is not None and known.enters is not None:
                entered = Value(
                    value.text, known.enters, None, None, value.boundary, value.decoded, None, None, None,
                    value.made_by, value.made_at, frozenset(), value.settings,
                )  # fmt: skip
            self.bind(item.asname.name, entered)

    # -- try -------------------------------------------------------------------------------------------------------

    def _try(self, node: cst.Try | cst.TryStar) -> None:
        self.statement_code = code = "try:"
        clauses: list[tuple[cst.ExceptHandler | cst.ExceptStarHandler, Handler]]
        clauses = [(clause, self._describe(clause)) for clause in node.handlers]
        statement = Try(
            self.span(node),
            tuple(handler for _, handler in clauses),
            node.finalbody is not None,
            node.orelse is not None,
            isinstance(node, cst.TryStar),
        )
        before = self.env
        self.env = dict(before)
        mark = len(self.facts)
        with self.protected(statement):
            body_alive = self._branch(node.body)
        body_facts = tuple(self.facts[mark:])
        after_body = self.env
        branches: list[tuple[dict[str, Value], bool]] = []
        handler_facts = []
        if node.orelse is not None and body_alive:
            with self.block(Block("else", self.span(node.orelse))):
                body_alive = self._branch(node.orelse.body)
        branches.append((self.env, body_alive))
        for clause, handler in clauses:
            self.env = join(dict(before), after_body)
            if handler.name:
                self.env[handler.name] = Value(type=handler.types[0] if len(handler.types) == 1 else None)
            caught, self._caught = self._caught, self._caught | {handler.name or ""}
            mark = len(self.facts)
            with self.block(Block("handler", handler.span, handler.code, handler=handler)):
                alive = self._branch(clause.body)
            handler_facts.append(tuple(self.facts[mark:]))
            self._caught = caught
            branches.append((self.env, alive))
        self._meet(branches)
        finals = self._finally(node.finalbody, join(dict(before), after_body)) if node.finalbody is not None else ()
        self.emit(
            TryStatement(self.span(node), self.context, code, statement, body_facts, finals, tuple(handler_facts))
        )

    def _finally(self, node: cst.Finally, interrupted: Environment) -> tuple[Fact, ...]:
        """Walk a `finally`, which runs however the body was left, and go on with what holds when it was left well.

        Args:
            node: the clause.
            interrupted: what may hold when the body is left by an exception or a jump.
        """
        was_alive, well = self.alive, self.env
        self.env = join(interrupted, well) if was_alive else interrupted
        entered = dict(self.env)
        mark = len(self.facts)
        with self.block(Block("finally", self.span(node))):
            alive = self._branch(node.body)
        if was_alive:
            left = self.env
            self.env = {name: value for name, value in well.items() if name in left or name not in entered}
            self.env.update((name, value) for name, value in left.items() if entered.get(name) is not value)
        self.alive = was_alive and alive
        return tuple(self.facts[mark:])

    def _describe(self, clause: cst.ExceptHandler | cst.ExceptStarHandler) -> Handler:
        types: tuple[str, ...] = ("BaseException",)
        if clause.type is not None:
            types = tuple(self._exception_names(clause.type))
        return describe_handler(clause, self.span(clause), types, self.resolve, self.segment.text)

    def _exception_names(self, node: cst.BaseExpression, depth: int = 0) -> list[str]:
        if isinstance(node, cst.Tuple):
            return [name for element in node.elements for name in self._exception_names(element.value, depth)]
        if isinstance(node, cst.BinaryOperation):
            return self._exception_names(node.left, depth) + self._exception_names(node.right, depth)
        if isinstance(node, cst.Name) and depth == 0 and node.value in self.names.outline.assigned:
            # A module constant that names a tuple of exceptions.
            for value in self.names.outline.assigned[node.value]:
                if isinstance(value, ast.Tuple):
                    return [self.names.of_expression(element).symbol or ast.unparse(element) for element in value.elts]
        return [self.resolve(node) or self.text(node)]

    # -- definitions -----------------------------------------------------------------------------------------------

    def walk_definition(self, node: cst.CSTNode) -> None:
        """Walk the function that the segment holds."""
        if isinstance(node, cst.FunctionDef):
            self._walk_function(node)

    def walk_class(self, node: cst.CSTNode) -> None:
        """Walk a class's own statements, which run at import time."""
        if isinstance(node, cst.ClassDef):
            self.walk(node.body.body)

    def _function(self, node: cst.FunctionDef) -> None:
        for decorator in node.decorators:
            self.read(decorator.decorator)
        self.defaults(node.params)
        if not self.context.import_time:  # else it is a segment of its own
            self._walk_function(node)

    def _walk_function(self, node: cst.FunctionDef) -> None:
        name = node.name.value
        outer = self.context
        qualified = f"{outer.function}.{name}" if outer.function != "<module>" else name
        self.env[name] = Value(symbol=f".{qualified}")
        old_env, old_alive, old_loops = self.env, self.alive, self._loops
        self.env = dict(old_env)
        self._loops = []
        block = Block("def", self.span(node), name)
        self.context = Context(qualified, (), (*outer.blocks, block), node.asynchronous is not None, False, outer.main)
        self._bind_parameters(qualified)
        self.alive = True
        self.walk(node.body.body)
        self.env, self.alive, self._loops = old_env, old_alive, old_loops
        self.context = outer

    def _bind_parameters(self, qualified: str) -> None:
        definition = self.names.outline.definitions.get(qualified)
        if definition is None or isinstance(definition.node, ast.ClassDef):
            return
        arguments = definition.node.args
        positional = [*arguments.posonlyargs, *arguments.args]
        defaults: list[ast.expr | None] = [None] * (len(positional) - len(arguments.defaults)) + list(
            arguments.defaults
        )
        decorators = {ast.unparse(node) for node in definition.node.decorator_list}
        for index, (argument, default) in enumerate(
            [*zip(positional, defaults, strict=True), *zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True)]
        ):
            if index == 0 and definition.owner and "staticmethod" not in decorators:
                self.env[argument.arg] = (
                    Value(symbol="." + definition.owner)
                    if "classmethod" in decorators or argument.arg == "cls"
                    else Value(type="." + definition.owner)
                )
                continue
            declared = self.names.of_outside(argument.annotation) if argument.annotation else UNKNOWN
            none = declared.none
            if isinstance(default, ast.Constant) and default.value is None:
                none = f"{argument.arg} is None when it is not given"
            self.env[argument.arg] = Value(
                type=declared.type, decoded=declared.decoded, none=none, parameter=argument.arg
            )
        for rest, kind in ((arguments.vararg, "tuple"), (arguments.kwarg, "dict")):
            if rest is not None:
                self.env[rest.arg] = Value(type=kind, parameter=rest.arg)

    def _class(self, node: cst.ClassDef) -> None:
        outer = self.context
        for decorator in node.decorators:
            self.read(decorator.decorator)
        for argument in (*node.bases, *node.keywords):
            self.read(argument.value)
        if outer.import_time:
            return  # a segment of its own
        self.env[node.name.value] = Value(symbol=f".{outer.function}.{node.name.value}")
        qualified = f"{outer.function}.{node.name.value}"
        self.context = Context(qualified, outer.tries, outer.blocks, False, False, outer.main)
        self.walk(node.body.body)
        self.context = outer

    # -- tables ----------------------------------------------------------------------------------------------------

    _simple: dict[type[cst.CSTNode], Function[[Any, Any], None]] = {
        cst.Expr: _expression,
        cst.Assign: _assign,
        cst.AnnAssign: _annotated,
        cst.AugAssign: _augmented,
        cst.Return: _return,
        cst.Raise: _raise,
        cst.Assert: _assert,
        cst.Del: _delete,
        cst.Import: _import,
        cst.ImportFrom: _import,
        cst.Break: _jump,
        cst.Continue: _jump,
        cst.Global: _global,
    }
    _compound: dict[type[cst.CSTNode], Function[[Any, Any], None]] = {
        cst.If: _if,
        cst.For: _for,
        cst.While: _while,
        cst.With: _with,
        cst.Try: _try,
        cst.TryStar: _try,
        cst.Match: _match,
        cst.FunctionDef: _function,
        cst.ClassDef: _class,
    }


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


def _is_main(node: cst.BaseExpression) -> bool:
    """`__name__ == "__main__"`, either way round."""
    if not isinstance(node, cst.Comparison) or len(node.comparisons) != 1:
        return False
    target = node.comparisons[0]
    return isinstance(target.operator, cst.Equal) and any(
        isinstance(side, cst.Name) and side.value == "__name__" for side in (node.left, target.comparator)
    )


def _captures(pattern: cst.MatchPattern) -> list[str]:
    """The names that a pattern binds."""
    names = []
    pending: list[cst.CSTNode] = [pattern]
    while pending:
        node = pending.pop()
        if isinstance(node, cst.MatchAs | cst.MatchStar) and node.name is not None:
            names.append(node.name.value)
        pending.extend(node.children)
    return names
