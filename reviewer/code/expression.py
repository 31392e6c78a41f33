"""Walking expressions in evaluation order: what each gives, and the facts it leaves behind."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable as Function
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import libcst as cst

from reviewer.code.budget import Budget
from reviewer.code.condition import assumptions
from reviewer.code.environment import Environment, forget, guarded, join, join_values, rename
from reviewer.code.names import UNKNOWN, Names, process_text
from reviewer.code.segment import Segment
from reviewer.domain.fact import Argument, Block, Call, Context, Fact, Return, Span, Try, Usage, Use, Value

_TRUE = Value(literal="True", type="bool")
_STRING = Value(type="str")
_KEEPS_BOUNDARY = frozenset(
    {"str", "int", "float", "bytes", "list", "dict", "tuple", "set", "sorted", "reversed", "bytearray", "bool"}
)
_TEXT_METHODS = {
    "split": "list[str]",
    "rsplit": "list[str]",
    "splitlines": "list[str]",
    "strip": "str",
    "lstrip": "str",
    "rstrip": "str",
    "lower": "str",
    "upper": "str",
    "casefold": "str",
    "partition": "tuple[str]",
    "rpartition": "tuple[str]",
    "startswith": "bool",
    "endswith": "bool",
    "removeprefix": "str",
    "removesuffix": "str",
}
_PROCESS_TEXT = frozenset({"subprocess.check_output", "subprocess.Popen.communicate"})
_MAPPING_METHODS = frozenset(
    {"dict.get", "dict.pop", "dict.setdefault", "dict.items", "dict.values", "dict.keys", "dict.copy"}
)
_LOOKED_AT = 500
"""Characters of an expression that its shortened text is made from."""
_PATH_PARTS = 12
"""Parts of the longest path expression whose value is remembered; what is longer would cost time without end."""
_ANSWER_ENDS = frozenset({"content", "parts"})
_CHAT_TEXT = re.compile(r"\.choices\[\w+\]\.(message|delta)\.content$")
"""Chat completions: https://platform.openai.com/docs/api-reference/chat/object"""
_CANDIDATE_PART = re.compile(r"\.candidates\[\w+\]\.content\.parts$")
"""Generated content: https://ai.google.dev/api/generate-content#candidate"""
_DIVISIONS = (cst.Divide, cst.FloorDivide, cst.Modulo)


