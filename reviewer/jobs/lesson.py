"""Learning a post-mortem, and looking things up: what is worked out in a process of its own over a tenant's catalog."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reviewer.domain.service import ModelPolicy
from reviewer.domain.settings import ModelSettings
from reviewer.errors import RepositoryError, RevisionError, SettingsError
from reviewer.jobs.models import within

if TYPE_CHECKING:
    from reviewer.counsel.lesson_counsel import LessonCounsel


@dataclass(frozen=True, slots=True)
class Document:
    """A post-mortem to learn.

    Attributes:
        name: its ending tells the format.
        text: the document.
        catalog: URL of the tenant's catalog.
        folder: the repository of the fix, on this machine; None for none.
        repository: what that is called; "" for nothing.
        fix: the commit; None for none.
        model: who takes part; None for nobody.
        models: bounds on what the settings of the repository say of models.
    """

    name: str
    text: str
    catalog: str
    folder: str | None = None
    repository: str = ""
    fix: str | None = None
    model: str | None = None
    models: ModelPolicy = field(default_factory=ModelPolicy)


def named_model(document: Document, progress: Callable[[int, int], None]) -> dict[str, Any]:
    """Who is to take part by the settings of the fix's repository, as they are at the fix.

    Returns:
        "model": its name; None where they name nobody, or cannot be understood.
    """
    progress(0, 1)
    return {"model": _settings(document).name}


def learn_document(document: Document, progress: Callable[[int, int], None]) -> dict[str, Any]:
    """Keep the lesson and the pattern of a post-mortem, as `reviewer patterns learn` does.

    Returns:
        The lesson and the pattern; where the fix cannot be read, a note says so. What a model was not asked or not
        believed stands in the notes, what it failed at under "not_checked".

    Raises:
        PostmortemError, CatalogError: it cannot be learned.
    """
    from reviewer.catalog.documents.reading import Given  # noqa: PLC0415 (heavy)
    from reviewer.catalog.form.lesson import write_lesson  # noqa: PLC0415
    from reviewer.catalog_wiring import open_catalogs, open_workshop  # noqa: PLC0415
    from reviewer.lesson_keeping import keep_lesson  # noqa: PLC0415

    progress(0, 1)
    given = Given(repository=document.repository, fix=document.fix or "")
    content = document.text.encode("utf-8", "surrogateescape")
    with ExitStack() as stack:
        stores = stack.enter_context(open_catalogs(document.catalog, Path()))
        workshop = None if document.folder is None else stack.enter_context(open_workshop(document.folder))
        counsel = _counsel(document)
        learned = keep_lesson(content, document.name, given, stores, workshop=workshop, counsel=counsel)
    told: dict[str, Any] = {
        "lesson": write_lesson(learned.lesson),
        "pattern": described(learned.pattern),
        "news": learned.news,
        "notes": [*learned.notes, *([learned.unproved] if learned.unproved else [])],
    }
    if counsel is not None:
        told["notes"] += list(dict.fromkeys(counsel.notes))
        told |= {"model": document.model, "usage": asdict(counsel.usage), "not_checked": counsel.failures}
    return told


def _counsel(document: Document) -> LessonCounsel | None:
    if document.model is None:
        return None
    from reviewer.counsel.lesson_counsel import LessonCounsel  # noqa: PLC0415 (heavy)
    from reviewer.memory_wiring import open_memory  # noqa: PLC0415
    from reviewer.model_wiring import use_model  # noqa: PLC0415

    use = use_model(document.model, within(_settings(document), document.models), open_memory())
    return None if use is None else LessonCounsel(use)


def _settings(document: Document) -> ModelSettings:
    """How a model is used, by the settings of the fix's repository; the defaults where there are none to be read."""
    from reviewer.detectors.registry import all_rules  # noqa: PLC0415 (heavy)
    from reviewer.wiring import open_repository, settings_at  # noqa: PLC0415

    if document.folder is None or document.fix is None:
        return ModelSettings()
    rules = frozenset(rule.id for rule in all_rules())
    try:
        with open_repository(document.folder) as repository:
            return settings_at(repository, document.fix.rpartition("..")[2], rules).model
    except (RepositoryError, RevisionError, SettingsError):
        return ModelSettings()  # what is wrong with the fix is told where it is read


def described(pattern: Any) -> dict[str, Any]:
    """A pattern as its readable form, with its id and state first."""
    from reviewer.catalog.form.pattern import write_pattern  # noqa: PLC0415

    return dict(write_pattern(pattern))
