"""From the name of a model to what asks it, within the bounds of the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewer.domain.settings import ModelSettings
from reviewer.ports import LanguageModel, OpenMemory

if TYPE_CHECKING:
    from reviewer.explain.stage import ModelUse


def use_model(spec: str | None, settings: ModelSettings, memory: OpenMemory | None) -> ModelUse | None:
    """Who explains a review; None for nobody.

    Args:
        spec: what a person named; None leaves it to the settings, whose model counts where there is a key for it.
        settings: how a model is used.
        memory: where earlier answers are; those of a folder are read from it each time.

    Raises:
        UsageError: it names no model.
    """
    from reviewer.llm.registry import has_key, open_model, split_spec  # noqa: PLC0415 (start-up)

    chosen = spec if spec is not None else settings.name if settings.name and has_key(settings.name) else "offline"
    parts = split_spec(chosen)
    if parts is None:
        return None
    from reviewer.explain.spending import Allowance  # noqa: PLC0415 (start-up)
    from reviewer.explain.stage import ModelUse  # noqa: PLC0415 (start-up)
    from reviewer.llm.patient import Patient  # noqa: PLC0415 (start-up)

    kind, _ = parts
    model: LanguageModel = open_model(chosen)
    asked = [model]
    if kind != "files":
        asked += [open_model(name) for name in settings.fallbacks]
        model = Patient(asked)
    prices = {one.name: settings.prices[one.name] for one in asked if one.name in settings.prices}
    allowance = Allowance(settings.tokens, settings.usd, settings.seconds, prices)
    return ModelUse(
        model,
        scope=settings.scope,
        second_look=settings.second_look,
        summary=settings.summary,
        allowance=allowance,
        memory=None if kind == "files" else memory,
    )