class Expressions:
    """Evaluates expressions of one segment.

    Args:
        segment: the parsed piece.
        names: what the file's names mean.
        context: where the piece stands.
        environment: what is known when it begins.
        budget: the time it may take.
    """

    def __init__(
        self, segment: Segment, names: Names, context: Context, environment: Environment, budget: Budget
    ) -> None:
        self._budget = budget
        self.segment = segment
        self.source = segment.source
        self.names = names
        self.context = context
        self.env = environment
        self.facts: list[Fact] = []
        self.statement_code = ""
        self._mute = 0
        self._element: Value | None = None
        self._parted: set[str] = set()  # roots of the paths with parts that were ever remembered
        self._readers: dict[type[cst.CSTNode], Function[[Any], Value]] = {
            cst.Name: self._name,
            cst.Attribute: self._attribute,
            cst.Call: self._call,
            cst.Subscript: self._subscript,
            cst.SimpleString: self._string,
            cst.Integer: self._number,
            cst.Float: self._number,
            cst.Imaginary: self._number,
            cst.Await: self._await,
            cst.BinaryOperation: self._binary,
            cst.UnaryOperation: self._unary,
            cst.BooleanOperation: self._boolean,
            cst.Comparison: self._comparison,
            cst.IfExp: self._if_expression,
            cst.Lambda: self._lambda,
            cst.NamedExpr: self._named,
            cst.Dict: self._dict,
            cst.List: self._sequence,
            cst.Tuple: self._sequence,
            cst.Set: self._sequence,
            cst.ListComp: self._comprehension,
            cst.SetComp: self._comprehension,
            cst.GeneratorExp: self._comprehension,
            cst.DictComp: self._comprehension,
            cst.FormattedString: self._formatted,
            cst.ConcatenatedString: self._concatenated,
            cst.Yield: self._yield,
        }

    # -- places and facts ------------------------------------------------------------------------------------------

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
        if not self._mute:
            self.facts.append(fact)

    def use(self, node: cst.CSTNode, operation: Any, subject: Value, detail: str = "", **more: Any) -> None:
        """Keep a use of a value."""
        if not self._mute:
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

    @contextmanager
    def block(self, block: Block) -> Iterator[None]:
        """Walk inside a block."""
        old = self.context
        self.context = Context(old.function, old.tries, (*old.blocks, block), old.is_async, old.import_time, old.main)
        try:
            yield
        finally:
            self.context = old

    @contextmanager
    def protected(self, statement: Try) -> Iterator[None]:
        """Walk inside a try body."""
        old = self.context
        self.context = Context(
            old.function, (statement, *old.tries), old.blocks, old.is_async, old.import_time, old.main
        )
        try:
            yield
        finally:
            self.context = old

    # -- reading -----------------------------------------------------------------------------------------------------

    def read(self, node: cst.BaseExpression, use: Use = "other", target: str | None = None) -> Value:
        """Evaluate an expression: emit its facts, give its value.

        Args:
            node: the expression.
            use: what the statement around does with the result, for calls.
            target: path that the result is assigned to.
        """
        self._budget.spend()
        if isinstance(node, cst.Call):
            return self._call(node, use, target)
        if isinstance(node, cst.Await):
            return self._await(node, use, target)
        reader = self._readers.get(type(node))
        if reader is None:
            return UNKNOWN
        return reader(node)

    def iterated_over(self, node: cst.BaseExpression, is_async: bool) -> Value:
        """Evaluate what a loop runs over; `async for` awaits what the call gives."""
        if isinstance(node, cst.Call):
            self._budget.spend()
            return self._call(node, "iterated", awaited=is_async)
        return self.read(node, "iterated")

    def peek(self, node: cst.BaseExpression) -> Value:
        """Evaluate without leaving facts."""
        self._mute += 1
        try:
            return self.read(node)
        finally:
            self._mute -= 1

    def path(self, node: cst.BaseExpression, parts: int = _PATH_PARTS) -> str | None:
        """The path expression of a name, attribute or constant subscript; None for anything else.

        Args:
            node: the expression.
            parts: how many parts it may have at most; longer ones are as good as unknown.
        """
        if isinstance(node, cst.Name):
            return node.value
        if parts == 0:
            return None
        if isinstance(node, cst.Attribute):
            base = self.path(node.value, parts - 1)
            return f"{base}.{node.attr.value}" if base else None
        if isinstance(node, cst.Subscript) and len(node.slice) == 1:
            index = node.slice[0].slice
            if isinstance(index, cst.Index) and isinstance(
                index.value, cst.SimpleString | cst.Integer | cst.Name | cst.UnaryOperation
            ):
                base = self.path(node.value, parts - 1)
                return f"{base}[{_normal_key(self.segment.text(index.value))}]" if base else None
        if isinstance(node, cst.Call) and not node.args and isinstance(node.func, cst.Attribute):
            base = self.path(node.func, parts - 1)
            return f"{base}()" if base else None
        return None

    def know(self, path: str, value: Value) -> None:
        """Remember what a path stands for from here on."""
        self.env[path] = value
        if not path.isidentifier():
            self._parted.add(_root(path))

    def forget(self, path: str) -> None:
        """Drop what is known of the parts of a path that is being assigned."""
        if _root(path) in self._parted:
            forget(self.env, path)

    def resolve(self, node: cst.BaseExpression) -> str | None:
        """Canonical name of what an expression names; None when unknown."""
        return self.peek(node).symbol

    # -- conditions ------------------------------------------------------------------------------------------------

    def assume(self, node: cst.BaseExpression, truth: bool) -> None:
        """Narrow the environment by a condition's outcome."""
        for expression, guard in assumptions(node, truth, self.segment.text):
            target = expression.target if isinstance(expression, cst.NamedExpr) else expression
            path = self.path(target)
            if isinstance(target, cst.Call) and path is None and guard in ("truthy", "not-none"):
                path = self.segment.text(target)
            if path is None:
                continue
            value = self.env.get(path)
            if value is None:
                value = self.peek(target)
            type_name = None
            if guard in ("truthy", "not-none") and (value.decoded or not isinstance(target, cst.Call)):
                self.use(target, "test", rename(value, self.text(target)), guard)
            if guard.startswith("isinstance:"):
                type_name = self._guard_type(guard[11:])
            elif guard.startswith("key:"):
                self.know(path, guarded(value, "key:" + _normal_key(guard[4:]), type_name))
                continue
            self.know(path, guarded(value, guard, type_name))

    def _guard_type(self, written: str) -> str | None:
        name = written.strip()
        if not name.replace(".", "").replace("_", "").isalnum():
            return None
        root, dot, rest = name.partition(".")
        symbol = self.names.of_module(root).symbol
        return f"{symbol}{dot}{rest}" if symbol else None

    # -- leaves ------------------------------------------------------------------------------------------------------

    def _name(self, node: cst.Name) -> Value:
        name = node.value
        value = self.env.get(name)
        if value is not None:
            return value
        if name in ("None", "True", "False"):
            return Value(literal=name)
        return self.names.of_module(name)

    def _string(self, node: cst.SimpleString) -> Value:
        return Value(literal=node.value, type="bytes" if node.value[:2].lower().find("b") >= 0 else "str")

    def _number(self, node: Any) -> Value:
        return Value(literal=node.value, type="int" if isinstance(node, cst.Integer) else "float")

    # -- parts of values ---------------------------------------------------------------------------------------------

    def _attribute(self, node: cst.Attribute) -> Value:
        return self._member(node, self.read(node.value, "attribute"), called=False)

    def _member(self, node: cst.Attribute, base: Value, called: bool) -> Value:
        path = self.path(node)
        narrowed = self.env.get(path) if path else None
        name = node.attr.value
        if _interesting(base):
            self.use(node, "method" if called else "attribute", rename(base, self.text(node.value)), name)
        if narrowed is not None:
            return narrowed
        member = self.names.member(base, name)
        if member is not None:
            if base.boundary and member.boundary is None and member.symbol is None:
                return Value(type=member.type, boundary=base.boundary, none=member.none, parameter=base.parameter)
            return member
        if path and name in _ANSWER_ENDS and (missing := _missing_answer(path)):
            return Value(boundary="model output", none=missing, parameter=base.parameter, made_by=base.made_by)
        if base.boundary or base.decoded:
            return Value(
                boundary=base.boundary,
                decoded=base.decoded,
                parameter=base.parameter,
                made_by=base.made_by,
                made_at=base.made_at,
            )
        return Value(parameter=base.parameter) if base.parameter else UNKNOWN

    def _subscript(self, node: cst.Subscript, stored: bool = False) -> Value:
        base = self.read(node.value, "attribute")
        path = self.path(node)
        narrowed = self.env.get(path) if path else None
        if len(node.slice) != 1:
            for element in node.slice:
                if isinstance(element.slice, cst.Index):
                    self.read(element.slice.value)
                elif isinstance(element.slice, cst.Slice):
                    self._bounds(element.slice)
            return UNKNOWN
        part = node.slice[0].slice
        subject = rename(base, self.text(node.value))
        if isinstance(part, cst.Slice):
            self._bounds(part)
            if _interesting(base):
                self.use(node, "slice", subject, self.text(part), stored=stored)
            return Value(
                type=base.type,
                boundary=base.boundary,
                decoded=base.decoded,
                none=None,
                empty="the slice may be empty" if base.boundary else None,
            )
        if not isinstance(part, cst.Index):
            return UNKNOWN
        key = self.read(part.value)
        written = _normal_key(self.segment.text(part.value))
        operation = "index" if _is_index(key, written, base) else "key"
        if base.symbol is None or base.type is not None or base.symbol.rpartition(".")[2].isupper():
            # A subscript of a class or alias is an annotation, not an access; a constant is no class.
            self.use(node, operation, subject, written, key=rename(key, self.text(part.value)), stored=stored)
        if narrowed is not None and not stored:
            return narrowed
        if base.symbol == "os.environ" or base.boundary or base.decoded:
            return Value(
                boundary=base.boundary,
                decoded=base.decoded,
                type="str" if base.symbol == "os.environ" else _element_type(base),
                parameter=base.parameter,
                made_by=base.made_by,
                made_at=base.made_at,
            )
        if base.parameter or base.type is not None:
            return Value(type=_element_type(base), parameter=base.parameter)
        return UNKNOWN

    def _bounds(self, node: cst.Slice) -> None:
        for bound in (node.lower, node.upper, node.step):
            if bound is not None:
                self.read(bound)

    # -- calls -------------------------------------------------------------------------------------------------------

    def _call(self, node: cst.Call, use: Use = "other", target: str | None = None, awaited: bool = False) -> Value:
        function = node.func
        receiver: Value | None = None
        if isinstance(function, cst.Attribute):
            receiver = rename(self.read(function.value, "attribute"), self.text(function.value))
            callee = self._member(function, receiver, called=True)
        else:
            callee = self.read(function)
        symbol = callee.symbol
        arguments = self._arguments(node, symbol)
        place_span = self.span(node)
        place = (place_span.line, place_span.column)
        settings = tuple((a.keyword, a.value.text) for a in arguments if a.keyword and a.keyword[0] != "*")
        positional = [argument for argument in arguments if argument.keyword is None]
        literals = tuple(argument.value.literal or "" for argument in positional)
        path = self.path(node)
        narrowed = self.env.get(path or self.segment.text(node)) if node.args or path else None
        result = self._result(
            symbol,
            receiver=receiver,
            function=function,
            arguments=arguments,
            settings=settings,
            place=place,
            literals=literals,
        )
        if narrowed is not None:
            result = guarded_like(result, narrowed)
        known = self.names.known(symbol)
        if not self._mute:
            self.facts.append(
                Call(
                    span=place_span,
                    context=self.context,
                    code=self.statement_code,
                    text=self.text(function),
                    callee=known.name if known else symbol,
                    known=known,
                    receiver=receiver,
                    arguments=arguments,
                    awaited=awaited,
                    coroutine=known.coroutine if known else self.names.is_coroutine_function(symbol),
                    use=use,
                    target=target,
                    result=result,
                )
            )
        return result

    def _arguments(self, node: cst.Call, symbol: str | None) -> tuple[Argument, ...]:
        found: list[Argument] = []
        for argument in node.args:
            self._element = None
            value = self.read(argument.value, "argument")
            if self._element is not None and symbol == "str.join" and _interesting(self._element):
                self.use(argument, "argument", self._element, "0", callee=symbol)
            written = rename(value, self.text(argument.value))
            keyword = argument.keyword.value if argument.keyword else argument.star or None
            if keyword == "key" and self._element is not None and self._element.none:
                self.use(argument, "compare", self._element, "key")  # sorting compares what the function gives
            if keyword in ("*", "**"):
                self.use(argument, "spread", written, keyword)
            elif value.made_at is not None or _interesting(value):
                self.use(argument, "argument", written, keyword or str(len(found)), callee=symbol)
            found.append(Argument(keyword, written))
        return tuple(found)

    def _result(
        self,
        symbol: str | None,
        *,
        receiver: Value | None,
        function: cst.BaseExpression,
        arguments: tuple[Argument, ...],
        settings: tuple[tuple[str, str], ...],
        place: tuple[int, int],
        literals: tuple[str, ...],
    ) -> Value:
        result = self.names.result(symbol, settings, place, literals)
        known = self.names.known(symbol)
        if known is None and result.none is None and ("default", "None") in settings:
            result = dataclasses.replace(result, none="it is what default=None asks for", made_at=place)
        if symbol in ("asyncio.wait_for", "asyncio.shield") and arguments:
            return arguments[0].value
        source: Value | None = None
        if known is not None and known.passes is not None:
            source = receiver if known.passes == -1 else None
            positional = [argument.value for argument in arguments if argument.keyword is None]
            if 0 <= known.passes < len(positional):
                source = positional[known.passes]
        elif symbol in _KEEPS_BOUNDARY and arguments:
            source = arguments[0].value
        if symbol is None and receiver is not None and (made := self._method_of_text(receiver, function, place)):
            return made
        if receiver is not None and (symbol is None or (symbol in _MAPPING_METHODS and receiver.decoded)):
            source = self._method_of_data(receiver, function, arguments, place, literals)
            if source is not None:
                return source
        if (
            receiver is not None
            and receiver.type == "dict"
            and receiver.boundary
            and source is None
            and known is not None
        ):
            source = receiver
        if result.boundary == "process output" and symbol in _PROCESS_TEXT:
            started = settings if receiver is None or receiver.settings is None else receiver.settings
            text = process_text(started)
            return dataclasses.replace(result, type=f"tuple[{text}]" if result.type == "tuple" else text)
        if source is not None and (source.boundary or source.parameter):
            return Value(
                type=result.type
                or (symbol if symbol in _KEEPS_BOUNDARY and symbol not in ("sorted", "reversed") else None),
                boundary=result.boundary or source.boundary,
                decoded=result.decoded or (source.decoded and symbol not in _KEEPS_BOUNDARY),
                none=result.none,
                empty=result.empty,
                parameter=source.parameter,
                made_by=result.made_by or symbol,
                made_at=place,
                settings=settings,
            )
        return result

    @staticmethod
    def _method_of_text(receiver: Value, function: cst.BaseExpression, place: tuple[int, int]) -> Value | None:
        """The result of a method that hardly anything but text has, on a value of unknown type."""
        if receiver.type is not None or receiver.symbol is not None or not isinstance(function, cst.Attribute):
            return None
        kind = _TEXT_METHODS.get(function.attr.value)
        if kind is None:
            return None
        return Value(
            type=kind,
            boundary=receiver.boundary,
            parameter=receiver.parameter,
            made_by=f"str.{function.attr.value}",
            made_at=place,
        )

    def _method_of_data(
        self,
        receiver: Value,
        function: cst.BaseExpression,
        arguments: tuple[Argument, ...],
        place: tuple[int, int],
        literals: tuple[str, ...],
    ) -> Value | None:
        """The result of a method on decoded or boundary data of unknown type, by the method's name alone."""
        if not isinstance(function, cst.Attribute):
            return None
        method = function.attr.value
        named = method == "get" and _is_field(receiver, arguments)
        if not (receiver.decoded or receiver.boundary or named):
            if method in ("items", "values", "keys") and receiver.parameter and not arguments:
                return Value(type="list", parameter=receiver.parameter)
            return None
        if method in ("get", "pop", "setdefault"):
            default = literals[1] if len(literals) > 1 else None
            none: str | None
            if method == "get" and default in (None, "None"):
                none = f"{arguments[0].value.text if arguments else 'the key'} may be missing"
            else:
                none = (
                    f"{arguments[0].value.text if arguments else 'the key'} may be there with null"
                    if receiver.decoded or named
                    else None
                )
            return Value(
                boundary=receiver.boundary,
                decoded=receiver.decoded or named,
                none=none,
                parameter=receiver.parameter,
                made_by=f"dict.{method}",
                made_at=place,
            )
        if method in ("items", "values", "keys", "copy"):
            return Value(
                type=receiver.type if method == "copy" else "list",
                boundary=receiver.boundary,
                decoded=receiver.decoded and method != "keys",
                parameter=receiver.parameter,
                made_by=receiver.made_by,
                made_at=receiver.made_at,
            )
        return Value(boundary=receiver.boundary, parameter=receiver.parameter, made_at=place)

    def _await(self, node: cst.Await, use: Use = "other", target: str | None = None) -> Value:
        inner = node.expression
        if isinstance(inner, cst.Call):
            return self._call(inner, use, target, awaited=True)
        value = self.read(inner)
        self.use(node, "await", rename(value, self.text(inner)))
        return value

    # -- operators ---------------------------------------------------------------------------------------------------

    def _binary(self, node: cst.BinaryOperation) -> Value:
        left = self.read(node.left)
        right = self.read(node.right)
        operator = node.operator
        if isinstance(operator, _DIVISIONS):
            if left.type == "pathlib.Path" or right.type == "pathlib.Path":
                return Value(type="pathlib.Path")
            if not (isinstance(operator, cst.Modulo) and _is_text(node.left, left)):
                self.use(node, "divide", rename(right, self.text(node.right)), self.text(node.left))
                return Value(type="float")
            return Value(type="str")
        for side, value in ((node.left, left), (node.right, right)):
            if value.none or value.decoded:
                self.use(node, "arithmetic", rename(value, self.text(side)), type(operator).__name__)
        boundary = left.boundary or right.boundary
        same = left.type if left.type == right.type else left.type or right.type
        return Value(type=same, boundary=boundary)

    def _unary(self, node: cst.UnaryOperation) -> Value:
        value = self.read(node.expression)
        if isinstance(node.operator, cst.Not):
            return Value(type="bool")
        if value.literal is not None:
            return Value(literal=self.text(node), type=value.type)
        return value

    def _boolean(self, node: cst.BooleanOperation) -> Value:
        is_and = isinstance(node.operator, cst.And)
        operands = _operands(node, type(node.operator))
        before = self.env
        self.env = dict(before)
        result = self.read(operands[0])
        for previous, operand in pairwise(operands):
            self.assume(previous, is_and)
            right = self.read(operand)
            if is_and:
                result = join_values(result, right) if result.none else right
            else:
                if right.type in ("int", "float") and right.literal is not None:
                    self.use(node, "default", rename(result, self.text(previous)), right.literal)
                result = _or_default(result, right, operand)
        # What a walrus has bound on the way stays bound; what was assumed on the way does not hold any more.
        bound = {name: value for name, value in self.env.items() if name not in before and name.isidentifier()}
        self.env = before
        self.env.update(bound)
        return result

    def _comparison(self, node: cst.Comparison) -> Value:
        left_node: cst.BaseExpression = node.left
        left = self.read(left_node)
        for target in node.comparisons:
            right = self.read(target.comparator)
            operator = target.operator
            if isinstance(operator, cst.In | cst.NotIn):
                if _interesting(right):
                    self.use(node, "contains", rename(right, self.text(target.comparator)), self.text(left_node))
            elif not isinstance(operator, cst.Is | cst.IsNot | cst.Equal | cst.NotEqual):
                for side, value in ((left_node, left), (target.comparator, right)):
                    if value.none or value.decoded:
                        self.use(node, "compare", rename(value, self.text(side)))
            left_node, left = target.comparator, right
        return Value(type="bool")

    def _if_expression(self, node: cst.IfExp) -> Value:
        self.read(node.test)
        before = self.env
        self.env = dict(before)
        self.assume(node.test, True)
        body = self.read(node.body)
        self.env = dict(before)
        self.assume(node.test, False)
        other = self.read(node.orelse)
        self.env = before
        return join_values(body, other)

    def _lambda(self, node: cst.Lambda) -> Value:
        self.defaults(node.params)
        before = self.env
        self.env = dict(before)
        for parameter in _parameters(node.params):
            self.env[parameter.name.value] = Value(parameter=parameter.name.value)
        old = self.context
        block = Block("lambda", self.span(node), self.text(node))
        # An exception inside is raised where the lambda is called, not under the tries around it.
        self.context = Context(old.function, (), (*old.blocks, block), False, False, old.main)
        self._element = rename(self.read(node.body, "returned"), self.text(node.body))
        self.context = old
        self.env = before
        return Value(type="function")

    def defaults(self, parameters: cst.Parameters) -> None:
        """Evaluate the defaults of parameters, which happens where the function is made."""
        for parameter in _parameters(parameters):
            if parameter.default is not None:
                self.read(parameter.default)

    def _named(self, node: cst.NamedExpr) -> Value:
        target = self.path(node.target)
        value = self.read(node.value, "assigned", target)
        if target:
            self.forget(target)
            self.know(target, value)
        return value

    # -- displays and comprehensions ---------------------------------------------------------------------------------

    def _dict(self, node: cst.Dict) -> Value:
        for element in node.elements:
            if isinstance(element, cst.DictElement):
                self.read(element.key)
                value = self.read(element.value, "argument")
                if value.made_at is not None:
                    self.use(element, "store", rename(value, self.text(element.value)))
            else:
                spread = self.read(element.value)
                self.use(element, "spread", rename(spread, self.text(element.value)), "**")
        return Value(type="dict", literal="{}" if not node.elements else None)

    def _sequence(self, node: Any) -> Value:
        for element in node.elements:
            value = self.read(element.value, "argument")
            if isinstance(element, cst.StarredElement):
                self.use(element, "spread", rename(value, self.text(element.value)), "*")
            elif value.made_at is not None:
                self.use(element, "store", rename(value, self.text(element.value)))
        kind = "list" if isinstance(node, cst.List) else "tuple" if isinstance(node, cst.Tuple) else "set"
        empty = {"list": "[]", "tuple": "()"}.get(kind)
        return Value(type=kind, literal=empty if not node.elements else None)

    def _comprehension(self, node: Any) -> Value:
        before = self.env
        self.env = dict(before)
        opened = 0
        old = self.context
        part = node.for_in
        boundary = None
        while part is not None:
            iterable = self.iterated_over(part.iter, part.asynchronous is not None)
            boundary = boundary or iterable.boundary
            subject = rename(iterable, self.text(part.iter))
            if _interesting(iterable):
                self.use(part, "iterate", subject)
            block = Block(
                "comprehension",
                self.span(node),
                self.text(part.iter),
                value=subject,
                is_async=part.asynchronous is not None,
                target=self.text(part.target),
            )
            now = self.context
            self.context = Context(
                now.function, now.tries, (*now.blocks, block), now.is_async, now.import_time, now.main
            )
            opened += 1
            self.bind_element(part.target, part.iter, iterable)
            for condition in part.ifs:
                self.read(condition.test)
                self.assume(condition.test, True)
            part = part.inner_for_in
        if isinstance(node, cst.DictComp):
            self.read(node.key)
            self.read(node.value, "argument")
            kind = "dict"
        else:
            self._element = rename(self.read(node.elt, "argument"), self.text(node.elt))
            kind = "list" if isinstance(node, cst.ListComp) else "set" if isinstance(node, cst.SetComp) else "generator"
        self.context = old
        self.env = before
        empty = "nothing may pass the filter" if node.for_in.ifs else "it is empty when the input is"
        return Value(type=kind, empty=empty, boundary=boundary)

    def _formatted(self, node: cst.FormattedString) -> Value:
        boundary = made_by = None
        for part in node.parts:
            if isinstance(part, cst.FormattedStringExpression):
                value = self.read(part.expression)
                for item in part.format_spec or ():
                    if isinstance(item, cst.FormattedStringExpression):
                        self.read(item.expression)
                boundary = boundary or value.boundary
                if value.made_by != "shlex.quote" and value.type not in ("int", "float"):
                    made_by = "f-string"
                if value.none:
                    spec = "" if part.format_spec is None else "".join(self.text(item) for item in part.format_spec)
                    self.use(part, "format", rename(value, self.text(part.expression)), spec)
        return Value(type="str", boundary=boundary, made_by=made_by)

    def _concatenated(self, node: cst.ConcatenatedString) -> Value:
        self.read(node.left)
        self.read(node.right)
        return _STRING

    def _yield(self, node: cst.Yield) -> Value:
        given: Value | None = None
        if isinstance(node.value, cst.From):
            given = self.read(node.value.item, "yielded")
        elif node.value is not None:
            given = rename(self.read(node.value, "yielded"), self.text(node.value))
            if given.made_at is not None:
                self.use(node, "yield", given)
        self.emit(Return(self.span(node), self.context, self.statement_code, given, True))
        return UNKNOWN

    # -- binding -----------------------------------------------------------------------------------------------------

    def bind(self, target: cst.BaseExpression, value: Value) -> None:
        """Give a name, path or pattern of names a value."""
        if isinstance(target, cst.Name):
            self.forget(target.value)
            self.env[target.value] = value
        elif isinstance(target, cst.Tuple | cst.List):
            stars = sum(isinstance(element, cst.StarredElement) for element in target.elements)
            expected = f"{len(target.elements) - stars}{'+' if stars else ''}"
            self.use(target, "unpack", value if value.text else rename(value, ""), expected=expected)
            part = element_of(value)
            for element in target.elements:
                self.bind(element.value, part)
        elif isinstance(target, cst.Subscript):
            self._subscript(target, stored=True)
            self._bind_path(target, value)
        elif isinstance(target, cst.Attribute):
            base = self.read(target.value, "attribute")
            if base.none:
                self.use(target, "attribute", rename(base, self.text(target.value)), target.attr.value, stored=True)
            self._bind_path(target, value)

    def bind_element(self, target: cst.BaseExpression, source: cst.BaseExpression, iterable: Value) -> None:
        """Give a loop's target what the iterable gives.

        The pairs that enumerate and items() give always have two parts; only the second carries the data.
        """
        if isinstance(source, cst.Call) and isinstance(target, cst.Tuple) and len(target.elements) == 2:
            function = source.func
            name = function.attr.value if isinstance(function, cst.Attribute) else getattr(function, "value", "")
            if name in ("enumerate", "items"):
                inner = element_of(self.peek(source.args[0].value) if name == "enumerate" and source.args else iterable)
                first, second = target.elements
                self.bind(first.value, Value(type="int") if name == "enumerate" else Value(boundary=inner.boundary))
                self.bind(second.value, inner)
                return
        self.bind(target, element_of(iterable))

    def _bind_path(self, target: cst.BaseExpression, value: Value) -> None:
        path = self.path(target)
        if path:
            self.forget(path)
            self.know(path, value)
            base, separator, key = path.rpartition("[")
            if separator and base in self.env:
                self.env[base] = guarded(self.env[base], f"key:{key[:-1]}")

    def merge(self, other: Environment) -> None:
        """Continue with what holds on either path."""
        self.env = join(self.env, other)

    def iterated(self, node: cst.For, iterable: Value) -> Block:
        """The block of a `for` loop over a value."""
        is_async = node.asynchronous is not None
        return Block(
            "for", self.span(node), iterable.text, value=iterable, is_async=is_async, target=self.text(node.target)
        )


