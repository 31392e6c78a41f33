"""The form of a library description and its strict reader.

A description is `libraries/<module>.toml`, named after the dotted module it describes ("http.client.toml"), with which
every name in it begins; those of built-in things stand in "builtins.toml". Its tables:

    distribution = "requests"            name on the package index, or "stdlib"
    source = "https://…"                 where the facts are written; an entry may name its own

    [aliases]                            other public spelling -> canonical name
    "requests.Timeout" = "requests.exceptions.Timeout"

    [former]                             spelling of earlier releases, gone from the described one -> canonical name
    "openai.error" = "openai"

    [classes]                            class -> bases; exceptions and types alike, canonical names
    "requests.exceptions.Timeout" = ["requests.exceptions.RequestException"]

    [attributes."requests.Response.text"]      type, boundary, none, decoded
    boundary = "http response"
    type = "str"

    [[call]]                             fields of `domain.library.Callable`, with `names` for several that are alike
    names = ["requests.get", "requests.head"]
    kind = "http"
    service = "HTTP server"
    blocking = true
    timeout = { parameter = "timeout", default = "none" }
    returns = "requests.Response"

A field set in several `[[call]]` tables for the same name is an error; `extends = "requests.get"` starts from a copy
of an earlier callable of the same file.
"""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping, Set
from typing import Any, get_args

from reviewer.domain.library import (
    BOUNDARIES,
    Attribute,
    Callable,
    CallKind,
    ErrorStatus,
    Fallback,
    Library,
    TextMode,
    Timeout,
)
from reviewer.errors import KnowledgeError

_KINDS = frozenset(get_args(CallKind))
_HOLDS = frozenset({"lock", "transaction"})
_CALL_FIELDS: Mapping[str, type] = {
    **dict.fromkeys(("blocking", "coroutine", "decoded", "groups", "idempotent", "keep"), bool),
    **dict.fromkeys(("kind", "service", "returns", "enters", "returns_none", "returns_empty"), str),
    **dict.fromkeys(("boundary", "child", "holds", "note", "source"), str),
    **dict.fromkeys(("passes", "retries"), int),
    **dict.fromkeys(
        ("raises", "raises_input", "returns_for", "timeout", "status", "callback", "text", "fallback"), dict
    ),
    "releases": list,
}
_ATTRIBUTE_FIELDS: Mapping[str, type] = {"type": str, "boundary": str, "none": str, "decoded": bool}
_TOP: Mapping[str, type] = {
    "distribution": str,
    "source": str,
    "aliases": dict,
    "former": dict,
    "classes": dict,
    "attributes": dict,
    "call": list,
}


def read_library(module: str, text: str) -> Library:
    """Read one description.

    Args:
        module: dotted module name, the file's name without `.toml`.
        text: the TOML text.

    Raises:
        KnowledgeError: the text is no TOML or breaks the schema; the message names the entry and the field.
    """
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise KnowledgeError(f"knowledge/{module}.toml: {error}") from error
    _check_fields(module, "top level", data, _TOP)
    source = data.get("source", "")
    callables: dict[str, Callable] = {}
    for table in data.get("call", []):
        if not isinstance(table, dict):
            raise KnowledgeError(f"knowledge/{module}.toml: a [[call]] must be a table, not {table!r}")
        _add_calls(module, source, table, callables)
    aliases, former, classes = data.get("aliases", {}), data.get("former", {}), data.get("classes", {})
    for name, target in (*aliases.items(), *former.items()):
        if not isinstance(target, str):
            raise KnowledgeError(f"knowledge/{module}.toml: {name}: an alias stands for one name, not {target!r}")
    for name, bases in classes.items():
        if not isinstance(bases, list):
            raise KnowledgeError(f"knowledge/{module}.toml: {name}: bases must be a list, not {bases!r}")
    attributes = {name: _read_attribute(module, name, table) for name, table in data.get("attributes", {}).items()}
    return Library(
        module=module,
        distribution=_text(module, "distribution", data.get("distribution")),
        callables=callables,
        attributes=attributes,
        aliases=aliases,
        classes={name: tuple(bases) for name, bases in classes.items()},
        former=former,
    )


