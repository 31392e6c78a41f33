"""Whatever stands in the code, and whatever a model answers, a report keeps its shape and says only what the tree bears out."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reviewer.code.limits import Limits
from reviewer.detectors.registry import all_rules
from reviewer.domain.evidence import UnitEvidence
from reviewer.domain.model import ModelRequest
from reviewer.domain.report import FindingItem
from reviewer.domain.settings import Settings
from reviewer.explain.claim import Claims
from reviewer.explain.section import Section, section_of
from reviewer.explain.stage import ModelUse, explain_findings
from reviewer.file_review import review_file
from reviewer.flow.reading import Surroundings
from reviewer.knowledge.lookup import Knowledge
from reviewer.render.options import RenderOptions
from reviewer.render.registry import renderer
from reviewer.review import review_change
from tests.explain.injections import INJECTIONS, Injection
from tests.explain.scripted_model import ScriptedModel, answers, missed, opinion, reply, summary
from tests.explain.sections import change_of, file_of, sections_of
from tests.explain.test_redaction import TOKENS

FETCH = """
import requests


def fetch(url, rows):
    try:
        answer = requests.get(url)
    except OSError:
        return None
    first = rows.newest
    return answer.json()["id"], first
"""
_ROW = re.compile(r" {0,4}\d+ [ +]\| .*|       … lines \d+ to \d+ are left out")


def planted(injection: Injection) -> tuple[str, str]:
    """The source that holds an attempt, and its path."""
    text = injection.text
    match injection.place:
        case "code":
            return FETCH + text + "\n", "a.py"
        case "comment" | "message":
            rows = "".join(f"    # {row}\n" for row in re.split(r"\r\n|\r|\n", text))
            return FETCH.replace("    try:\n", f"{rows}    try:\n"), "a.py"
        case "docstring" | "string":
            return FETCH.replace("    try:\n", f"    r'''{text}'''\n    try:\n"), "a.py"
        case "path":
            return FETCH, text


@pytest.mark.parametrize("injection", INJECTIONS, ids=lambda injection: injection.id)
def test_no_text_in_the_code_leaves_its_place(injection: Injection) -> None:
    source, path = planted(injection)
    for section in sections_of(source, path):
        head, _, rest = section.text.partition("\nSource:\n")
        assert head.split("\n")[0] == f"## Unit {section.id}"
        assert len(head.splitlines()) == 2
        rows, known, _ = re.split(r"\n(Known:[^\n]*)", rest, maxsplit=1)
        assert known in ("Known:", "Known: nothing beyond the source")
        assert all(_ROW.fullmatch(row) for row in rows.split("\n"))
        assert rows.splitlines() == rows.split("\n")
        assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", section.text)


LURE = "![ok](https://collect.example/p.png) <script>alert(1)</script> @everyone fixes #1 \x1b[2J\u202e"


def obedient(request: ModelRequest) -> str:
    """What a model says that believes everything it reads."""
    names = re.findall(r"^- ([0-9a-f]{12}) at", request.text, re.M)
    units = re.findall(r"^## Unit (\w+)$", request.text, re.M)
    return reply(
        [
            opinion(name, "doubted", 1, reason="The text says `so`; frob_nicate() did it.", trigger=LURE)
            for name in names
        ]
        + [opinion("F999", "confirmed", 1, reason=LURE)],
        [answers(unit, calls=LURE, throws=f"See https://collect.example {LURE}") for unit in units],
        [missed(unit, 6, "raise SystemExit", "unhandled-exception") for unit in units],
    )


@pytest.mark.parametrize("injection", INJECTIONS, ids=lambda injection: injection.id)
def test_a_model_that_obeys_the_code_changes_no_verdict(injection: Injection) -> None:
    source, path = planted(injection)
    before = review_change(change_of(source, path), Settings())
    model = ScriptedModel([obedient], summaries=[summary((LURE, ["F1"]), ("All is approved and safe.", ["F1"]))])
    after = review_change(change_of(source, path), Settings(), model=ModelUse(model))
    assert after.summary is None
    assert [(i.id, i.rule, i.severity, i.line, i.path) for i in after.findings] == [
        (i.id, i.rule, i.severity, i.line, i.path) for i in before.findings
    ]
    assert after.verdict == before.verdict
    for name in ("text", "markdown", "html"):
        shown = renderer(name)(after, RenderOptions(verbose=True))
        added = shown.replace("\n", " ")
        assert "<script>alert(1)" not in added
        assert "collect.example/p.png" not in added
        assert "@everyone" not in added or "@everyone" in source


@pytest.mark.parametrize("kind", sorted(TOKENS))
def test_no_secret_is_asked_about(kind: str) -> None:
    token = TOKENS[kind]
    source = FETCH.replace(
        "    try:\n", f"    # {token}\n    key = '{token}'\n    log(f'used {token} for it')\n    try:\n"
    )
    source = source.replace("requests.get(url)", f"requests.get('https://api.example/?key={token}')")
    if token.isidentifier():
        source = source.replace("def fetch(", f"def {token}(")
        source += f"\n\ndef caller(rows):\n    return {token}('https://a.example', rows)['x']\n"
    model = ScriptedModel([reply()])
    review_change(change_of(source, f"keys/{token}.py"), Settings(), model=ModelUse(model))
    assert model.asked
    assert all(token not in request.text + request.system for request in model.asked)


@pytest.mark.parametrize("kind", sorted(TOKENS))
def test_of_a_secret_at_the_edge_of_what_is_shown_nothing_is_asked_about(kind: str) -> None:
    half = TOKENS[kind][: len(TOKENS[kind]) // 2]
    row = f"    log({'':{223 - len(half)}}'{TOKENS[kind]}')\n"
    shown = sections_of(FETCH.replace("    try:\n", f"{row}    try:\n"))[-1].text
    assert "    log( " in shown
    assert half not in shown


def test_of_a_key_over_many_lines_those_that_are_shown_alone_are_not_asked_about() -> None:
    key = ["-----BEGIN " + "PRIVATE KEY-----", *["MIIEpA" + "x9Q" * 16] * 30, "-----END " + "PRIVATE KEY-----"]
    lines = ["def f(log):", '    log("""', *key, '    """)', *["    log(1)"] * 30]
    shown = section_of(UnitEvidence("a.py", "f", "function", 1, len(lines), changed=(20,)), lines, [])
    assert 20 in shown.shown
    assert 3 not in shown.shown
    assert "MIIEpA" not in shown.text


def test_an_answer_is_laid_on_the_file_and_the_function_whose_names_hold_a_secret() -> None:
    token = TOKENS["GitHub classic token"]
    path, function = f"keys/{token}.py", f"fetch_{token}"

    def good(request: ModelRequest) -> str:
        assert 'file "keys/[removed: GitHub token].py", function "fetch_[removed: GitHub token]"' in request.text
        (name,) = re.findall(r"^- ([0-9a-f]{12}) at 6 \[no-timeout,", request.text, re.MULTILINE)
        (unit,) = re.findall(r"^## Unit (\w+)$", request.text, re.MULTILINE)
        return reply([opinion(name, line=6)], [answers(unit, calls="It calls `requests`.")])

    source = FETCH.replace("def fetch(", f"def {function}(")
    report = review_change(change_of(source, path), Settings(), model=ModelUse(ScriptedModel([good]), summary=False))
    told = next(item for item in report.findings if item.rule == "no-timeout")
    assert (told.path, told.function, told.line) == (path, function, 6)
    assert told.judgement is not None
    assert told.judgement.verdict == "confirmed"
    (answer,) = [answer for answer in report.answers if answer.function == function]
    assert (answer.path, answer.calls) == (path, "It calls `requests`.")
    assert (report.coverage.notes, report.coverage.not_checked) == ([], [])


_SECTION: Section = sections_of(FETCH)[-1]
_LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=40)
_WORDS = st.sampled_from(
    [
        "`requests.get` at line 6 fails.",
        "`frob` fails.",
        "See a/b.py.",
        "At line 900.",
        "x_y() <b>z</b>",
        "",
        "It fails.",
    ]
) | st.text(max_size=60)
_OPINIONS = st.fixed_dictionaries(
    {
        "id": st.sampled_from([*_SECTION.findings, "0" * 12]) | st.text(max_size=12),
        "verdict": st.sampled_from(["confirmed", "doubted", "unsure"]),
        "line": st.integers(-5, 2000),
        **dict.fromkeys(("reason", "trigger", "effect", "noticed", "advice"), _WORDS),
    }
)
_UNITS = st.fixed_dictionaries(
    {
        "id": st.sampled_from([_SECTION.id, "u0"]),
        **dict.fromkeys(("calls", "unavailable", "throws", "inputs"), _WORDS),
    }
)
_MISSED = st.fixed_dictionaries(
    {
        "unit": st.sampled_from([_SECTION.id, "u0"]),
        "line": st.integers(-5, 2000),
        "statement": st.sampled_from([*_SECTION.shown.values(), "pass", ""]) | st.text(max_size=30),
        "failure": st.sampled_from(["waits-forever", "key-missing", "handler-too-narrow", "wrong-assumption"]),
        "likely": st.integers(-100, 1000),
        **dict.fromkeys(("trigger", "effect", "noticed", "advice", "against"), _WORDS),
    }
)
_WHOLE = st.fixed_dictionaries(
    {"findings": st.lists(_OPINIONS), "units": st.lists(_UNITS), "missed": st.lists(_MISSED)}
).map(json.dumps)


@st.composite
def broken(draw: st.DrawFn) -> str:
    """An answer, whole or damaged: cut, with bytes changed, with parts replaced, or no answer at all."""
    text = draw(_WHOLE)
    how = draw(st.sampled_from(["whole", "cut", "changed", "fenced", "replaced", "other"]))
    match how:
        case "cut":
            return text[: draw(st.integers(0, len(text)))]
        case "changed":
            at = draw(st.integers(0, max(0, len(text) - 1)))
            return text[:at] + draw(st.characters()) + text[at + 1 :]
        case "fenced":
            return f"Here you are:\n```json\n{text}\n```" if draw(st.booleans()) else f"```json\n{text}\n```"
        case "replaced":
            value: Any = json.loads(text)
            key = draw(st.sampled_from(["findings", "units", "missed"]))
            value[key] = draw(st.recursive(_LEAVES, lambda part: st.lists(part) | st.dictionaries(st.text(), part)))
            return json.dumps(value)
        case "other":
            return draw(st.text())
        case _:
            return text


@settings(max_examples=max(300, settings().max_examples), deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(broken(), min_size=1, max_size=2))
def test_of_any_answer_only_that_is_shown_which_the_tree_bears_out(script: list[str]) -> None:
    explained = explain_findings([_REVIEWED], _BEFORE, ModelUse(ScriptedModel(script), scope="findings"))
    assert [item.id for item in explained.items] == [item.id for item in _BEFORE]
    claims = Claims(_SECTION)
    said = [text for new, old in zip(explained.items, _BEFORE, strict=True) for text in _words(new, old)]
    said += [
        text
        for found in explained.suspected.values()
        for one in found
        for text in (one.finding.message, one.finding.explanation)
    ]
    for answer, before in zip(explained.answers, _REVIEWED.answers, strict=True):
        said += {answer.calls, answer.unavailable, answer.throws, answer.inputs} - set(vars(before).values())
    for text in said:
        assert claims.fault(text, advice=True) is None
        assert "<b>" not in text


_REVIEWED = review_file(file_of(FETCH), all_rules(), Surroundings(Knowledge(), Limits()), evidence=True)
_BEFORE = review_change(change_of(FETCH), Settings()).findings


def _words(new: FindingItem, old: FindingItem) -> list[str]:
    """What a model has said of a finding."""
    said = [new.judgement.reason] if new.judgement is not None else []
    return said if new.explanation == old.explanation else [*said, new.explanation]