def _root(path: str) -> str:
    """The name that a path expression begins with."""
    return path.replace("[", ".").partition(".")[0]


def _parameters(node: cst.Parameters) -> tuple[cst.Param, ...]:
    """The parameters that may have a default."""
    return (*node.posonly_params, *node.params, *node.kwonly_params)


def _or_default(left: Value, right: Value, node: cst.BaseExpression) -> Value:
    """`left or right`: None and empty are replaced, unless the default is None itself."""
    chosen = guarded(left, "truthy")
    joined = join_values(chosen, right)
    return (
        joined
        if joined.type
        else Value(
            type=left.type if left.decoded else right.type or left.type,
            boundary=joined.boundary,
            decoded=joined.decoded,
            none=joined.none,
            empty=right.empty
            or ("the default is empty" if right.literal in ("''", '""') or _is_empty_display(node) else None),
            parameter=left.parameter,
            made_by=left.made_by,
            made_at=left.made_at,
        )
    )


def _operands(node: cst.BooleanOperation, operator: type[cst.BaseBooleanOp]) -> list[cst.BaseExpression]:
    """The operands of a chain of one operator, in order; `a and b and c` is nested to the left and may be long."""
    reversed_operands: list[cst.BaseExpression] = []
    current: cst.BaseExpression = node
    while isinstance(current, cst.BooleanOperation) and isinstance(current.operator, operator):
        reversed_operands.append(current.right)
        current = current.left
    reversed_operands.append(current)
    return reversed_operands[::-1]


