"""The plan: nothing lost, nothing twice, nothing on a line that the diff does not show."""

from __future__ import annotations

import dataclasses
import os
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from reviewer.diff.patch import parse_patch
from reviewer.domain.change import FileChange
from reviewer.domain.comment import Comment, Draft, Side, Standing, Target, Thread, Waived
from reviewer.domain.posting import ForgeLimits, Placement, Plan, PostingLimits
from reviewer.domain.report import Coverage, FindingItem, NotChecked, Report
from reviewer.posting.marker import read_findings
from reviewer.posting.plan import Wish, make_plan
from reviewer.posting.window import numbered, windows_of
from tests.forges.shown import ShownHunk, shown_lines
from tests.posting.reviews import DIFF, HEAD, NEXT, files, identity, item, review

EXAMPLES = 10_000 if os.environ.get("HYPOTHESIS_PROFILE") == "fuzz" else 100
TARGET = Target("octo/shop", 7, HEAD)
GITHUB = ForgeLimits(body=60_000, suggestion="github")
PATHS = ["a.py", "b/c.py", "gone.py"]


def plan(report: Report, standing: Standing | None = None, **changes: object) -> Plan:
    wish = Wish(TARGET, report, files(), PostingLimits(), GITHUB)
    return make_plan(dataclasses.replace(wish, **changes), standing or Standing(HEAD))  # type: ignore[arg-type]


def comments(made: Plan) -> list[Comment]:
    return [*made.comments, *made.file_comments]


def thread(number: int, *numbers: int, **changes: object) -> Thread:
    """A thread of ours, the `number`-th comment there is."""
    names = tuple(identity(one) for one in numbers)
    made = Thread(f"t{number}", number, names, ("no-timeout",) * len(names), "app/client.py", body="said")
    return dataclasses.replace(made, **changes)  # type: ignore[arg-type]


@st.composite
def diffs(draw: st.DrawFn) -> str:
    """Any diff of three files as git writes it, three unchanged lines around each block."""
    parts = []
    for path in PATHS:
        if path == "gone.py":
            count = draw(st.integers(1, 4))
            parts.append(f"--- a/{path}\n+++ /dev/null\n@@ -1,{count} +0,0 @@\n" + "-x\n" * count)
            continue
        old, new, hunks = 1, 1, []
        for _ in range(draw(st.integers(1, 3))):
            gap = draw(st.integers(7, 30))
            old, new = old + gap, new + gap
            deleted, added = draw(st.integers(0, 3)), draw(st.integers(0, 4))
            added += not (deleted or added)
            hunks.append(f"@@ -{old},{deleted + 6} +{new},{added + 6} @@\n")
            hunks.append(" c\n" * 3 + "-d\n" * deleted + "+a\n" * added + " c\n" * 3)
            old, new = old + deleted + 6, new + added + 6
        parts.append(f"--- a/{path}\n+++ b/{path}\n" + "".join(hunks))
    return "".join(parts)


@st.composite
def findings(draw: st.DrawFn) -> list[FindingItem]:
    """Any findings, on lines of the diff and elsewhere, some with the same id."""
    found = []
    for _ in range(draw(st.integers(0, 25))):
        line = draw(st.integers(1, 120))
        found.append(
            item(
                draw(st.integers(1, 40)),
                path=draw(st.sampled_from([*PATHS, "other.py", "b/\udcff.py"])),
                line=line,
                end_line=line + draw(st.integers(0, 9)),
                severity=draw(st.sampled_from(["high", "medium", "low"])),
                status=draw(st.sampled_from(["new", "new", "new", "known", "waived"])),
            )
        )
    return found


@st.composite
def standings(draw: st.DrawFn) -> Standing:
    """Anything that may stand on a forge already."""
    threads = [
        thread(
            number,
            *draw(st.lists(st.integers(1, 40), min_size=1, max_size=3, unique=True)),
            resolved=draw(st.booleans()),
            fixed=draw(st.booleans()),
        )
        for number in range(draw(st.integers(0, 8)))
    ]
    return Standing(HEAD, threads=tuple(threads))


PLACEMENTS = st.sampled_from(list(Placement))
LIMITS = st.builds(
    PostingLimits,
    comments=st.integers(0, 12),
    file_comments=st.integers(0, 4),
    least=st.sampled_from(["high", "medium", "low"]),
    fail_on=st.sampled_from(["high", "medium", "low", None]),
)


