"""`reviewer patterns learn` and `replay`: from a post-mortem to a pattern that its own fix proves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reviewer.domain.settings import Settings
from reviewer.errors import (
    CatalogError,
    PostmortemError,
    RepositoryError,
    ReviewerError,
    SettingsError,
    UsageError,
)
from reviewer.surfaces.cli.patterns.shared import (
    HERE,
    CatalogOption,
    FormatOption,
    IdArgument,
    find,
    is_json,
    short_record,
)
from reviewer.surfaces.cli.review import FINE, INCOMPLETE, ModelOption, RepoOption, check_model, rule_ids
from reviewer.surfaces.cli.terminal import emit, progress, tell

if TYPE_CHECKING:
    from reviewer.catalog.learning import Learned
    from reviewer.counsel.lesson_counsel import LessonCounsel

_READ = frozenset({".md", ".markdown", ".txt", ".rst", ".html", ".htm", ".json"})


def learn(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE|DIR...", help="Post-mortems: Markdown, text, HTML or JSON.")
    ],
    *,
    repo: RepoOption = None,
    fix: Annotated[str | None, typer.Option(metavar="REV", help="The commit in --repo that mended it.")] = None,
    catalog: CatalogOption = None,
    model: ModelOption = None,
    form: FormatOption = "text",
) -> int:
    """Read post-mortems, keep their lessons, and make a pattern of each, proved on its fix where there is one.

    A model (--model) words the lessons, and proposes detectors where none is found without one.
    Exit codes: 0 all are learned, 2 wrong usage or none could be read, 3 something could not be read or checked.
    """
    as_json = is_json(form)
    check_model(model)
    documents = list(_documents(files))
    if not documents:
        raise UsageError("no post-mortem there; name a file, or a folder with .md, .txt, .html or .json files")
    if fix is not None and len(documents) > 1:
        raise UsageError("--fix names the fix of one post-mortem; give one file")
    if fix is not None:
        repo = repo or HERE
    from reviewer.catalog.documents.reading import Given
    from reviewer.catalog_wiring import open_catalogs, open_workshop
    from reviewer.lesson_keeping import keep_lesson

    given = Given(repository="" if fix is None else "given", fix=fix or "")
    counsel = _counsel(repo, model)
    learned: list[Learned] = []
    failures: list[str] = []
    unreadable: list[ReviewerError] = []
    with ExitStack() as stack:
        stores = stack.enter_context(open_catalogs(catalog, HERE))
        workshop = stack.enter_context(open_workshop(repo)) if repo is not None else None
        count = stack.enter_context(progress("learning"))
        for number, path in enumerate(documents):
            count(number, len(documents))
            try:
                one = keep_lesson(_contents(path), path.name, given, stores, workshop=workshop, counsel=counsel)
            except (PostmortemError, CatalogError) as error:
                unreadable.append(error)
                failures.append(str(error))
                continue
            learned.append(one)
            if one.unproved:
                failures.append(f"{path.name}: its lesson is kept without a detector: {one.unproved}")
    if as_json:
        emit(json.dumps(_learned(learned, failures, counsel), indent=2) + "\n")
    else:
        emit("".join(_told(one) for one in learned))
    for failure in failures:
        tell(failure)
    if not learned:
        return unreadable[0].exit_code
    if counsel is not None:
        _tell_counsel(counsel, len(learned))
    return INCOMPLETE if failures or (counsel is not None and counsel.failures) else FINE


def _counsel(repo: Path | None, model: str | None) -> LessonCounsel | None:
    """Who takes part in learning, as the settings of the repository have it; None for nobody."""
    if model == "offline":
        return None
    from reviewer.memory_wiring import open_memory
    from reviewer.model_wiring import use_model
    from reviewer.wiring import open_repository, settings_at

    settings = Settings()
    try:
        with open_repository(repo or Path()) as repository:
            settings = settings_at(repository, None, rule_ids())
    except RepositoryError:
        pass  # a catalog may lie outside of any, and a bare one has no settings
    except SettingsError as error:
        tell(f"{error}; the defaults count instead")
    use = use_model(model, settings.model, open_memory())
    if use is None:
        return None
    from reviewer.counsel.lesson_counsel import LessonCounsel

    return LessonCounsel(use)


def _tell_counsel(counsel: LessonCounsel, documents: int) -> None:
    from reviewer.render.summary import learning_footer

    for failure in counsel.failures:
        tell(f"not checked: {failure}")
    for note in dict.fromkeys(counsel.notes):
        tell(note)
    tell(learning_footer(counsel.use.model.name, counsel.usage, counsel.worded, documents - counsel.worded))


def _documents(files: Sequence[Path]) -> Iterator[Path]:
    for file in files:
        if file.is_dir():
            yield from sorted(path for path in file.rglob("*") if path.suffix.lower() in _READ and path.is_file())
        else:
            yield file


def _contents(path: Path) -> bytes:
    from reviewer.catalog.documents.decoding import MOST_BYTES

    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise PostmortemError(str(path), f"cannot be read ({error.strerror}); check the path") from error


def replay(
    identity: IdArgument,
    *,
    repo: RepoOption = None,
    catalog: CatalogOption = None,
    form: FormatOption = "text",
) -> int:
    """Run a pattern on its own fix again, keep the record, and show it."""
    as_json = is_json(form)
    from reviewer.catalog_wiring import open_catalog, open_workshop, places

    own, *_ = places(catalog, Path())
    with closing(open_catalog(own)) as store:
        pattern, known = find(catalog, identity)
        if pattern.detector is None:
            raise UsageError(f"{identity} has no detector; there is nothing to run")
        commit = pattern.replay.commit if pattern.replay is not None else ""
        lessons = {lesson.id: lesson for lesson in known.lessons}
        first = next((lessons[one].fix for one in pattern.incidents if one in lessons), None)
        commit = commit or (first.commit if first is not None else "")
        if not commit or repo is None:
            raise UsageError(f"name the repository of its fix with --repo{'' if commit else '; the fix is not known'}")
        from dataclasses import replace

        from reviewer.catalog.replay.trial import admitted

        with open_workshop(repo) as workshop:
            record = workshop.replay(commit, pattern.detector)
        state = pattern.state if pattern.pinned else admitted(record)
        again = replace(pattern, replay=record, state=state)
        if again != pattern and any(one.id == identity for one in store.load().patterns):
            store.put([again])
    line = f"{again.id}: {again.state}: {record.reason}\n"
    emit(json.dumps(short_record(again), indent=2) + "\n" if as_json else line)
    return FINE


def _learned(learned: Sequence[Learned], failures: Sequence[str], counsel: LessonCounsel | None) -> dict[str, object]:
    from reviewer.catalog.form.lesson import write_lesson
    from reviewer.catalog.query.language import write_detector

    patterns = {one.pattern.id: one.pattern for one in learned}
    return {
        "lessons": [
            {**write_lesson(one.lesson), "news": one.news, "pattern": one.pattern.id, "notes": list(one.notes)}
            for one in learned
        ],
        "patterns": [
            {**short_record(p), "detector": write_detector(p.detector) if p.detector is not None else None}
            for p in patterns.values()
        ],
        "failures": list(failures),
        "not_checked": [] if counsel is None else counsel.failures,
        "usage": None if counsel is None else asdict(counsel.usage),
    }


def _told(learned: Learned) -> str:
    from reviewer.render.pattern import learned_lines

    return learned_lines(learned.lesson, learned.pattern, learned.news, learned.notes)
