"""Everything that the OpenAPI description allows, and some that it does not, asked of an application."""

from __future__ import annotations

import contextlib
import random
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
_ENDLESS = "/v1/reviews/{identity}/events"
"""It is asked of reviews that are finished: else it goes on for as long as they do."""
_READY = "/readyz"
"""It tells by a status 503 that a part is not ready."""


@dataclass
class Heard:
    """What was answered.

    Attributes:
        statuses: operation -> how often each status.
        wrong: answers that are server errors, or not as the description says; each once, in words.
    """

    statuses: dict[str, Counter[int]] = field(default_factory=dict)
    wrong: dict[str, None] = field(default_factory=dict)


def ask_everything(
    app: FastAPI, headers: Mapping[str, str], known: Mapping[str, Sequence[str]], examples: int, number: int = 1
) -> Heard:
    """Ask each operation what it should take, and what it should refuse.

    Args:
        app: the application.
        headers: of each request.
        known: path -> ids that there are; they take the place of half of the invented ones.
        examples: of each operation and each sort.
        number: the seed.
    """
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    heard = Heard()
    for found in schema.get_all_operations():
        operation = found.ok()  # type: ignore[union-attr]
        heard.statuses[operation.label] = Counter()
        ask = _asking(heard, operation.label, dict(headers), known, random.Random(number))
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            strategy = operation.as_strategy(generation_mode=mode)
            with contextlib.suppress(Unsatisfiable):  # what takes nothing has nothing wrong to be given
                _settings(examples)(seed(number)(given(case=strategy)(ask)))()
    return heard


def _settings(examples: int) -> settings:
    return settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def _asking(
    heard: Heard, label: str, headers: dict[str, str], known: Mapping[str, Sequence[str]], chance: random.Random
) -> Callable[[Case[Any]], None]:
    def ask(case: Case[Any]) -> None:
        identities = known.get(case.path, ())
        if identities and (case.path == _ENDLESS or chance.random() < 0.5):
            case.path_parameters = {"identity": chance.choice(identities)}
        if case.headers and chance.random() < 0.8:  # most of what is refused shall be so for another reason
            case.headers.pop("Authorization", None)
        answer = case.call(headers=headers)
        heard.statuses[label][answer.status_code] += 1
        try:
            case.validate_response(answer, checks=CHECKS[1:] if case.path == _READY else CHECKS)
        except (Failure, FailureGroup) as failure:
            for part in getattr(failure, "exceptions", [failure]):
                heard.wrong.setdefault(f"{label} {answer.status_code}: {part}"[:600])

    return ask