def is_shown(comment: Comment, hunks: list[ShownHunk], placement: Placement) -> bool:
    """Whether a forge would take the comment, all its lines in one hunk."""
    place = comment.place
    assert place.line is not None
    side = "LEFT" if place.side is Side.OLD else "RIGHT"
    first = place.start_line or place.line
    for hunk in hunks:
        if {first, place.line} <= hunk.side(side):
            assert place.end is not None
            if side == "RIGHT" and place.end.kind == "unchanged":
                assert placement is Placement.CONTEXT
                assert hunk.context[place.line] == place.end.old
            elif side == "RIGHT":
                assert place.line in hunk.added
            return first <= place.line
    return False


@settings(max_examples=EXAMPLES)
@given(diffs(), findings(), standings(), LIMITS, PLACEMENTS)
def test_no_comment_outside_its_hunk_none_twice_and_nothing_lost(
    diff: str, items: list[FindingItem], standing: Standing, limits: PostingLimits, placement: Placement
) -> None:
    report = review(*items)
    made = plan(report, standing, files=parse_patch(diff.encode()), limits=limits, placement=placement)
    shown = shown_lines(diff)
    for comment in made.comments:
        assert is_shown(comment, shown[comment.place.path], placement)
    for comment in comments(made):
        mark = read_findings(comment.body)
        assert mark is not None
        assert mark.fingerprints == comment.fingerprints
        assert len(comment.body) <= GITHUB.body
    told = Counter(name for comment in comments(made) for name in comment.fingerprints)
    told.update([*made.listed, *made.counted])
    kept = [one for one in standing.threads if one not in made.duplicates and not one.fixed]
    before = {name for one in kept for name in one.fingerprints}
    new = {one.id for one in report.findings if one.status == "new"}
    assert set(told) == new - before
    assert set(told.values()) <= {1}
    places = [(comment.place.path, comment.place.line) for comment in comments(made)]
    assert len(made.file_comments) <= limits.file_comments
    assert len(made.comments) <= limits.comments
    assert len({path for path, line in places if line is None}) == len(made.file_comments)


@settings(max_examples=EXAMPLES)
@given(diffs(), findings(), LIMITS)
def test_what_was_posted_is_not_planned_again(diff: str, items: list[FindingItem], limits: PostingLimits) -> None:
    report = review(*items)
    parsed = parse_patch(diff.encode())
    first = plan(report, files=parsed, limits=limits)
    threads = tuple(
        Thread(str(number), number, comment.fingerprints, comment.rules, comment.place.path)
        for number, comment in enumerate(comments(first))
    )
    again = plan(report, Standing(HEAD, threads=threads), files=parsed, limits=limits)
    told = {name for comment in comments(first) for name in comment.fingerprints}
    assert told.isdisjoint(name for comment in comments(again) for name in comment.fingerprints)
    assert not again.fixed
    assert not again.duplicates


@given(diffs())
def test_windows_are_the_lines_that_git_shows(diff: str) -> None:
    shown = shown_lines(diff)
    for file in parse_patch(diff.encode()):
        if file.path == "gone.py":
            continue
        content = b"x\n" * 500
        windows = windows_of(dataclasses.replace(file, content=content), Placement.CONTEXT)
        lines = {line for window in windows for line in range(window.start, window.end + 1)}
        assert lines == {line for hunk in shown[file.path] for line in hunk.side("RIGHT")}
        for hunk in shown[file.path]:
            for new, old in hunk.context.items():
                assert numbered(file.hunks, new).old == old


def test_findings_of_one_line_share_a_comment() -> None:
    made = plan(review(item(1, line=12), item(2, line=12, severity="medium")))
    assert [comment.fingerprints for comment in made.comments] == [(identity(1), identity(2))]


def test_a_draft_with_the_wanted_comments_is_shown_and_any_other_of_ours_is_not() -> None:
    report = review(item(1, line=12))
    good = Draft("d", HEAD, frozenset({identity(1)}))
    assert plan(report, Standing(HEAD, draft=good)).publish == good
    for bad in (Draft("d", NEXT, good.fingerprints), Draft("d", HEAD, frozenset()), Draft("d", HEAD, frozenset("x"))):
        made = plan(report, Standing(HEAD, draft=bad))
        assert (made.discard, made.publish, made.comments) == (bad, None, ())
    said = Standing(HEAD, threads=(thread(1, 1),), draft=good)
    assert plan(report, said).discard == good


def test_a_draft_of_a_person_is_left_alone_and_the_summary_tells_all() -> None:
    made = plan(review(item(1, line=12)), Standing(HEAD, draft=Draft("d", "", frozenset(), ours=False)))
    assert (made.publish, made.discard, made.comments, made.listed) == (None, None, (), (identity(1),))
    assert "unpublished review" in (made.summary or "")


