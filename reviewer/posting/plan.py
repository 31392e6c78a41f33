"""What must be done so that a forge shows a report: the difference between what should stand there and what does.

Pure. It is made anew after every look at the forge, so it needs no memory: what a crashed worker, a redelivered webhook
or an earlier push has left there is seen by its markers, and nothing is said twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from reviewer.domain.change import FileChange
from reviewer.domain.comment import Draft, Standing, Target, Thread, Waived
from reviewer.domain.posting import ForgeLimits, Placement, Plan, PostingLimits
from reviewer.domain.report import Report
from reviewer.domain.suspicion import SUSPECTED
from reviewer.posting.choice import Choice, Room, by_path, choose_places, new_findings
from reviewer.posting.overview import overview_body
from reviewer.posting.verdict import check_of


@dataclass(frozen=True, slots=True)
class Wish:
    """What is to stand on the forge.

    Attributes:
        target: where.
        report: the review.
        files: the change, from which the lines come that comments can stand on.
        limits: of posting.
        forge: of the forge.
        waived: findings that people have accepted in comments, by id.
        notes: what a person should know of the posting itself.
        placement: what the forge takes.
        closed: paths of files on which the forge takes no comment as a whole.
        link: address of the whole report; None where there is none to open.
        said: findings whose comments were just created, though a look may not show them yet.
    """

    target: Target
    report: Report
    files: Sequence[FileChange]
    limits: PostingLimits
    forge: ForgeLimits
    waived: Mapping[str, Waived] = field(default_factory=lambda: MappingProxyType({}))
    notes: tuple[str, ...] = ()
    placement: Placement = Placement.CONTEXT
    closed: frozenset[str] = frozenset()
    link: str | None = None
    said: frozenset[str] = frozenset()


def make_plan(wish: Wish, standing: Standing) -> Plan:
    """What is left to do.

    Args:
        wish: what is to stand there.
        standing: what stands there.

    Returns:
        The plan; `done` where the forge shows the report already.
    """
    check = check_of(wish.report, wish.waived, wish.limits, wish.link)
    check_left = None if standing.check == check.digest else check
    if wish.target.number is None or not standing.is_open:
        return Plan(check=check_left, discard=_own(standing.draft))
    kept, duplicates = _apart(standing.threads)
    new = new_findings(wish.report, wish.waived)
    # A finding that comes back after its thread was closed as fixed is said again.
    present = {identity for thread in kept if not thread.fixed for identity in thread.fingerprints} | wish.said
    missing = [item for item in new if item.id not in present]
    choice = choose_places(
        missing,
        by_path(wish.files),
        _room(wish, kept),
        wish.limits,
        wish.forge,
    )
    plan = Plan(
        duplicates=duplicates,
        fixed=tuple(thread for thread in kept if _to_be_fixed(thread, wish)),
        settled=tuple(thread for thread in kept if _is_settled(thread, wish)),
        extra_notes=standing.notes[1:],
        check=check_left,
    )
    return _with_summary(_with_comments(plan, choice, standing, wish.target), wish, choice, standing, len(new))


def _with_comments(plan: Plan, choice: Choice, standing: Standing, target: Target) -> Plan:
    """Comments to be created, unless a draft has just these: then it is shown."""
    draft = standing.draft
    if draft is None:
        return replace(plan, comments=choice.comments, file_comments=choice.file_comments)
    if not draft.ours:
        # A forge takes no second draft of the same account, and this one is a person's.
        return replace(plan, file_comments=())
    wanted = {identity for comment in choice.comments for identity in comment.fingerprints}
    if wanted and draft.head == target.head and draft.fingerprints == wanted:
        return replace(plan, publish=draft)
    return replace(plan, discard=draft)


def _with_summary(plan: Plan, wish: Wish, choice: Choice, standing: Standing, new: int) -> Plan:
    """The summary as it is to be once all comments stand, so that it is written once."""
    rest = list(choice.summary)
    blocked = standing.draft is not None and not standing.draft.ours
    if blocked:
        told = {identity for c in (*choice.comments, *choice.file_comments) for identity in c.fingerprints}
        rest = [i for i in new_findings(wish.report, wish.waived) if i.id in told or i in choice.summary]
    notes = wish.notes
    if blocked:
        notes = (*notes, "comments on lines wait until the unpublished review of this account is submitted or deleted")
    body, listed = overview_body(
        wish.report,
        rest=rest,
        quiet=choice.quiet,
        in_comments=new - len(rest) - len(choice.quiet),
        waived={
            key: one
            for key, one in wish.waived.items()
            if any(item.id == key for item in wish.report.findings) or _tells(standing.threads, key)
        },
        notes=notes,
        limits=wish.limits,
        forge=wish.forge,
        link=wish.link,
    )
    # A pull request in which nothing was ever found gets its check and no comment.
    speaks = bool(wish.report.findings) or wish.report.status != "complete" or bool(standing.notes or standing.threads)
    stands = bool(standing.notes) and _same(standing.notes[0].body, body)
    named = set(listed)
    return replace(
        plan,
        listed=listed,
        counted=tuple(item.id for item in (*rest, *choice.quiet) if item.id not in named),
        summary=body if speaks and not stands else None,
    )


def _own(draft: Draft | None) -> Draft | None:
    return draft if draft is not None and draft.ours else None


def _apart(threads: Sequence[Thread]) -> tuple[tuple[Thread, ...], tuple[Thread, ...]]:
    """Threads to keep, and those that tell nothing that the kept ones do not.

    Workers that post at the same time leave such threads, also where one tells of two findings of a line and the other
    of one of them. All see the same order and delete the same ones: the newest first, and an older one only where it is
    open. A thread that somebody answered is kept.
    """
    kept = sorted(threads, key=lambda one: one.comment_id)
    duplicates: list[Thread] = []
    for thread in reversed(kept.copy()):
        if thread.fixed or thread.replies or not thread.fingerprints:
            continue
        older = [one for one in kept if one.comment_id < thread.comment_id]
        others = older if thread.resolved else [one for one in kept if one is not thread]
        told = {identity for one in others if not one.fixed for identity in one.fingerprints}
        if told.issuperset(thread.fingerprints):
            kept.remove(thread)
            duplicates.append(thread)
    return tuple(kept), tuple(duplicates)


def _to_be_fixed(thread: Thread, wish: Wish) -> bool:
    """Whether the findings of a thread are gone for sure, and nobody has answered it."""
    if thread.answered or (thread.resolved and not thread.fixed):
        return False
    if thread.fixed:
        return not thread.resolved
    # What was said of this very head was not mended since: another review of it says something else.
    if thread.head and wish.target.head.startswith(thread.head):
        return False
    if {item.id for item in wish.report.findings} & set(thread.fingerprints):
        return False
    return _was_looked_at(thread, wish.report)


def _is_settled(thread: Thread, wish: Wish) -> bool:
    """Whether an open thread tells only what is accepted, in a comment or in the code."""
    accepted = wish.waived.keys() | {item.id for item in wish.report.findings if item.status == "waived"}
    return not thread.resolved and bool(thread.fingerprints) and accepted >= set(thread.fingerprints)


def _was_looked_at(thread: Thread, report: Report) -> bool:
    """Whether the silence of a report on the findings of a thread means that they are gone.

    What an error kept from being checked is not gone. What only a model suspected is gone only where the lines changed
    and the model has spoken, for it may keep silent the second time about the same code.
    """
    if report.status == "failed":
        return False
    missing = {item.path for item in report.coverage.not_checked}
    if thread.path in missing or (missing and not all(_names_a_file(path) for path in missing)):
        return False
    if any(rule.startswith(SUSPECTED) for rule in thread.rules):
        return thread.outdated and report.coverage.units_explained > 0 and report.coverage.units_unexplained == 0
    return True


def _names_a_file(path: str) -> bool:
    return path.endswith((".py", ".pyi"))


def _room(wish: Wish, threads: Iterable[Thread]) -> Room:
    """How many comments there may still be beside those that are open already."""
    unresolved = sum(not thread.resolved and not thread.fixed for thread in threads)
    return Room(
        lines=max(0, wish.limits.comments - unresolved),
        files=wish.limits.file_comments,
        placement=wish.placement,
        head=wish.target.head,
        closed=wish.closed,
    )


def _tells(threads: Iterable[Thread], identity: str) -> bool:
    return any(identity in thread.fingerprints for thread in threads)


def _same(first: str, second: str) -> bool:
    """Forges change line ends and trailing blanks."""
    return first.replace("\r\n", "\n").strip() == second.replace("\r\n", "\n").strip()