def _is_field(receiver: Value, arguments: tuple[Argument, ...]) -> bool:
    """`payload.get("name")` on a thing of unknown type: hardly anything but a mapping of named fields has it."""
    if receiver.type is not None or receiver.symbol is not None or not arguments or len(arguments) > 2:
        return False
    key = arguments[0].value
    return key.type == "str" and key.literal is not None and "/" not in key.literal


def element_of(container: Value) -> Value:
    """What iterating over a value, or taking it apart, gives."""
    kind = _element_type(container)
    if container.boundary or container.decoded:
        if container.boundary == "file" and not container.decoded and container.type in (None, "io.TextIOWrapper"):
            kind = "str"
        return Value(
            boundary=container.boundary,
            decoded=container.decoded,
            parameter=container.parameter,
            made_by=container.made_by,
            made_at=container.made_at,
            type=kind,
        )
    return Value(type=kind, parameter=container.parameter) if kind or container.parameter else UNKNOWN


def _element_type(container: Value) -> str | None:
    """The type of the elements, where the container's type names it in brackets ("list[str]")."""
    if container.type is None or not container.type.endswith("]"):
        return None
    return container.type.partition("[")[2][:-1] or None


def guarded_like(value: Value, narrowed: Value) -> Value:
    """The value of a repeated call whose earlier result was checked: `if x.get("a"): x.get("a").b`."""
    for guard in narrowed.guards:
        value = guarded(value, guard)
    return value


