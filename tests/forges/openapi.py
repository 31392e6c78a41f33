"""Requests held against GitHub's own OpenAPI description, as far as `fixtures/forges/github-openapi.json` has it."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from tests.forges.loopback import Request

FILE = Path(__file__).parent.parent.parent / "fixtures" / "forges" / "github-openapi.json"


class UndescribedError(AssertionError):
    """A request that the description does not know or allow."""


def operation_of(request: Request) -> tuple[str, Mapping[str, str]]:
    """The operation that a request means, and its parameters in the path, after the whole request was checked."""
    for template, pattern, methods in _paths():
        match = pattern.fullmatch(request.path)
        if match and request.method.lower() in methods:
            operation = methods[request.method.lower()]
            _check_parameters(operation, match.groupdict(), request)
            _check_body(operation, request)
            return f"{request.method} {template}", match.groupdict()
    raise UndescribedError(f"{request.method} {request.path} is no operation of the description")


@functools.cache
def _paths() -> list[tuple[str, re.Pattern[str], dict[str, Any]]]:
    paths: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))["paths"]
    return [
        (path, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path)), methods) for path, methods in paths.items()
    ]


def _check_parameters(operation: dict[str, Any], in_path: Mapping[str, str], request: Request) -> None:
    described = {one["name"]: one for one in operation["parameters"]}
    unknown = set(request.query) - {name for name, one in described.items() if one["in"] == "query"}
    if unknown:
        raise UndescribedError(f"{request.path}: unknown parameters {sorted(unknown)}")
    for name, one in described.items():
        text = in_path.get(name) if one["in"] == "path" else request.query.get(name)
        if text is None:
            continue
        value: Any = int(text) if one["schema"].get("type") == "integer" else text
        Draft202012Validator(one["schema"]).validate(value)


def _check_body(operation: dict[str, Any], request: Request) -> None:
    described = operation.get("requestBody")
    if described is None:
        if request.body is not None:
            raise UndescribedError(f"{request.path}: takes no body")
        return
    if request.body is None:
        if described.get("required"):
            raise UndescribedError(f"{request.path}: has no body")
        return
    schema = described["content"]["application/json"]["schema"]
    Draft202012Validator(schema).validate(request.body)
    _check_known(schema, request.body, request.path)


def _check_known(schema: dict[str, Any], value: Any, place: str) -> None:
    """Every property is one that the description names; JSON Schema by itself lets others pass."""
    if isinstance(value, list):
        for one in value:
            _check_known(schema.get("items", {}), one, place)
        return
    if not isinstance(value, dict):
        return
    options = [schema, *schema.get("anyOf", []), *schema.get("oneOf", [])]
    properties = {name: one for option in options for name, one in option.get("properties", {}).items()}
    unknown = set(value) - set(properties)
    if properties and unknown:
        raise UndescribedError(f"{place}: unknown properties {sorted(unknown)}")
    for name, one in value.items():
        _check_known(properties.get(name, {}), one, f"{place}.{name}")
