"""`reviewer patterns learn` and `replay`: from a post-mortem to a pattern that its own fix proves."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from reviewer.errors import CatalogError, PostmortemError, ReviewerError, UsageError
from reviewer.surfaces.cli.patterns.shared import (
    CatalogOption,
    FormatOption,
    IdArgument,
    find,
    is_json,
    short_record,
    together,
)
from reviewer.surfaces.cli.review import FINE, INCOMPLETE, RepoOption
from reviewer.surfaces.cli.terminal import emit, progress, tell

if TYPE_CHECKING:
    from reviewer.catalog.induce.workshop import Workshop
    from reviewer.catalog.learning import Learned
    from reviewer.ports import CatalogStore

_READ = frozenset({".md", ".markdown", ".txt", ".rst", ".html", ".htm", ".json"})


def learn(
    files: Annotated[
        list[Path], typer.Argument(metavar="FILE|DIR...", help="Post-mortems: Markdown, text, HTML or JSON.")
    ],
    *,
    repo: RepoOption = None,
    fix: Annotated[str | None, typer.Option(metavar="REV", help="The commit in --repo that mended it.")] = None,
    catalog: CatalogOption = None,
    form: FormatOption = "text",
) -> int:
    """Read post-mortems, keep their lessons, and make a pattern of each, proved on its fix where there is one.

    Exit codes: 0 all are learned, 2 wrong usage or none could be read, 3 some could not be read.
    """
    as_json = is_json(form)
    documents = list(_documents(files))
    if not documents:
        raise UsageError("no post-mortem there; name a file, or a folder with .md, .txt, .html or .json files")
    if fix is not None and len(documents) > 1:
        raise UsageError("--fix names the fix of one post-mortem; give one file")
    if fix is not None and repo is None:
        raise UsageError("--fix names a commit; name its repository with --repo")
    from reviewer.catalog_wiring import open_catalog, open_workshop, places

    learned: list[Learned] = []
    failures: list[ReviewerError] = []
    with ExitStack() as stack:
        (own, *others) = places(catalog, Path())
        store = stack.enter_context(closing(open_catalog(own)))
        starter = [stack.enter_context(closing(open_catalog(place))) for place in others]
        workshop = stack.enter_context(open_workshop(repo)) if repo is not None else None
        count = stack.enter_context(progress("learning"))
        for number, path in enumerate(documents):
            count(number, len(documents))
            try:
                learned.append(_learn(path, store, starter, workshop, fix))
            except (PostmortemError, CatalogError) as error:
                failures.append(error)
    if as_json:
        emit(json.dumps(_learned(learned, failures), indent=2) + "\n")
    else:
        emit("".join(_told(one) for one in learned))
    for failure in failures:
        tell(str(failure))
    if not learned:
        return failures[0].exit_code
    return INCOMPLETE if failures else FINE


def _learn(
    path: Path, store: CatalogStore, starter: Sequence[CatalogStore], workshop: Workshop | None, fix: str | None
) -> Learned:
    from reviewer.catalog.documents.reading import Given, read_postmortem
    from reviewer.catalog.learning import learn as learn_from

    given = Given(repository="" if fix is None else "given", fix=fix or "")
    reading = read_postmortem(_contents(path), path.name, given)
    known = together([store, *starter])
    learned = learn_from(reading, known, workshop)
    store.put([learned.pattern], [learned.lesson])
    return learned


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


def _learned(learned: Sequence[Learned], failures: Sequence[ReviewerError]) -> dict[str, object]:
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
        "failures": [str(error) for error in failures],
    }


def _told(learned: Learned) -> str:
    from reviewer.render.pattern import learned_lines

    return learned_lines(learned.lesson, learned.pattern, learned.news, learned.notes)