def _interesting(value: Value) -> bool:
    return bool(value.none or value.boundary or value.decoded or value.empty or value.made_by)


def _is_index(key: Value, written: str, base: Value) -> bool:
    if base.type in ("dict", "collections.defaultdict", "collections.Counter"):
        return False
    return key.type == "int" or written.lstrip("-").isdigit()


def _is_text(node: cst.BaseExpression, value: Value) -> bool:
    return value.type in ("str", "bytes") or isinstance(
        node, cst.SimpleString | cst.ConcatenatedString | cst.FormattedString
    )


def _is_empty_display(node: cst.BaseExpression) -> bool:
    return isinstance(node, cst.List | cst.Dict | cst.Tuple) and not node.elements


def _missing_answer(path: str) -> str | None:
    """Why a part of a model's answer may be None, by its path in the answers of the common APIs."""
    if _CHAT_TEXT.search(path):
        return "the model may answer with a tool call or a refusal and no text"
    if _CANDIDATE_PART.search(path):
        return "an answer that was blocked or cut has none"
    return None


def _normal_key(written: str) -> str:
    """Keys with one kind of quotes, so that data["id"] and data['id'] are the same path."""
    if len(written) > 1 and written[0] == '"' == written[-1] and "'" not in written and "\\" not in written:
        return f"'{written[1:-1]}'"
    return written
