"""Post a review: look at the forge, plan what is missing, do it, and look again until nothing is."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from reviewer.domain.change import FileChange
from reviewer.domain.comment import Comment, Standing, Target, Thread, Waived
from reviewer.domain.posting import Outcome, Placement, Plan, PostedReview, PostingLimits, Reception
from reviewer.domain.report import Report
from reviewer.errors import ForgeError, ForgeForbiddenError, UncertainError, UnplaceableError
from reviewer.ports import Forge
from reviewer.posting.choice import new_findings
from reviewer.posting.marker import FindingsMark, findings_marker, without_marker
from reviewer.posting.plan import Wish, make_plan
from reviewer.posting.verdict import check_of
from reviewer.posting.waiving import read_waivers
from reviewer.posting.workflow_command import fallback_of

ROUNDS = 12
"""Looks at the forge until it must show the review."""

_LOWER = {
    Placement.CONTEXT: Placement.CHANGED,
    Placement.CHANGED: Placement.FILE,
    Placement.FILE: Placement.NOWHERE,
    Placement.NOWHERE: Placement.NOWHERE,
}


async def post_review(
    forge: Forge,
    target: Target,
    report: Report,
    files: Sequence[FileChange],
    limits: PostingLimits | None = None,
    *,
    waived: Mapping[str, Waived] = MappingProxyType({}),
    link: str | None = None,
    pause: float = 1.0,
) -> PostedReview:
    """Make a forge show a review. It may be called any number of times, at the same time too, and after any crash.

    There is no memory beside the forge. Every round looks at what stands there and does only what is missing, known by
    the hidden markers of what the same account wrote. So a call after a crash, a redelivered webhook or a push goes on
    where things are, and a request of which nobody knows whether it arrived is answered by the next look.

    Two workers at once: on GitHub comments are first created as a draft, of which an account can have one for each pull
    request, and shown only after another look that sees the draft and none of its comments published; the forge itself
    is the lock, and nobody is notified twice. On the others, and for comments on files and the summary, both may write;
    then each looks again and deletes what is not the oldest, on which both agree. What this call itself has written it
    knows, even where a look does not show it yet; what another one has and no look shows yet may stand twice until the
    next review. Whoever wants not even that holds a lock for each target around the call.

    Args:
        forge: where to post.
        target: the pull request and the head that was reviewed.
        report: the review.
        files: the change with its hunks.
        limits: how much may be written; None for the defaults.
        waived: findings that people have accepted earlier, as `PostedReview.waived` told them.
        link: address of the whole report, safe to be shown; None where there is none to open.
        pause: seconds before looking again after an unclear answer.

    Raises:
        RateLimitError: the forge wants to be left alone for longer than the adapter waits; what is posted stays, and
            another call goes on from there.
        ForgeError: it cannot be posted, or the forge's answers stayed unclear.
    """
    posting = _Posting(forge, target, report, files, limits or PostingLimits(), dict(waived), link, pause)
    try:
        return await posting.run()
    except ForgeForbiddenError as error:
        return posting.refused(error)


@dataclass(slots=True)
class _Posting:
    """One call: what it was given, and what it has done so far."""

    forge: Forge
    target: Target
    report: Report
    files: Sequence[FileChange]
    limits: PostingLimits
    waived: dict[str, Waived]
    link: str | None
    pause: float
    placement: Placement = Placement.CONTEXT
    closed: set[str] = field(default_factory=set)
    """Files on which the forge takes no comment as a whole."""
    writers: dict[str, bool] = field(default_factory=dict)
    """Who may write to the repository, as far as it was asked."""
    said: set[str] = field(default_factory=set)
    """Findings whose comments this call has created: a forge may not show at once what it has stored."""
    resolved: int = 0
    verdict_stands: bool = True
    notes: dict[str, None] = field(default_factory=dict)
    tried: set[str] = field(default_factory=set)
    """Threads that were to be closed in this call."""
    written: set[str] = field(default_factory=set)
    """What is written once in a call: two workers with different reports must not overwrite each other for ever."""

    async def run(self) -> PostedReview:
        unclear: UncertainError | None = None
        for _ in range(ROUNDS):
            try:
                standing = await self.forge.look(self.target)
                if standing.head != self.target.head:
                    return self._stale(standing)
                plan = await self._plan(standing)
                if plan.done:
                    return self._posted(standing, plan)
                await self._act(plan, standing)
                unclear = None
            except UncertainError as error:
                unclear = error
                await asyncio.sleep(self.pause)
            except UnplaceableError as error:
                self.placement = _LOWER[self.placement]
                if self.placement is Placement.NOWHERE:
                    self.notes[f"the forge takes no comment on these lines ({error.reason})"] = None
        if unclear is not None:
            raise unclear
        raise ForgeError(self.forge.name, "the review does not come to stand there; look for another writer of it")

    async def _plan(self, standing: Standing) -> Plan:
        known = {*self.waived, *(item.id for item in self.report.findings)}
        found = await read_waivers(self.forge, self.target, standing, known, self.writers)
        self.waived.update(found.waived)
        plan = make_plan(self._wish(found.notes), standing)
        plan = replace(
            plan,
            fixed=tuple(one for one in plan.fixed if one.id not in self.tried),
            settled=tuple(one for one in plan.settled if one.id not in self.tried),
        )
        if "summary" in self.written:
            plan = replace(plan, summary=None)
        if "check" in self.written:
            plan = replace(plan, check=None)
        return plan

    def _wish(self, notes: Sequence[str] = ()) -> Wish:
        return Wish(
            self.target,
            self.report,
            self.files,
            self.limits,
            self.forge.limits,
            self.waived,
            (*self.notes, *notes),
            self.placement,
            frozenset(self.closed),
            self.link,
            frozenset(self.said),
        )

    async def _act(self, plan: Plan, standing: Standing) -> None:
        """Do one kind of thing, comments first and the verdict last; the next round does the next."""
        forge, target = self.forge, self.target
        if plan.discard is not None:
            await forge.discard(target, plan.discard)
        elif plan.publish is not None:
            await forge.publish(target, plan.publish)
            self.said |= plan.publish.fingerprints
        elif plan.comments:
            if await forge.comment(target, plan.comments):
                self.said.update(name for comment in plan.comments for name in comment.fingerprints)
        elif plan.file_comments:
            for comment in plan.file_comments:
                await self._comment_on_file(comment)
        elif plan.duplicates:
            for thread in plan.duplicates:
                await forge.remove(target, thread)
        elif plan.fixed or plan.settled:
            await self._resolve(plan)
        else:
            await self._conclude(plan, standing)

    async def _comment_on_file(self, comment: Comment) -> None:
        """What one file does not take goes to the summary, and the other files' comments stay."""
        try:
            await self.forge.comment_on_file(self.target, comment)
            self.said.update(comment.fingerprints)
        except UnplaceableError:
            self.closed.add(comment.place.path)

    async def _resolve(self, plan: Plan) -> None:
        for thread in plan.fixed:
            body = None if thread.fixed else _fixed_body(thread, self.target)
            await self._resolve_one(thread, body)
        for thread in plan.settled:
            await self._resolve_one(thread, None)

    async def _resolve_one(self, thread: Thread, body: str | None) -> None:
        """Close a thread once; a token that may write and not resolve is told, and the rest goes on."""
        try:
            await self.forge.resolve(self.target, thread, body)
            self.resolved += 1
        except ForgeForbiddenError as error:
            self.notes[f"these credentials may not resolve threads ({error.reason})"] = None
        self.tried.add(thread.id)

    async def _conclude(self, plan: Plan, standing: Standing) -> None:
        if plan.summary is not None:
            await self.forge.summarise(self.target, plan.summary, standing.notes[0] if standing.notes else None)
            self.written.add("summary")
        for note in plan.extra_notes:
            await self.forge.remove_note(self.target, note)
        if plan.check is not None:
            try:
                await self.forge.conclude(self.target, plan.check)
            except ForgeForbiddenError as error:
                if not standing.notes and "summary" not in self.written:
                    raise
                self.verdict_stands = False
                self.notes[f"these credentials may not set a verdict ({error.reason})"] = None
            self.written.add("check")

    def _posted(self, standing: Standing, plan: Plan) -> PostedReview:
        new = new_findings(self.report, self.waived)
        told = {i for thread in standing.threads if not thread.fixed for i in thread.fingerprints} | self.said
        return PostedReview(
            outcome=Outcome.POSTED if standing.is_open else Outcome.CLOSED,
            head=standing.head,
            created=len(self.said),
            resolved=self.resolved,
            present=sum(item.id in told for item in new),
            listed=len(plan.listed) + len(plan.counted),
            conclusion=check_of(self.report, self.waived, self.limits).conclusion if self.verdict_stands else None,
            waived=dict(self.waived),
            notes=tuple(self.notes),
            received=_received(standing.threads),
        )

    def _stale(self, standing: Standing) -> PostedReview:
        moved = f"the pull request stands at {standing.head[:12]} and not at {self.target.head[:12]} any more"
        return PostedReview(Outcome.STALE, standing.head, created=len(self.said), notes=(*self.notes, moved))

    def refused(self, error: ForgeForbiddenError) -> PostedReview:
        """What the caller can print where nothing may be written."""
        wish = replace(self._wish(), placement=Placement.NOWHERE)
        plan = make_plan(wish, Standing(self.target.head))
        check = check_of(self.report, self.waived, self.limits)
        return PostedReview(
            Outcome.FORBIDDEN,
            self.target.head,
            created=len(self.said),
            resolved=self.resolved,
            listed=len(plan.listed) + len(plan.counted),
            waived=dict(self.waived),
            notes=(*self.notes, str(error)),
            fallback=fallback_of(check, plan.summary or check.summary),
        )


def _received(threads: Sequence[Thread]) -> tuple[Reception, ...]:
    """How people and later changes took what our threads told; a thumb on a comment of several findings means none."""
    found: list[Reception] = []
    for thread in threads:
        fixed = thread.fixed and thread.outdated
        judged = len(thread.fingerprints) == 1 and thread.approving != thread.disapproving
        if judged:
            found.append(Reception(thread.fingerprints[0], thread.approving, thread.disapproving, fixed))
        elif fixed:
            found += [Reception(fingerprint, fixed=True) for fingerprint in thread.fingerprints]
    return tuple(found)


def _fixed_body(thread: Thread, target: Target) -> str:
    """The first comment of a thread whose findings are gone: what it said stays readable."""
    marker = findings_marker(FindingsMark(thread.fingerprints, thread.rules, target.head, fixed=True))
    return f"**Fixed** in {target.head[:12]}.\n\n{without_marker(thread.body).strip()}\n{marker}"
