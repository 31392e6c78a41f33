"""Joins the pipeline with the memory, the model and the catalogs: what the command line and the service both run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reviewer.domain.deadline import Deadline
    from reviewer.domain.report import Report
    from reviewer.wiring import Prepared


def run_review(
    prepared: Prepared,
    count: Callable[[int, int], None] | None = None,
    model: str | None = "offline",
    *,
    suggest: bool = False,
    gather: bool = False,
    catalog: str | None = None,
    deadline: Deadline | None = None,
) -> Report:
    """Run the pipeline.

    Args:
        prepared: what is reviewed.
        count: told how many files are done, and of how many.
        model: who explains, as a person named it; None leaves it to the settings.
        suggest: offer proved log lines.
        gather: a model will be asked later, by the same review once more.
        catalog: a catalog that counts beside the repository's own; None for none.
        deadline: what is not ready then is not waited for; None for no hurry.

    Raises:
        UsageError: the model's name means nothing.
    """
    from reviewer.catalog_wiring import catalog_of_review  # noqa: PLC0415 (start-up)
    from reviewer.memory_wiring import open_memory  # noqa: PLC0415 (start-up)
    from reviewer.model_wiring import use_model  # noqa: PLC0415 (start-up)
    from reviewer.review import review_change  # noqa: PLC0415 (start-up)

    memory = open_memory()
    change = prepared.change
    found = catalog_of_review(change, prepared.authority, beside=catalog)
    return review_change(
        replace(change, notes=(*change.notes, *found.notes), failures=(*change.failures, *found.failures)),
        prepared.settings,
        baseline=prepared.baseline,
        progress=count,
        sources=prepared.sources,
        memory=memory,
        model=use_model(model, prepared.settings.model, memory),
        suggest=suggest,
        gather=gather,
        patterns=found.patterns,
        quiet=found.quiet,
        deadline=deadline,
    )
