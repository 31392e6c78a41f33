"""A loud finding names the other places of its slip, in and beside the change, and stays the same finding."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest

from reviewer.acceptance.fingerprint import fingerprint_all
from reviewer.detectors.registry import all_rules
from reviewer.detectors.rule import Rule, View
from reviewer.detectors.siblings import MOST_ASKED, MOST_NAMED, carry_siblings, slip_of
from reviewer.domain.change import Change, ChangeKind, FileChange, Hunk
from reviewer.domain.finding import Confidence, Finding, Question, Severity
from reviewer.domain.report import FindingItem, Report
from reviewer.domain.reviewed import Reviewed
from reviewer.domain.settings import Settings
from reviewer.file_review import review_file
from reviewer.flow.reading import Surroundings
from reviewer.knowledge.lookup import Knowledge
from reviewer.review import review_change

HEAD = "import requests\n"
GET = "def {name}(url):\n    return requests.get(url)\n"
"""After the head, the call of the n-th of these stands on line 2 n + 1."""


@pytest.fixture(scope="module")
def knowledge() -> Knowledge:
    return Knowledge()


def changed(text: str, *lines: int, path: str = "shop/orders.py") -> FileChange:
    """A file in which these lines are new."""
    rows = text.split("\n")
    hunks = tuple(Hunk(line, line, (), (rows[line - 1],)) for line in lines)
    return FileChange(path, ChangeKind.MODIFIED, content=text.encode(), hunks=hunks)


def whole(text: str, path: str = "shop/orders.py") -> FileChange:
    return FileChange(path, ChangeKind.ADDED, content=text.encode(), whole=True)


def reviewed(knowledge: Knowledge, file: FileChange, *rules: str) -> Reviewed:
    chosen = [rule for rule in all_rules() if rule.id in (rules or ("no-timeout",))]
    result = review_file(file, chosen, Surroundings(knowledge))
    assert result.failures == ()
    return result


def siblings(findings: Sequence[Finding] | Sequence[FindingItem]) -> list[tuple[int, list[str]]]:
    """Line of each finding, with the places that its evidence calls the same."""
    return [
        (finding.line, [f"{at.line} {at.note}" for at in finding.evidence if at.note.startswith("the same")])
        for finding in findings
    ]


def told(knowledge: Knowledge, file: FileChange, *rules: str) -> list[tuple[int, list[str]]]:
    return siblings(list(reviewed(knowledge, file, *rules).findings.values()))


def test_the_same_call_in_a_function_that_did_not_change_is_evidence(knowledge: Knowledge) -> None:
    text = HEAD + GET.format(name="one") + GET.format(name="two") + GET.format(name="three")
    file = changed(text, 5)
    assert told(knowledge, file) == [(5, ["3 the same in one", "7 the same in three"])]
    (finding,) = reviewed(knowledge, file).findings.values()
    assert finding.explanation.endswith(" The same problem occurs in 2 more places outside this change.")


def test_the_same_call_on_an_unchanged_line_of_the_changed_function_is_evidence(knowledge: Knowledge) -> None:
    text = HEAD + "def one(url):\n    first = requests.get(url)\n    return first, requests.get(url)\n"
    assert told(knowledge, changed(text, 4)) == [(4, ["3 the same in one"])]
    (finding,) = reviewed(knowledge, changed(text, 4)).findings.values()
    assert finding.explanation.endswith(" The same problem occurs in one more place outside this change.")


def test_another_callee_and_a_guarded_call_are_no_siblings(knowledge: Knowledge) -> None:
    text = (
        HEAD
        + GET.format(name="one")
        + "def two(url):\n    return requests.post(url)\n"
        + "def three(url):\n    return requests.get(url, timeout=3)\n"
        + "def four(session, url):\n    return session.requests.get(url)\n"
    )
    assert told(knowledge, changed(text, 3)) == [(3, [])]


def test_what_is_said_of_self_holds_in_its_class_alone(knowledge: Knowledge) -> None:
    body = (
        "    def __init__(self, command):\n        self.child = subprocess.Popen(command)\n"
        "    def read(self):\n        return self.child.stdout.read()\n"
        "    def again(self):\n        return self.child.stdout.read()\n"
    )
    text = f"import subprocess\nclass A:\n{body}class B:\n{body}"
    assert told(knowledge, changed(text, 6), "may-be-none") == [(6, ["8 the same in A.again"])]


def test_a_quiet_finding_is_not_followed(knowledge: Knowledge) -> None:
    text = HEAD + GET.format(name="one") + GET.format(name="two")
    assert told(knowledge, changed(text, 5, path="tests/test_orders.py")) == [(5, [])]


def test_a_site_that_the_change_does_not_touch_is_no_finding(knowledge: Knowledge) -> None:
    text = HEAD + GET.format(name="one") + GET.format(name="two")
    assert [finding.line for finding in reviewed(knowledge, changed(text, 3)).findings.values()] == [3]
    assert [finding.line for finding in reviewed(knowledge, changed(text, 1)).findings.values()] == []


def test_siblings_leave_the_fingerprint_as_it_is(knowledge: Knowledge) -> None:
    alone = reviewed(knowledge, changed(HEAD + GET.format(name="one"), 3))
    among = reviewed(knowledge, changed(HEAD + GET.format(name="one") + GET.format(name="two"), 3))
    assert list(alone.findings) == list(among.findings)
    assert list(among.findings) == list(fingerprint_all(list(among.findings.values())))
    assert list(alone.findings.values()) != list(among.findings.values())


def test_some_are_named_and_the_rest_is_counted_and_only_so_many_are_looked_at(knowledge: Knowledge) -> None:
    text = HEAD + "".join(GET.format(name=f"f{number}") for number in range(20))
    (finding,) = reviewed(knowledge, changed(text, 3)).findings.values()
    assert [at.line for at in finding.evidence] == [5, 7, 9, 11, 13][:MOST_NAMED]
    assert f"in {MOST_ASKED} more places" in finding.explanation


def test_functions_of_the_same_class_come_first(knowledge: Knowledge) -> None:
    others = "".join(GET.format(name=f"f{number}") for number in range(20))
    method = "    def {name}(self, url):\n        return requests.get(url)\n"
    text = HEAD + "class A:\n" + method.format(name="far") + "    pass\n" * 40 + method.format(name="last") + others
    (finding,) = reviewed(knowledge, changed(text, 46)).findings.values()
    assert "the same in A.far" in [at.note for at in finding.evidence]


def test_a_function_beyond_the_budget_is_not_claimed(knowledge: Knowledge) -> None:
    long = "def long(url):\n" + "    pass\n" * 700 + "    return requests.get(url)\n"
    text = HEAD + GET.format(name="one") + long + GET.format(name="two")
    assert told(knowledge, changed(text, 3)) == [(3, [f"{3 + 702 + 2} the same in two"])]


def test_a_rule_that_fails_on_a_sibling_costs_nothing_else(knowledge: Knowledge) -> None:
    rule = next(rule for rule in all_rules() if rule.id == "no-timeout")

    def check(view: View, self: Rule) -> Iterator[Finding]:
        if view.unit.name == "two":
            raise RecursionError("deep")
        yield from rule.check(view, self)

    text = HEAD + GET.format(name="one") + GET.format(name="two") + GET.format(name="three")
    result = review_file(changed(text, 3), (replace(rule, check=check),), Surroundings(knowledge))
    assert siblings(list(result.findings.values())) == [(3, ["7 the same in three"])]
    assert result.failures == ()


def review(*files: FileChange, baseline: frozenset[str] = frozenset()) -> Report:
    off = frozenset(rule.id for rule in all_rules() if rule.id != "no-timeout")
    change = Change(files=files, repository=None, base=None, head=None)
    return review_change(change, replace(Settings(), rules_off=off), baseline=baseline)


def test_of_the_sites_in_one_change_the_first_is_loud_and_names_the_others() -> None:
    text = HEAD + GET.format(name="one") + GET.format(name="two") + GET.format(name="three")
    found = review(whole(text)).findings
    assert [(item.line, item.severity) for item in found] == [(3, "medium"), (5, "low"), (7, "low")]
    assert siblings(found) == [
        (3, ["5 the same in two", "7 the same in three"]),
        (5, ["3 the same problem occurs first in one"]),
        (7, ["3 the same problem occurs first in one"]),
    ]
    assert found[0].explanation.endswith(" The same problem occurs in 2 more places of this file.")


def test_repetitions_in_one_function_stay_as_they_are() -> None:
    text = HEAD + "def one(url):\n    first = requests.get(url)\n    print(first)\n    return requests.get(url, {})\n"
    assert [(item.line, item.severity) for item in review(whole(text)).findings] == [(3, "medium"), (5, "medium")]


def test_a_known_or_waived_site_does_not_quiet_a_new_one() -> None:
    text = HEAD + GET.format(name="one") + GET.format(name="two")
    first = review(whole(text)).findings[0].id
    found = review(whole(text), baseline=frozenset({first})).findings
    assert [(item.line, item.severity, item.status) for item in found] == [(3, "medium", "known"), (5, "medium", "new")]


def test_sites_in_other_files_of_the_review_stay_loud_and_the_first_names_them() -> None:
    text = HEAD + GET.format(name="one") + GET.format(name="two")
    found = review(whole(text, "a.py"), whole(text, "b.py"), whole(text, "c.py")).findings
    assert [(item.path, item.line) for item in found if item.severity == "medium"] == [
        ("a.py", 3),
        ("b.py", 3),
        ("c.py", 3),
    ]
    assert [(at.path, at.line) for at in found[0].evidence] == [("a.py", 5), ("b.py", 3), ("c.py", 3)]
    assert found[0].explanation.endswith(
        " The same problem occurs in one more place of this file and in 2 other files of this review."
    )
    assert [at.path for at in found[2].evidence] == ["b.py"]


def test_the_verdict_of_a_review_is_that_of_its_first_site() -> None:
    text = HEAD + GET.format(name="one") + GET.format(name="two")
    assert review(whole(text)).verdict == review(whole(HEAD + GET.format(name="one"))).verdict


def test_nothing_is_carried_where_nothing_is_found() -> None:
    assert carry_siblings([]) == []


def finding(message: str, function: str = "send", path: str = "a.py") -> Finding:
    return Finding(
        "rule", Question.THROWS, Severity.MEDIUM, Confidence.MEDIUM, path, 1, 1, 1, function, message, "code"
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (finding("get() may raise out of send"), finding("get() may raise out of load", "load"), True),
        (finding("get() may raise"), finding("put() may raise"), False),
        (finding("d['a'] fails (and 2 more in this statement)"), finding("d['a'] fails"), True),
        (finding("x.send() fails"), finding("x.load() fails", "load"), False),
        (finding("self.a may be None", "A.one"), finding("self.a may be None", "A.two"), True),
        (finding("self.a may be None", "A.one"), finding("self.a may be None", "B.one"), False),
        (finding("self.a may be None", "A.one"), finding("self.a may be None", "A.one", "b.py"), False),
        (finding("a may be None"), finding("a may be None", path="b.py"), True),
        (finding("a may be None"), replace(finding("a may be None"), exceptions=("KeyError",)), False),
        (finding("a may be None"), replace(finding("a may be None"), rule="other"), False),
    ],
)
def test_a_slip_is_the_same_where_one_rule_says_the_same_words(one: Finding, other: Finding, same: bool) -> None:
    assert (slip_of(one) == slip_of(other)) is same


def test_a_sibling_is_found_by_a_number_in_a_text_where_no_name_tells_it(knowledge: Knowledge) -> None:
    ask = (
        "def {name}(client):\n    try:\n        return client.get('/x')\n    except Exception as error:\n"
        "        if '404' in str(error):\n            return None\n        raise\n"
    )
    text = ask.format(name="one") + ask.format(name="two") + ask.format(name="three").replace("404", "400")
    assert told(knowledge, changed(text, 5), "status-in-message") == [(5, ["12 the same in two"])]
