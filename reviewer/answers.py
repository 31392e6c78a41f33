"""The four answers for what a person points at."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewer.code.limits import Limits
from reviewer.domain.report import Answer, Usage
from reviewer.domain.reviewed import Reviewed
from reviewer.errors import IncompleteReviewError, SourceError
from reviewer.explain.answer import answer_unit
from reviewer.file_review import evidence_in
from reviewer.ports import OpenMemory, OpenSources, Repository
from reviewer.target import find_target
from reviewer.work.job import Job
from reviewer.work.worker import Worker

if TYPE_CHECKING:
    from reviewer.explain.stage import ModelUse


@dataclass(frozen=True, slots=True)
class Spent:
    """What it took to have a target explained.

    Attributes:
        model: who was asked.
        usage: what it cost.
        explained, unexplained: units that are explained, and that are not.
    """

    model: str
    usage: Usage
    explained: int
    unexplained: int


@dataclass(frozen=True, slots=True)
class TargetAnswers:
    """What is said of a target.

    Attributes:
        answers: the four answers for each of its units.
        notes: what a person should know of how they came about.
        failures: why units are not explained that a model was asked about.
        spent: who was asked, and what it cost; None where nobody was to be asked.
    """

    answers: tuple[Answer, ...]
    notes: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    spent: Spent | None = None


def explain_target(
    repository: Repository,
    target: str,
    head: str | None = None,
    *,
    folder: str = "",
    sources: OpenSources | None = None,
    memory: OpenMemory | None = None,
    model: ModelUse | None = None,
) -> TargetAnswers:
    """The four answers for a file, the function at a line, or a named function.

    Args:
        repository: where the file is.
        target: as for `find_target`.
        head: revision to read it at; None for the work tree.
        folder: directory of the repository where the person is; "" for the root.
        sources: opens the files around it; None where there are none.
        memory: opens what earlier reviews have found; None for nothing.
        model: who words the answers; None for the reviewer itself.

    Raises:
        UsageError: there is no such file, function or line.
        SourceError: the file is no Python.
        IncompleteReviewError: the definition was given up, for its size or its time.
    """
    found = find_target(repository, target, head, folder)
    path = found.path
    job = Job((), Limits(), sources, memory)
    with Worker(job) as worker:
        try:
            read = worker.read(path, found.content, found.changed)
        except SourceError as error:
            raise SourceError(f"{path}: {error}") from error
        units = found.units(read.code)
        answers = tuple(answer_unit(path, unit, read.flow) for unit in units)
        if model is None:
            return TargetAnswers(answers)
        reviewed = Reviewed(
            path, answers=answers, lines=tuple(read.code.source.lines), evidence=tuple(evidence_in(read, units))
        )
    from reviewer.explain.stage import explain_findings  # noqa: PLC0415 - starts pydantic

    explanation = explain_findings([reviewed], [], dataclasses.replace(model, scope="all"))
    return TargetAnswers(
        tuple(explanation.answers),
        tuple(explanation.notes),
        tuple(item.reason for item in explanation.not_checked),
        Spent(model.model.name, explanation.usage, explanation.explained, explanation.unexplained),
    )


def explain_source(content: bytes) -> tuple[Answer, ...]:
    """The four answers for each function of some Python that stands in no repository.

    Args:
        content: the source.

    Raises:
        SourceError: it is no Python.
        IncompleteReviewError: a definition was given up, for its size or its time.
    """
    with Worker(Job((), Limits(), None, None)) as worker:
        read = worker.read("code.py", content, None)
        if read.code.failures:
            raise IncompleteReviewError(read.code.failures[0])
        return tuple(answer_unit("code.py", unit, read.flow) for unit in read.code.units)
