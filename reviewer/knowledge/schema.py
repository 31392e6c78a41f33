"""The form of a library description and its strict reader.

A description is `libraries/<module>.toml`, named after the dotted module it describes ("http.client.toml"); names that
begin with another module of the same distribution may stand in it only through `also`. Its tables:

    distribution = "requests"            name on the package index, or "stdlib"
    source = "https://…"                 where the facts are written; an entry may name its own
    also = ["requests_toolbelt"]         further top-level modules described here

    [aliases]                            other public spelling -> canonical name
    "requests.Timeout" = "requests.exceptions.Timeout"

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
from collections.abc import Mapping
from typing import Any, get_args

from reviewer.domain.library import BOUNDARIES, Attribute, Callable, CallKind, ErrorStatus, Library, TextMode, Timeout
from reviewer.errors import KnowledgeError

_KINDS = frozenset(get_args(CallKind))
_CALL_FIELDS = {field.name for field in dataclasses.fields(Callable)} - {"name"}
_TOP = {"distribution", "source", "also", "aliases", "classes", "attributes", "call"}


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
    _refuse_unknown(module, "top level", data, _TOP)
    source = data.get("source", "")
    callables: dict[str, Callable] = {}
    for table in data.get("call", []):
        _add_calls(module, source, table, callables)
    attributes = {name: _read_attribute(module, name, table) for name, table in data.get("attributes", {}).items()}
    return Library(
        module=module,
        distribution=_text(module, "distribution", data.get("distribution")),
        callables=callables,
        attributes=attributes,
        aliases=dict(data.get("aliases", {})),
        classes={name: tuple(bases) for name, bases in data.get("classes", {}).items()},
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
    _refuse_unknown(module, where, values, _CALL_FIELDS)
    if (kind := values.get("kind")) is not None and kind not in _KINDS:
        raise KnowledgeError(f"knowledge/{module}.toml: {where}: kind {kind!r} is none of {sorted(_KINDS)}")
    _check_boundary(module, where, values.get("boundary"))
    try:
        if "timeout" in values:
            values["timeout"] = Timeout(**values["timeout"])
        if "status" in values:
            status = {key: tuple(v) if isinstance(v, list) else v for key, v in values["status"].items()}
            values["status"] = ErrorStatus(**status)
        if "text" in values:
            values["text"] = TextMode(**values["text"])
    except TypeError as error:
        raise KnowledgeError(f"knowledge/{module}.toml: {where}: {error}") from error
    if "releases" in values:
        values["releases"] = tuple(values["releases"])
    values.setdefault("source", source)
    for name in names:
        if name in into:
            raise KnowledgeError(f"knowledge/{module}.toml: {name} is described twice")
        into[name] = (
            Callable(name=name, **values) if parent is None else dataclasses.replace(into[parent], name=name, **values)
        )


def _read_attribute(module: str, name: str, table: Mapping[str, Any]) -> Attribute:
    _refuse_unknown(module, name, table, {"type", "boundary", "none", "decoded"})
    _check_boundary(module, name, table.get("boundary"))
    return Attribute(name=name, **table)


def _check_boundary(module: str, where: str, boundary: object) -> None:
    if boundary is not None and boundary not in BOUNDARIES:
        raise KnowledgeError(f"knowledge/{module}.toml: {where}: boundary {boundary!r} is none of {sorted(BOUNDARIES)}")


def _refuse_unknown(module: str, where: str, table: Mapping[str, Any], known: set[str]) -> None:
    if unknown := sorted(set(table) - known):
        raise KnowledgeError(f"knowledge/{module}.toml: {where}: unknown field {unknown[0]!r}")


def _text(module: str, field: str, value: object) -> str:
    if not isinstance(value, str) or not value:
        raise KnowledgeError(f"knowledge/{module}.toml: {field} is missing")
    return value
