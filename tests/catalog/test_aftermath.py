"""What happened to findings, as outcomes."""

from __future__ import annotations

from dataclasses import replace

from reviewer.catalog.aftermath import fixed_since
from reviewer.domain.change import Change, ChangeKind, FileChange
from reviewer.domain.report import NotChecked, Report
from reviewer.domain.settings import Settings
from reviewer.review import review_change

OLD = """\
import requests


def price(sku):
    answer = requests.get(f"https://prices/{sku}")
    answer.raise_for_status()
    return answer.json()
"""
MENDED = OLD.replace('{sku}")', '{sku}", timeout=5)')
RULE = "no-timeout"


def review(text: str, path: str = "shop.py") -> Report:
    file = FileChange(path=path, kind=ChangeKind.ADDED, content=text.encode(), whole=True)
    return review_change(Change("shop", None, "1" * 40, (file,)), Settings())


def fixed_rules(old: str, new: str, after: Report | None = None) -> list[str]:
    aftermath = fixed_since(review(old), after or review(new), {"shop.py": old}, {"shop.py": new})
    return [outcome.rule for outcome in aftermath.fixed]


def test_a_finding_that_a_change_on_its_line_took_away_is_fixed() -> None:
    after = review(MENDED)
    aftermath = fixed_since(review(OLD), after, {"shop.py": OLD}, {"shop.py": MENDED})
    (outcome,) = [one for one in aftermath.fixed if one.rule == RULE]
    assert (outcome.verdict, outcome.repository, outcome.by, outcome.at) == (
        "fixed",
        "shop",
        "change",
        after.created_at,
    )


def test_a_finding_that_is_still_there_is_not() -> None:
    assert RULE not in fixed_rules(OLD, OLD.replace("price(sku)", "price(sku):  # soon\n    return 1\n\n\ndef x(sku)"))
    assert fixed_rules(OLD, OLD) == []


def test_a_finding_that_is_gone_while_its_lines_stayed_says_nothing() -> None:
    before, after = review(OLD), review(OLD)
    without = replace(after, findings=[])
    aftermath = fixed_since(before, without, {"shop.py": OLD}, {"shop.py": OLD})
    assert (aftermath.fixed, aftermath.unclear) == ((), len(before.findings))
    assert len(before.findings) > 0


def test_a_line_put_right_before_the_finding_is_a_change_on_it() -> None:
    guarded = OLD.replace("    answer = ", "    check(sku)\n    answer = ")
    assert RULE in fixed_rules(OLD, guarded, replace(review(guarded), findings=[]))
    elsewhere = OLD + "\n\nX = 1\n"
    assert fixed_rules(OLD, elsewhere, replace(review(elsewhere), findings=[])) == []


def test_a_function_that_was_renamed_with_its_slip_is_not_fixed() -> None:
    renamed = OLD.replace("def price", "def cost")
    assert RULE not in fixed_rules(OLD, renamed)


def test_a_file_that_was_not_reviewed_to_the_end_tells_nothing() -> None:
    after = review(MENDED)
    coverage = replace(after.coverage, not_checked=[NotChecked(path="shop.py", reason="took too long")])
    assert fixed_rules(OLD, MENDED, replace(after, coverage=coverage)) == []
    assert fixed_rules(OLD, MENDED, replace(after, answers=[])) == []


def test_what_was_known_or_waived_before_is_nobodys_merit() -> None:
    before = review(OLD)
    known = replace(before, findings=[replace(finding, status="known") for finding in before.findings])
    assert fixed_since(known, review(MENDED), {"shop.py": OLD}, {"shop.py": MENDED}).fixed == ()
