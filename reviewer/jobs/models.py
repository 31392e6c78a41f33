"""Which model may explain a review of the service, or take part in learning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from reviewer.domain.service import ModelPolicy
from reviewer.domain.settings import ModelSettings
from reviewer.errors import ForbiddenError

OFFLINE = "offline"


@dataclass(frozen=True, slots=True)
class Chosen:
    """Who explains.

    Attributes:
        name: of the model; None for nobody.
        note: what a person should know of the choice; None for nothing.
    """

    name: str | None = None
    note: str | None = None


def check_model(name: str | None, allowed: Sequence[str]) -> None:
    """Refuse a model that a client names and may not use.

    Raises:
        ForbiddenError: the settings do not allow it. "files:DIR" would write to the service's disk.
        UsageError: it names no model.
    """
    if name is None or name == OFFLINE:
        return
    from reviewer.llm.registry import split_spec  # noqa: PLC0415 (start-up)

    split_spec(name)
    if not _fits(name, allowed):
        raise ForbiddenError(
            f"model {name[:100]!r}: this service does not allow it; use offline or {', '.join(allowed)}"
        )


def allowed_model(asked: str | None, of_settings: str | None, allowed: Sequence[str]) -> Chosen:
    """Who explains a review.

    Args:
        asked: whom the client named.
        of_settings: whom the settings of the reviewed repository name; they count where the client named nobody and
            there is a key.
        allowed: patterns of those who may be asked.
    """
    if asked is not None:
        return Chosen(None if asked == OFFLINE else asked)
    if of_settings is None or of_settings == OFFLINE:
        return Chosen()
    from reviewer.llm.registry import has_key  # noqa: PLC0415 (start-up)

    if not _fits(of_settings, allowed):
        return Chosen(note=f"the repository's settings name the model {of_settings!r}, which this service does not ask")
    return Chosen(of_settings if has_key(of_settings) else None)


def within(settings: ModelSettings, policy: ModelPolicy) -> ModelSettings:
    """What the settings of a repository ask for, as far as the service gives it."""
    fallbacks = tuple(name for name in settings.fallbacks if _fits(name, policy.allowed))
    return replace(settings, fallbacks=fallbacks, tokens=min(settings.tokens, policy.tokens))


def _fits(name: str, allowed: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in allowed)
