"""The tools: each calls what the command of the same purpose calls, and answers in few words.

What they answer quotes code, patterns and model output. All of that is data to whoever asks, and the instructions of
the server say so.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from reviewer.errors import PostmortemError, UsageError
from reviewer.surfaces.mcp.desk import Desk
from reviewer.surfaces.mcp.page import page

if TYPE_CHECKING:
    from reviewer.domain.report import Answer, FindingItem
    from reviewer.wiring import Prepared

Scope = Literal["branch", "staged", "worktree"]
MOST_TEXT = 1_000_000
"""Characters of a text that an assistant hands over."""
_RANK = {"high": 0, "medium": 1, "low": 2}


def review_diff(
    desk: Desk, *, diff: str, base: str, scope: Scope, quiet: bool, start: int, limit: int
) -> dict[str, Any]:
    """What a review of a change finds, the gravest first.

    Args:
        desk: where to work.
        diff: a unified diff; "" for what `scope` names.
        base: revision to compare a branch with; "" for its upstream.
        scope: the commits that the upstream does not have, what is staged, or all that is not committed.
        quiet: tell low findings too.
        start, limit: which part of the findings.

    Raises:
        ReviewerError: the change cannot be had.
    """
    from reviewer.surfaces.cli.review import review

    report = review(_prepared(desk, diff, base, scope), model=desk.model, suggest=True)
    new = [item for item in report.findings if item.status == "new"]
    told = [item for item in new if quiet or item.severity != "low"]
    told.sort(key=lambda item: (_RANK[item.severity], item.path, item.line, item.id))
    shown, rest = page(told, start, limit)
    return {
        "verdict": report.verdict,
        "status": report.status,
        "summary": report.summary.text if report.summary is not None else None,
        "findings": [_finding(item) for item in shown],
        **rest,
        "quiet": len(new) - len(told),
        "not_checked": [f"{one.path}: {one.reason}" for one in report.coverage.not_checked],
    }


def explain_code(desk: Desk, *, target: str, source: str) -> dict[str, Any]:
    """The four answers for code of the repository, or for code that is not written down yet.

    Args:
        desk: where to work.
        target: path, path:line or path::Qualified.name; "" where `source` is given.
        source: Python source; "" where `target` is given.

    Raises:
        ReviewerError: there is no such code, or it cannot be read.
    """
    if bool(target) == bool(source):
        raise UsageError("give either a target, for example src/pay.py::charge, or source")
    content = _bytes_of(source)
    if source:
        from reviewer.answers import explain_source

        return {"answers": _answers(explain_source(content)), "not_checked": []}
    from reviewer.answers import explain_target
    from reviewer.memory_wiring import open_memory
    from reviewer.model_wiring import use_model
    from reviewer.surfaces.cli.review import rule_ids
    from reviewer.wiring import open_repository, open_sources, settings_at

    memory = open_memory()
    with open_repository(desk.repository) as repository:
        told = explain_target(
            repository,
            target,
            folder=repository.folder,
            sources=open_sources(repository.name, None),
            memory=memory,
            model=use_model(desk.model, settings_at(repository, None, rule_ids()).model, memory),
        )
    return {"answers": _answers(told.answers), "not_checked": list(told.failures)}


def lookup_patterns(desk: Desk, *, question: str, code: str, library: str, start: int, limit: int) -> dict[str, Any]:
    """What has failed before that fits a question or some code; nothing where nothing fits.

    Args:
        desk: where to work.
        question: in words; "" where code is given.
        code: Python source, as it is meant to be written; "" where a question is given.
        library: only of this library; "" for all.
        start, limit: which part of the answers.

    Raises:
        ReviewerError: the code is no Python, or a catalog cannot be read.
    """
    if bool(question.strip()) == bool(code.strip()):
        raise UsageError("give either a question in words or code")
    _bytes_of(question)
    content = _bytes_of(code)
    from reviewer.catalog_wiring import look_up
    from reviewer.domain.catalog import Wish

    wanted = start + limit + 1
    wish = Wish(libraries=(library,) if library else ())
    if question:
        from reviewer.catalog.lookup.search import search

        hits = look_up(
            desk.catalog, desk.repository, lambda store: search(store.index(), question, wish, wanted), wanted
        )
    else:
        from reviewer.catalog.lookup.match import match
        from reviewer.pattern_review import code_of_text

        files = code_of_text(content)
        hits = look_up(desk.catalog, desk.repository, lambda store: match(store.index(), files, wish, wanted), wanted)
    shown, rest = page(hits, start, limit)
    known = {pattern.id: pattern for pattern in desk.known().patterns} if shown else {}
    return {
        "patterns": [
            {
                "id": hit.id,
                "title": hit.title,
                "score": round(hit.score, 2),
                "why": hit.why,
                "instead": known[hit.id].safe_form if hit.id in known else "",
                "incidents": [
                    f"{one.date or 'undated'}: {one.title} {one.source}".rstrip() for one in hit.incidents[:2]
                ],
            }
            for hit in shown
        ],
        **rest,
    }


def propose_logging(desk: Desk, *, target: str) -> dict[str, Any]:
    """Log lines that are missing at a place of the work tree, as a proved patch; nothing is written.

    Args:
        desk: where to work.
        target: path, path:line or path::Qualified.name.

    Raises:
        ReviewerError: there is no such code, or it cannot be read.
    """
    from reviewer.instrument.patches import Wishes
    from reviewer.log_review import by_reason, log_target
    from reviewer.wiring import open_repository, open_sources

    with open_repository(desk.repository) as repository:
        report = log_target(
            repository,
            target,
            None,
            Wishes(),
            folder=repository.folder,
            sources=open_sources(repository.name, None),
        )
    return {
        "patch": "".join(patch.diff for patch in report.patches),
        "proved": sorted({check for patch in report.patches for check in patch.verified}),
        "withheld": [f"{number}: {reason}" for reason, number in by_reason(report)],
        "not_checked": [f"{path}: {reason}" for path, reason in report.not_checked],
    }


def record_postmortem(desk: Desk, *, document: str, name: str, fix: str) -> dict[str, Any]:
    """Keep the lesson of a post-mortem, and the pattern that its fix proves.

    Args:
        desk: where to work.
        document: its text: Markdown, plain text, HTML or JSON.
        name: what to call it, with the ending that tells its form.
        fix: the commit of the repository that mended it; "" for what the document says.

    Raises:
        ReviewerError: it cannot be read or kept, or its fix cannot be had.
    """
    if not desk.learns:
        raise PostmortemError(name, "this server keeps nothing; it was started with --read-only")
    content = _bytes_of(document)
    from reviewer.catalog.documents.reading import Given
    from reviewer.catalog_wiring import open_catalogs, open_workshop
    from reviewer.lesson_keeping import keep_lesson

    given = Given(repository="given" if fix else "", fix=fix)
    with open_catalogs(desk.catalog, desk.repository) as stores, open_workshop(desk.repository) as workshop:
        learned = keep_lesson(content, name, given, stores, workshop=workshop)
    replay = learned.pattern.replay
    return {
        "news": learned.news,
        "lesson": learned.lesson.id,
        "pattern": learned.pattern.id,
        "title": learned.pattern.title,
        "state": learned.pattern.state.value,
        "replay": replay.reason if replay is not None else None,
        "unproved": learned.unproved,
        "notes": list(learned.notes),
    }


def _prepared(desk: Desk, diff: str, base: str, scope: Scope) -> Prepared:
    from reviewer.ports import Scope as Lines
    from reviewer.ports import Selection
    from reviewer.surfaces.cli.review import rule_ids
    from reviewer.wiring import prepare_patch, prepare_selection

    if diff:
        if base or scope != "branch":
            raise UsageError("a diff is reviewed as it is; leave out base and scope")
        return prepare_patch(_bytes_of(diff), desk.repository, None, rule_ids())
    if base and scope != "branch":
        raise UsageError(f"base and scope {scope!r} do not go together; leave one out")
    lines = {"branch": Lines.RANGE, "staged": Lines.STAGED, "worktree": Lines.WORKTREE}[scope]
    return prepare_selection(desk.repository, Selection(lines, base=base or None), rule_ids())


def _bytes_of(text: str) -> bytes:
    """A text that an assistant hands over.

    Raises:
        UsageError: it is too long, or no Unicode: JSON can hold halves of surrogate pairs.
    """
    if len(text) > MOST_TEXT:
        raise UsageError(f"{len(text):,} characters are too many; give at most {MOST_TEXT:,}")
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise UsageError(f"character {error.start} is half of a surrogate pair; send the whole character") from error


def _finding(item: FindingItem) -> dict[str, Any]:
    """What an assistant needs to mend it, and no more."""
    told: dict[str, Any] = {
        "id": item.id,
        "rule": item.rule,
        "severity": item.severity,
        "confidence": item.confidence,
        "place": f"{item.path}:{item.line}",
        "function": item.function,
        "message": item.message,
        "explanation": item.explanation,
    }
    if item.boundary is not None:
        told["then"] = item.boundary.outcome
    if item.patterns:
        told["happened_before"] = [f"{one.title}: {one.why}" for one in item.patterns]
    if item.suggestion is not None:
        told["log_patch"] = item.suggestion.patch
    if item.judgement is not None:
        told["judgement"] = f"{item.judgement.verdict} by {item.judgement.by}: {item.judgement.reason}"
    return told


def _answers(answers: Sequence[Answer]) -> list[dict[str, str]]:
    """The answers, without those that say nothing; the places of units without any are told in one line."""
    from reviewer.domain.report import NOTHING

    told, empty = [], []
    for one in answers:
        said = {name: getattr(one, name) for name, nothing in NOTHING.items() if getattr(one, name) != nothing}
        place = {"place": f"{one.path}:{one.line}", "function": one.function}
        if said:
            told.append(place | said)
        else:
            empty.append(f"{one.function} (line {one.line})")
    if empty:
        told.append({"nothing_to_tell": ", ".join(empty)})
    return told
