"""What the names of a function are made from, as far as it is nobody's business: secrets, and what may hold some."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

from reviewer.code.scope import own_nodes
from reviewer.instrument.assignment import Function, bound_names, locals_of
from reviewer.instrument.confidential import is_laden, is_secret

_SECRET_TYPE = re.compile(r"Secret|Password|Credential|Token")
_WORD = re.compile(r"[A-Za-z_]\w*")
_TEXT_METHODS = frozenset(
    {
        "format", "join", "strip", "lstrip", "rstrip", "lower", "upper", "replace", "removeprefix", "removesuffix",
        "encode", "decode", "copy", "geturl", "unicode_string", "render_as_string", "as_string",
    }
)  # fmt: skip
"""Methods whose result is their object's text, or holds it or their arguments'."""
_TEXT_FUNCTIONS = frozenset({"str", "repr", "quote", "unquote", "urljoin", "urlunsplit", "urlunparse", "join", "cast"})
_GETTERS = frozenset({"get", "getenv", "pop", "setdefault"})
"""Functions whose result is called what their first argument says."""


def secret_names(function: Function) -> frozenset[str]:
    """The names of a function that hold a secret: by name, by annotation, or by what they are made from."""
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    secret = {
        argument.arg
        for argument in every
        if argument is not None
        and (
            is_secret(argument.arg)
            or (argument.annotation is not None and _SECRET_TYPE.search(ast.unparse(argument.annotation)))
        )
    }
    secret |= {name for name in bound_names(function.body) if is_secret(name)}
    made = [(targets, _mentions(value)) for node in own_nodes(function.body) for targets, value in flows(node)]
    secret |= {name for targets, words in made if any(is_secret(word) for word in words) for name in targets}
    return _grown(secret, made)


def laden_names(function: Function) -> frozenset[str]:
    """The names of a function that may hold credentials among other things: by name, or by whose text they hold.

    A part of an address, its host, is none of them, and what was fetched from there is none either.
    """
    made = [(targets, frozenset(_texts(value))) for node in own_nodes(function.body) for targets, value in flows(node)]
    words = {word for _, texts in made for word in texts} | locals_of(function)
    return _grown({word for word in words if is_laden(word)}, made)


def _grown(found: set[str], made: Iterable[tuple[tuple[str, ...], frozenset[str]]]) -> frozenset[str]:
    """Some names, and those that are made from them, and so on."""
    pairs = list(made)
    while more := {name for targets, words in pairs if not found.isdisjoint(words) for name in targets} - found:
        found = found | more
    return frozenset(found)


def flows(node: ast.AST) -> Iterator[tuple[tuple[str, ...], ast.AST]]:
    """Names with the expression that they get their value from."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield tuple(bound_names([target])), node.value
    elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr) and node.value is not None:
        yield tuple(bound_names([node.target])), node.value
        if isinstance(node, ast.AnnAssign) and _SECRET_TYPE.search(ast.unparse(node.annotation)):
            yield tuple(bound_names([node.target])), ast.Name("secret")
    elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
        yield tuple(bound_names([node.target])), node.iter
    elif isinstance(node, ast.withitem) and node.optional_vars is not None:
        yield tuple(bound_names([node.optional_vars])), node.context_expr
    elif isinstance(node, ast.Match):
        for case in node.cases:
            yield tuple(bound_names([case.pattern])), node.subject


def _texts(node: ast.AST | None) -> Iterator[str]:
    """What the texts are called that the value of an expression is made of."""
    match node:
        case ast.Name():
            yield node.id
        case ast.Attribute():
            yield node.attr
        case ast.Subscript(slice=ast.Constant(value=str(key))):
            yield key
        case ast.Subscript() | ast.Starred() | ast.Await() | ast.NamedExpr() | ast.FormattedValue():
            yield from _texts(node.value)
        case ast.BinOp():
            yield from (*_texts(node.left), *_texts(node.right))
        case ast.IfExp():
            yield from (*_texts(node.body), *_texts(node.orelse))
        case ast.BoolOp() | ast.JoinedStr():
            yield from (text for part in node.values for text in _texts(part))
        case ast.Tuple() | ast.List() | ast.Set():
            yield from (text for part in node.elts for text in _texts(part))
        case ast.Call():
            yield from _returned(node)


def _returned(call: ast.Call) -> Iterator[str]:
    """The same of what a call returns, where it is known to be somebody's text."""
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if name in _GETTERS:
        if arguments and isinstance(arguments[0], ast.Constant) and isinstance(arguments[0].value, str):
            yield arguments[0].value
        yield from (text for default in arguments[1:] for text in _texts(default))
    elif name in _TEXT_FUNCTIONS or (name in _TEXT_METHODS and isinstance(call.func, ast.Attribute)):
        yield from (text for argument in arguments for text in _texts(argument))
        if isinstance(call.func, ast.Attribute):
            yield from _texts(call.func.value)


def _mentions(node: ast.AST) -> frozenset[str]:
    """Identifiers, attributes, keywords and words of short texts in an expression."""
    words: set[str] = set()
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name):
            words.add(inner.id)
        elif isinstance(inner, ast.Attribute):
            words.add(inner.attr)
        elif isinstance(inner, ast.keyword) and inner.arg is not None:
            words.add(inner.arg)
        elif isinstance(inner, ast.Constant) and isinstance(inner.value, str) and len(inner.value) < 80:
            words.update(_WORD.findall(inner.value))
    return frozenset(words)