def _add_calls(module: str, source: str, table: Mapping[str, Any], into: dict[str, Callable]) -> None:
    values = dict(table)
    names = values.pop("names", None)
    if not names or not isinstance(names, list):
        raise KnowledgeError(f"knowledge/{module}.toml: a [[call]] without names: {sorted(values)}")
    where = names[0]
    parent = values.pop("extends", None)
    if parent is not None and parent not in into:
        raise KnowledgeError(f"knowledge/{module}.toml: {where} extends {parent!r}, which does not stand above it")
    _check_fields(module, where, values, _CALL_FIELDS)
    _check_word(module, where, "kind", values.get("kind"), _KINDS)
    _check_word(module, where, "holds", values.get("holds"), _HOLDS)
    _check_word(module, where, "boundary", values.get("boundary"), BOUNDARIES)
    try:
        if "timeout" in values:
            values["timeout"] = _read_timeout(module, where, values["timeout"])
        if "status" in values:
            status: dict[str, Any] = {
                key: tuple(v) if isinstance(v, list) else v for key, v in values["status"].items()
            }
            values["status"] = ErrorStatus(**status)
        if "text" in values:
            values["text"] = TextMode(**values["text"])
        if "fallback" in values:
            values["fallback"] = Fallback(**values["fallback"])
    except TypeError as error:
        raise KnowledgeError(f"knowledge/{module}.toml: {where}: {error}") from error
    if "releases" in values:
        values["releases"] = tuple(values["releases"])
    if parent is None:
        values.setdefault("source", source)
    for name in names:
        if name in into:
            raise KnowledgeError(f"knowledge/{module}.toml: {name} is described twice")
        into[name] = (
            Callable(name=name, **values) if parent is None else dataclasses.replace(into[parent], name=name, **values)
        )


def _read_timeout(module: str, where: str, table: Mapping[str, Any]) -> Timeout:
    timeout = Timeout(**table)
    if timeout.default not in {"none", "unknown"} and not isinstance(timeout.default, int | float):
        raise KnowledgeError(
            f"knowledge/{module}.toml: {where}: timeout default {timeout.default!r} is no number, 'none' or 'unknown'"
        )
    return timeout


def _read_attribute(module: str, name: str, table: object) -> Attribute:
    if not isinstance(table, dict):
        raise KnowledgeError(f"knowledge/{module}.toml: {name}: an attribute must be a table, not {table!r}")
    _check_fields(module, name, table, _ATTRIBUTE_FIELDS)
    _check_word(module, name, "boundary", table.get("boundary"), BOUNDARIES)
    return Attribute(name=name, **table)


def _check_fields(module: str, where: str, table: Mapping[str, Any], known: Mapping[str, type]) -> None:
    _refuse_unknown(module, where, table, known.keys())
    for field, value in table.items():
        # bool is an int to isinstance, and never meant where a number is
        if not isinstance(value, known[field]) or (isinstance(value, bool) and known[field] is not bool):
            raise KnowledgeError(
                f"knowledge/{module}.toml: {where}: {field} must be {known[field].__name__}, not {value!r}"
            )


def _check_word(module: str, where: str, field: str, word: str | None, known: Set[str]) -> None:
    if word is not None and word not in known:
        raise KnowledgeError(f"knowledge/{module}.toml: {where}: {field} {word!r} is none of {sorted(known)}")


def _refuse_unknown(module: str, where: str, table: Mapping[str, Any], known: Set[str]) -> None:
    if unknown := sorted(set(table) - known):
        raise KnowledgeError(f"knowledge/{module}.toml: {where}: unknown field {unknown[0]!r}")


def _text(module: str, field: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise KnowledgeError(f"knowledge/{module}.toml: {field} is missing")
    return value
