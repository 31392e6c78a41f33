"""Opens the model that a person named, and loads no provider's library for it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, cast, get_args

from reviewer.errors import UsageError
from reviewer.ports import LanguageModel

Kind = Literal["anthropic", "openai", "files"]
OFFLINE = "offline"
_KEYS = {"anthropic": "ANTHROPIC_API_KEY", "openai": "OPENAI_API_KEY"}


def split_spec(spec: str) -> tuple[Kind, str] | None:
    """The kind of a model, and its name or folder; None for `offline`.

    Args:
        spec: as given to `--model`.

    Raises:
        UsageError: it names no model.
    """
    if spec == OFFLINE:
        return None
    kind, _, name = spec.partition(":")
    if kind not in get_args(Kind) or not name.strip() or not name.isprintable():
        raise UsageError(f"--model {spec}: take offline, anthropic:NAME, openai:NAME or files:DIR")
    return cast("Kind", kind), name.strip()


def open_model(spec: str, *, base_url: str | None = None, api_key: str | None = None) -> LanguageModel:
    """The adapter for a model; what it needs is loaded with the first question.

    Args:
        spec: `anthropic:NAME`, `openai:NAME` or `files:DIR`.
        base_url: another address than the provider's. It gets the key and the code, so it may come from the person who
            asks, never from what is reviewed.
        api_key: else what the environment has.

    Raises:
        UsageError: it names no model.
    """
    parts = split_spec(spec)
    if parts is None:
        raise UsageError("--model offline asks nobody; take anthropic:NAME, openai:NAME or files:DIR")
    kind, name = parts
    match kind:
        case "anthropic":
            from reviewer.llm.anthropic import AnthropicModel

            return AnthropicModel(name, base_url=base_url, api_key=api_key)
        case "openai":
            from reviewer.llm.openai import OpenAIModel

            return OpenAIModel(name, base_url=base_url, api_key=api_key)
        case "files":
            from reviewer.llm.files import FilesModel

            return FilesModel(Path(name))


def has_key(spec: str) -> bool:
    """Whether the environment has what the provider of a model wants to be shown; a folder wants nothing.

    Raises:
        UsageError: it names no model.
    """
    parts = split_spec(spec)
    return parts is not None and (parts[0] == "files" or bool(os.environ.get(_KEYS[parts[0]])))
