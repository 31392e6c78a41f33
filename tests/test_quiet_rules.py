"""Rules and patterns that were wrong too often are told quietly, and the report says so."""

from __future__ import annotations

from reviewer.domain.catalog import Quiet
from reviewer.domain.change import Change, ChangeKind, FileChange
from reviewer.domain.finding import Severity
from reviewer.domain.report import FindingItem, Report
from reviewer.domain.settings import Settings
from reviewer.review import review_change

SOURCE = b"import requests\n\n\ndef get(url):\n    return requests.get(url)\n"
RULE = "no-timeout"
WHY = "in this repository 0 of 3 were right (the share lies between 0% and 47%)"
QUIET = Quiet(rules={RULE: WHY})


def review(settings: Settings | None = None, quiet: Quiet = QUIET) -> Report:
    file = FileChange(path="a.py", kind=ChangeKind.ADDED, content=SOURCE, whole=True)
    return review_change(Change(None, None, None, (file,)), settings or Settings(), quiet=quiet)


def found(report: Report) -> FindingItem:
    (one,) = [item for item in report.findings if item.rule == RULE]
    return one


def test_a_rule_that_is_wrong_too_often_is_low_and_still_told_with_the_ground() -> None:
    loud, quiet = found(review(quiet=Quiet())), found(review())
    assert loud.severity != "low"
    assert (quiet.severity, quiet.grounds, quiet.id) == ("low", [*loud.grounds, f"quiet: {WHY}"], loud.id)


def test_the_report_says_which_rule_is_quiet_and_how_to_undo_it() -> None:
    assert review().coverage.notes == [
        f"{RULE} is told quietly: {WHY}; to undo that, name it in rules-pinned in the settings"
    ]
    assert review(quiet=Quiet(rules={"no-such-finding": WHY})).coverage.notes == []


def test_a_pinned_rule_stays_as_loud_as_it_is() -> None:
    report = review(Settings(rules_pinned=frozenset({RULE})))
    assert found(report) == found(review(quiet=Quiet()))
    assert report.coverage.notes == []


def test_the_severity_that_a_project_has_set_wins() -> None:
    report = review(Settings(severities={RULE: Severity.HIGH}))
    assert (found(report).severity, report.coverage.notes) == ("high", [])
