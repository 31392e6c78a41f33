"""Reading call sites: the callee, the arguments, and the fact that is left of them."""

from __future__ import annotations

import libcst as cst

from reviewer.code.environment import guarded, rename
from reviewer.code.member import read_member
from reviewer.code.narrowing import establish
from reviewer.code.path import path_of
from reviewer.code.promise import given, promises
from reviewer.code.reader import Reader, is_notable
from reviewer.code.result import result_of
from reviewer.domain.fact import Argument, Call, Implication, Use, Value


def read_call(
    reader: Reader, node: cst.Call, use: Use = "other", target: str | None = None, awaited: bool = False
) -> Value:
    """Evaluate a call and keep it as a fact; see `Reader.read` for `use` and `target`."""
    function = node.func
    receiver: Value | None = None
    if isinstance(function, cst.Attribute):
        receiver = rename(reader.read(function.value, "attribute"), reader.text(function.value))
        callee = read_member(reader, function, receiver, called=True)
    else:
        callee = reader.read(function)
    symbol = callee.symbol or _decoding(receiver, node)
    arguments = _read_arguments(reader, node, symbol)
    place_span = reader.span(node)
    place = (place_span.line, place_span.column)
    settings = tuple((a.keyword, a.value.text) for a in arguments if a.keyword and a.keyword[0] != "*")
    positional = [argument for argument in arguments if argument.keyword is None]
    literals = tuple(argument.value.literal or "" for argument in positional)
    path = path_of(reader.segment, node)
    narrowed = reader.env.get(path or reader.segment.text(node)) if node.args or path else None
    result = result_of(
        reader.names,
        symbol,
        receiver=receiver,
        function=function,
        arguments=arguments,
        settings=settings,
        place=place,
        literals=literals,
    )
    if narrowed is not None:
        result = _guarded_like(result, narrowed)
    known = reader.names.known(symbol)
    if symbol is not None and symbol[0] == "." and (node.args or receiver is not None):
        _keep_promises(reader, node, symbol, receiver, awaited)
    if not reader.muted:
        reader.facts.append(
            Call(
                span=place_span,
                context=reader.context,
                code=reader.statement_code,
                text=_callee_text(reader, function),
                callee=known.name if known else symbol,
                known=known,
                receiver=receiver,
                arguments=arguments,
                awaited=awaited,
                coroutine=known.coroutine if known else reader.names.is_coroutine_function(symbol),
                use=use,
                target=target,
                result=result,
            )
        )
    return result


def _keep_promises(reader: Reader, node: cst.Call, symbol: str, receiver: Value | None, awaited: bool) -> None:
    """Take over what a function of this file tells of its arguments by coming back, and by its result."""
    promised = promises(reader.names, symbol)
    if not promised or reader.muted or reader.names.is_coroutine_function(symbol) is not awaited:
        return
    bound = receiver is not None and reader.names.is_bound(symbol, receiver)
    arguments = given(reader.names.outline.definitions[symbol[1:]], node, bound)
    implied: list[Implication] = []
    for promise in promised:
        parameter, dot, attribute = promise.path.partition(".")
        argument = arguments.get(parameter)
        path = path_of(reader.segment, argument) if argument is not None else None
        if argument is None or path is None or "(" in path:
            continue
        path += dot + attribute
        if path not in reader.env:
            value = reader.peek(argument)
            reader.know(path, reader.names.member(value, attribute) or Value() if dot else value)
        if promise.truth is None:
            establish(reader, path, argument, promise.guard)
        else:
            implied.append(Implication(promise.truth, path, promise.guard, reader.clock))
    if implied:
        reader.implied[id(node)] = tuple(implied)


def _decoding(receiver: Value | None, node: cst.Call) -> str | None:
    """`value.decode()` or `value.decode("utf-8")` on a value of unknown type: hardly anything but bytes has it."""
    if receiver is None or receiver.type is not None or receiver.symbol is not None:
        return None
    named = isinstance(node.func, cst.Attribute) and node.func.attr.value == "decode"
    plain = all(isinstance(argument.value, cst.SimpleString) for argument in node.args)
    return "bytes.decode" if named and plain else None


def read_await(reader: Reader, node: cst.Await, use: Use = "other", target: str | None = None) -> Value:
    """Evaluate `await value`."""
    inner = node.expression
    if isinstance(inner, cst.Call):
        return read_call(reader, inner, use, target, awaited=True)
    value = reader.read(inner)
    reader.use(node, "await", rename(value, reader.text(inner)))
    return value


def iterated_over(reader: Reader, node: cst.BaseExpression, is_async: bool) -> Value:
    """Evaluate what a loop runs over; `async for` awaits what the call gives."""
    if isinstance(node, cst.Call):
        reader.budget.spend()
        return read_call(reader, node, "iterated", awaited=is_async)
    return reader.read(node, "iterated")


def _read_arguments(reader: Reader, node: cst.Call, symbol: str | None) -> tuple[Argument, ...]:
    found: list[Argument] = []
    for argument in node.args:
        reader.element = None
        value = reader.read(argument.value, "argument")
        if reader.element is not None and symbol == "str.join" and is_notable(reader.element):
            reader.use(argument, "argument", reader.element, "0", callee=symbol)
        written = rename(value, reader.text(argument.value))
        keyword = argument.keyword.value if argument.keyword else argument.star or None
        if keyword == "key" and reader.element is not None and reader.element.none:
            reader.use(argument, "compare", reader.element, "key")  # sorting compares what the function gives
        if keyword in ("*", "**"):
            reader.use(argument, "spread", written, keyword, callee=symbol)
        elif value.made_at is not None or is_notable(value):
            reader.use(argument, "argument", written, keyword or str(len(found)), callee=symbol)
        found.append(Argument(keyword, written))
    return tuple(found)


def _guarded_like(value: Value, narrowed: Value) -> Value:
    """The value of a repeated call whose earlier result was checked: `if x.get("a"): x.get("a").b`."""
    for guard in narrowed.guards:
        value = guarded(value, guard, narrowed.type if guard.startswith("isinstance:") else None)
    return value


def _callee_text(reader: Reader, function: cst.BaseExpression) -> str:
    """The callee as written; where that is cut short, the method that is called is still told."""
    text = reader.text(function)
    if isinstance(function, cst.Attribute) and not text.endswith(f".{function.attr.value}"):
        return f"{text.removesuffix('...')}....{function.attr.value}"
    return text
