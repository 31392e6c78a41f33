"""`reviewer patterns feedback` and `outcomes`: what findings were worth, and what that makes quiet."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, get_args

import typer

from reviewer.errors import SettingsError, UsageError
from reviewer.surfaces.cli.patterns.shared import HERE, CatalogOption, FormatOption, is_json
from reviewer.surfaces.cli.review import FINE, RepoOption, rule_ids
from reviewer.surfaces.cli.terminal import emit, tell

if TYPE_CHECKING:
    from reviewer.catalog.aftermath import Aftermath
    from reviewer.catalog.outcome import Precision, Standing, Subject
    from reviewer.domain.catalog import Catalog
    from reviewer.domain.report import Report


def feedback(
    report: Annotated[Path, typer.Argument(metavar="REPORT", help="A report in JSON that holds the finding.")],
    finding: Annotated[str, typer.Argument(metavar="FINDING", help="The finding's id, or its beginning.")],
    verdict: Annotated[str, typer.Argument(metavar="VERDICT", help="useful, wrong or waived.")],
    *,
    catalog: CatalogOption = None,
) -> int:
    """Say what a finding was worth. What is wrong too often turns quiet by itself."""
    from reviewer.catalog.aftermath import outcome_of
    from reviewer.catalog_wiring import open_catalogs
    from reviewer.domain.catalog import Verdict
    from reviewer.render.safe import visible

    if verdict not in get_args(Verdict):
        raise UsageError(f"verdict {verdict!r}: take {', '.join(get_args(Verdict))}")
    known = _report(report)
    found = [one for one in known.findings if one.id.startswith(finding)]
    if len(found) != 1:
        raise UsageError(f"{len(found)} findings of {report} begin with {finding!r}; give more of the id")
    (one,) = found
    named = next(name for name in get_args(Verdict) if name == verdict)
    outcome = outcome_of(one, known.repository, named, datetime.now(UTC).isoformat(timespec="seconds"))
    with open_catalogs(catalog, HERE) as (own, *_):
        own.add_outcomes([outcome])
    emit(f"{visible(one.rule)} at {visible(one.path)}:{one.line}: {verdict}\n")
    return FINE


def outcomes(
    *,
    from_report: Annotated[
        Path | None, typer.Option("--from-report", metavar="OLD", help="An earlier report in JSON; wants --now.")
    ] = None,
    now: Annotated[
        Path | None,
        typer.Option(metavar="NEW", help="A later one of the same branch: what is fixed there counts as useful."),
    ] = None,
    repo: RepoOption = None,
    catalog: CatalogOption = None,
    form: FormatOption = "text",
) -> int:
    """Show how often each rule and pattern was right, and which are quiet here for being wrong too often.

    With --from-report and --now, first keep what changed lines say of the findings of the earlier report.
    """
    as_json = is_json(form)
    if (from_report is None) != (now is None):
        raise UsageError("--from-report and --now go together; give the earlier and the later report")
    from reviewer.catalog.outcome import standings
    from reviewer.catalog_wiring import joined, open_catalogs

    with open_catalogs(catalog, HERE) as stores:
        if from_report is not None and now is not None:
            seen = _compare(_report(from_report), _report(now), repo)
            stores[0].add_outcomes(seen.fixed)
            tell(f"{len(seen.fixed)} findings are gone after a change on their lines; {seen.unclear} more are gone, "
                 "and that says nothing")  # fmt: skip
        known = stores[0].outcomes()
        members = joined(stores)
    place = _repository(repo)
    rows = standings(known, place, _pinned(repo, members))
    if as_json:
        emit(json.dumps([_data(one) for one in rows], indent=2) + "\n")
        return FINE
    if not rows:
        tell("nobody has judged a finding yet; 'reviewer patterns feedback' does")
    emit("".join(_line(one, place) for one in rows))
    return FINE


def _report(file: Path) -> Report:
    from reviewer.domain.report import parse_report

    try:
        return parse_report(file.read_bytes())
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}; name a readable file") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{file}: no report; make one with 'reviewer review --format json'") from error


def _compare(before: Report, after: Report, repo: Path | None) -> Aftermath:
    """What became of the findings of an earlier report, by the texts at the heads of both.

    Raises:
        UsageError: one of them is not of a commit.
        RepositoryError, RevisionError: the commits cannot be read here.
    """
    from reviewer.catalog.aftermath import fixed_since
    from reviewer.wiring import open_repository

    if before.head is None or after.head is None:
        raise UsageError("a report of what is not committed says nothing later; give reports of commits")
    paths = sorted({finding.path for finding in before.findings})
    with open_repository(repo or Path()) as repository:
        old, new = (repository.read(paths, head) for head in (before.head, after.head))
    return fixed_since(before, after, _texts(old), _texts(new))


def _texts(contents: Mapping[str, bytes]) -> dict[str, str]:
    # For comparing lines any decoding that is the same for both will do.
    return {path: data.decode("utf-8", "surrogateescape") for path, data in contents.items()}


def _repository(repo: Path | None) -> str:
    from reviewer.wiring import is_repository, open_repository

    if not is_repository(repo or Path()):
        return ""
    with open_repository(repo or Path()) as repository:
        return repository.name


def _pinned(repo: Path | None, members: Catalog) -> Mapping[Subject, Collection[str]]:
    """Rules and patterns that a person has decided on, as the settings and the catalog say now."""
    from reviewer.wiring import is_repository, open_repository, settings_at

    patterns = frozenset(pattern.id for pattern in members.patterns if pattern.pinned)
    place = repo or Path()
    if not is_repository(place):
        return {"pattern": patterns}
    with open_repository(place) as repository:
        try:
            settings = settings_at(repository, None if _has_work_tree(repository.name) else "HEAD", rule_ids())
        except SettingsError as error:
            tell(f"the settings are not counted: {error}")
            return {"pattern": patterns}
    return {"pattern": patterns, "rule": settings.rules_pinned | frozenset(settings.severities)}


def _has_work_tree(name: str) -> bool:
    return Path(name, ".git").exists()


def _line(one: Standing, repository: str) -> str:
    from reviewer.render.safe import visible

    state = f"; quiet here: {one.quiet}" if one.quiet else "; pinned" if one.pinned else ""
    local = one.by_repository.get(repository)
    # Of all of one repository the same would be said twice.
    here = f"; in this repository {local.words}" if local is not None and len(one.by_repository) > 1 else ""
    return f"{one.subject:<8} {visible(one.name)}: {one.overall.words}{here if not one.quiet else ''}{state}\n"


def _data(one: Standing) -> dict[str, object]:
    return {
        "subject": one.subject,
        "id": one.name,
        **_counts(one.overall),
        "repositories": [{"repository": name, **_counts(local)} for name, local in one.by_repository.items()],
        "quiet": bool(one.quiet),
        "why": one.quiet,
        "pinned": one.pinned,
    }


def _counts(precision: Precision) -> dict[str, object]:
    return {
        "right": precision.right,
        "wrong": precision.wrong,
        "waived": precision.waived,
        "precision": precision.share,
        "interval": list(precision.interval),
    }
