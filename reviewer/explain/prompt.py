"""Prompts: one Markdown file a task, with a head that says what it is, and a body with plain placeholders."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from reviewer.errors import PromptError

_HEAD = re.compile(r"\A\+\+\+\n(.*?)\n\+\+\+\n(.*)\Z", re.DOTALL)
_PLACEHOLDER = re.compile(r"\{\{([a-z_]+)\}\}")
_PARTS = "\n---\n"
"""Between what is the same for every question and the question."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """One prompt.

    Attributes:
        id: its name.
        version: changes whenever its words or the form of its answer do.
        reply: name of the form of its answer.
        inputs: its placeholders.
        system: what is the same for every question.
        question: the question.
    """

    id: str
    version: str
    reply: str
    inputs: tuple[str, ...]
    system: str
    question: str

    def render(self, values: Mapping[str, str]) -> tuple[str, str]:
        """The instructions and the question, with the placeholders filled in once: a value is never looked into.

        Raises:
            PromptError: a value is missing, or there is none for it.
        """
        if set(values) != set(self.inputs):
            raise PromptError(f"prompt {self.id} takes {', '.join(self.inputs)}; given: {', '.join(sorted(values))}")

        def fill(text: str) -> str:
            return _PLACEHOLDER.sub(lambda match: values[match[1]], text)

        return fill(self.system), fill(self.question)


def load_prompt(name: str) -> Prompt:
    """A prompt by its id.

    Raises:
        PromptError: there is none, or its file cannot be understood.
    """
    path = prompts_folder() / f"{name}.md"
    try:
        return parse_prompt(path.read_text(encoding="utf-8"), file=path.name)
    except OSError as error:
        raise PromptError(f"prompt {name}: {error.strerror}; install the reviewer again") from error


def parse_prompt(text: str, file: str) -> Prompt:
    """A prompt from its text.

    Raises:
        PromptError: the text has no head, or its placeholders are not those that the head names.
    """
    found = _HEAD.match(text)
    if found is None:
        raise PromptError(f"{file}: it does not begin with a head between two lines of +++")
    try:
        head = tomllib.loads(found[1])
        name, version, reply, inputs = (head.pop(key) for key in ("id", "version", "reply", "inputs"))
    except (tomllib.TOMLDecodeError, KeyError) as error:
        raise PromptError(f"{file}: its head is not complete: {error}") from error
    system, separator, question = found[2].partition(_PARTS)
    if head or not separator or set(_PLACEHOLDER.findall(found[2])) != set(inputs):
        raise PromptError(f"{file}: its head and its body do not fit")
    return Prompt(name, version, reply, tuple(inputs), system.strip(), question.strip())


def prompts_folder() -> Path:
    """Where the prompts are: inside an installed package, beside it in a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "prompts"
    return installed if installed.is_dir() else package.parent / "prompts"


def fingerprint_of(prompt: Prompt, schema: str) -> str:
    """What the lock file has for a version of a prompt: a hash of its words and of the form of its answer.

    Args:
        prompt: the prompt.
        schema: JSON Schema of the answer, as text.
    """
    return hashlib.sha256("\0".join([prompt.system, prompt.question, schema]).encode()).hexdigest()[:16]