def test_of_threads_that_tell_the_same_the_oldest_stays_and_an_answered_one_before_all() -> None:
    from reviewer.domain.comment import Remark

    report = review(item(1, line=12))
    made = plan(report, Standing(HEAD, threads=(thread(2, 1), thread(1, 1))))
    assert [one.comment_id for one in made.duplicates] == [2]
    answered = thread(3, 1, replies=(Remark("somebody", "why?"),))
    made = plan(report, Standing(HEAD, threads=(thread(2, 1), thread(1, 1), answered)))
    assert sorted(one.comment_id for one in made.duplicates) == [1, 2]


def test_an_open_thread_makes_way_for_one_that_tells_of_its_finding_and_another_and_a_closed_one_does_not() -> None:
    report = review(item(1, line=12), item(2, line=12))
    both = thread(2, 1, 2)
    assert plan(report, Standing(HEAD, threads=(thread(1, 1), both))).duplicates == (thread(1, 1),)
    assert plan(report, Standing(HEAD, threads=(thread(1, 1, resolved=True), both))).duplicates == ()


def test_silence_of_what_was_not_checked_closes_nothing() -> None:
    standing = Standing(HEAD, threads=(thread(1, 1),))
    assert [one.comment_id for one in plan(review(), standing).fixed] == [1]
    assert plan(review(status="failed"), standing).fixed == ()
    for path, closed in (("app/client.py", 0), ("the settings", 0), ("app/other.py", 1)):
        missing = Coverage(
            files_changed=2, files_reviewed=1, units_reviewed=1, not_checked=[NotChecked(path=path, reason="error")]
        )
        assert len(plan(review(status="partial", coverage=missing), standing).fixed) == closed


def test_another_review_of_the_same_head_closes_nothing() -> None:
    assert plan(review(), Standing(HEAD, threads=(thread(1, 1, head=HEAD[:12]),))).fixed == ()
    assert len(plan(review(), Standing(HEAD, threads=(thread(1, 1, head=NEXT[:12]),))).fixed) == 1


def test_a_suspicion_that_a_model_does_not_repeat_is_not_fixed() -> None:
    suspicion = thread(1, 1, rules=("suspected-waits-forever",))
    spoke = dataclasses.replace(review().coverage, units_explained=2)
    assert plan(review(coverage=spoke), Standing(HEAD, threads=(suspicion,))).fixed == ()
    changed = dataclasses.replace(suspicion, outdated=True)
    assert plan(review(coverage=spoke), Standing(HEAD, threads=(changed,))).fixed == (changed,)
    assert plan(review(), Standing(HEAD, threads=(changed,))).fixed == ()


def test_a_waived_thread_is_closed() -> None:
    waived = {identity(1): Waived(identity(1), "why", "somebody")}
    made = plan(review(item(1, line=12)), Standing(HEAD, threads=(thread(1, 1),)), waived=waived)
    assert [one.comment_id for one in made.settled] == [1]
    in_code = review(item(1, line=12, status="waived"))
    assert [one.comment_id for one in plan(in_code, Standing(HEAD, threads=(thread(1, 1),))).settled] == [1]


def test_open_threads_count_against_the_limit() -> None:
    standing = Standing(HEAD, threads=(thread(1, 8), thread(2, 9)))
    report = review(item(1, line=11, end_line=11), item(2, line=12), item(8, line=13), item(9, line=13))
    made = plan(report, standing, limits=PostingLimits(comments=3))
    assert len(made.comments) == 1
    assert len(made.listed) == 1


def test_a_clean_pull_request_gets_a_check_and_no_comment() -> None:
    made = plan(review())
    assert (made.summary, made.comments) == (None, ())
    assert made.check is not None
    assert made.check.conclusion == "success"


def test_a_renamed_file_is_commented_under_its_new_name() -> None:
    diff = DIFF.replace(
        "--- a/app/client.py", "similarity index 90%\nrename from old.py\nrename to app/client.py\n--- a/old.py"
    )
    (comment,) = plan(review(item(1, line=12)), files=parse_patch(diff.encode())).comments
    assert (comment.place.path, comment.place.old_path) == ("app/client.py", "old.py")


def test_a_finding_in_a_deleted_file_stands_on_the_old_side() -> None:
    diff = "--- a/x.py\n+++ /dev/null\n@@ -1,3 +0,0 @@\n-a\n-b\n-c\n"
    parsed: tuple[FileChange, ...] = parse_patch(diff.encode())
    (comment,) = plan(review(item(1, path="x.py", line=2, end_line=3)), files=parsed).comments
    assert (comment.place.side, comment.place.start_line, comment.place.line) == (Side.OLD, 2, 3)
