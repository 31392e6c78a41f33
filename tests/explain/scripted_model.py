"""A model that answers what a test tells it to, and keeps what it was asked."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from reviewer.domain.model import ModelReply, ModelRequest, Stop, Tokens

Script = str | BaseException | Callable[[ModelRequest], str]


@dataclass
class ScriptedModel:
    """Gives its answers in turn; the last one again and again. Second looks and summaries have scripts of their own."""

    script: Sequence[Script]
    looks: Sequence[Script] = ('{"suspicions": []}',)
    summaries: Sequence[Script] = ('{"sentences": []}',)
    name: str = "scripted:test"
    stop: Stop = "end"
    tokens: Tokens = field(default_factory=lambda: Tokens(100, 10, 40))
    asked: list[ModelRequest] = field(default_factory=list)
    looked: list[ModelRequest] = field(default_factory=list)
    summed: list[ModelRequest] = field(default_factory=list)
    closed: bool = False
    at: str = ""

    @property
    def identity(self) -> str:
        return self.name + self.at

    async def ask(self, request: ModelRequest, seconds: float) -> ModelReply:
        assert seconds >= 0
        scripts = {"doubt": (self.looked, self.looks), "summary": (self.summed, self.summaries)}
        asked, script = scripts.get(request.prompt, (self.asked, self.script))
        asked.append(request)
        answer = script[min(len(asked), len(script)) - 1]
        if isinstance(answer, BaseException):
            raise answer
        text = answer if isinstance(answer, str) else answer(request)
        return ModelReply(text, self.name, self.tokens, self.stop)

    async def close(self) -> None:
        self.closed = True


def reply(findings: Sequence[object] = (), units: Sequence[object] = (), missed: Sequence[object] = ()) -> str:
    """An answer to `explain`."""
    return json.dumps({"findings": findings, "units": units, "missed": missed})


def opinion(finding: str, verdict: str = "confirmed", line: int = 1, **parts: str) -> dict[str, object]:
    """What is said of a finding."""
    said = {"reason": "It is so.", "trigger": "The server is down.", "effect": "It fails.", "noticed": "Nobody."}
    return {"id": finding, "verdict": verdict, "line": line, "advice": "Handle it.", **said, **parts}


def answers(unit: str, **parts: str) -> dict[str, object]:
    """The four answers."""
    return {"id": unit, "calls": "", "unavailable": "", "throws": "", "inputs": "", **parts}


def summary(*sentences: tuple[str, Sequence[str]]) -> str:
    """An answer to `summary`: sentences with the rows that they rest on."""
    return json.dumps({"sentences": [{"text": text, "about": list(about)} for text, about in sentences]})


def missed(unit: str, line: int, statement: str, failure: str, **parts: object) -> dict[str, object]:
    """A failure that is pointed at."""
    said = {"trigger": "The server is down.", "effect": "It fails.", "noticed": "Nobody.", "advice": "Handle it."}
    return {
        "unit": unit,
        "line": line,
        "statement": statement,
        "failure": failure,
        "against": "",
        "likely": 50,
        **said,
        **parts,
    }
