"""The terminal shows each finding at its code, within the width, and never anything hostile."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.domain.report import NOTHING, Coverage, NotChecked
from reviewer.render.options import RenderOptions
from reviewer.render.summary import is_test
from reviewer.render.text import render_answers, render_text
from tests.render.report_sample import HOSTILE, answer, everything, finding, partial, report

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def shown(**options: int | bool | str) -> list[str]:
    return render_text(everything(), RenderOptions(**options)).split("\n")  # type: ignore[arg-type]


def test_a_finding_stands_under_its_code_line_with_the_place_underlined() -> None:
    text = render_text(report(), RenderOptions(width=80))
    assert (
        "\n\napp/client.py\n"
        "\n"
        "  12 │ response = requests.get(url, headers=HEADERS)  # fetch\n"
        "     │            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^\n"
        "  HIGH requests.get waits for ever when the HTTP server does not answer\n"
        "  no-timeout · in fetch_user\n"
        "  A server that accepts the connection and never answers holds this thread until\n"
    ) in text
    assert "\n  - line 12: no timeout is given, and the library sets none\n" in text
    assert "\n  - app/views.py:40: the route calls it and holds a worker meanwhile\n" in text


def test_findings_of_one_line_stand_under_its_code_shown_once_with_each_place_underlined() -> None:
    line = "x = load(url)[key].name"
    items = [
        finding(code=line, column=5, message="first"),
        finding(code=line, column=5, end_line=13, message="second", explanation="Other."),
        finding(code=line, column=15, message="third", severity="low", evidence=[]),
    ]
    text = render_text(report(findings=items), RenderOptions(width=80, show_quiet=True))
    assert (
        "  12 │ x = load(url)[key].name\n     │     ^^^^^^^^^^^^^^^^^^^\n     │               ^^^\n  HIGH first\n"
    ) in text
    assert text.count(line) == 1
    assert re.findall(r"(HIGH|LOW) (\w+)\n", text) == [("HIGH", "first"), ("HIGH", "second"), ("LOW", "third")]
    assert text.count("- line 12: no timeout is given, and the library sets none") == 1


def test_places_that_a_long_line_parts_are_each_shown() -> None:
    line = "first(1) + " + "a + " * 80 + "last(2)"
    items = [finding(code=line, column=1), finding(code=line, column=len(line) - 6)]
    text = render_text(report(findings=items), RenderOptions(width=80))
    assert "  12 │ first(1) + a" in text
    assert "a + last(2)\n" in text


def test_an_explanation_does_not_repeat_the_message() -> None:
    item = finding(
        message="key may be None (the variable is not set) and is used",
        explanation="When this happens key is None: the variable is not set. Then it raises TypeError. The key is set.",
    )
    assert "\n  Then it raises TypeError.\n" in render_text(report(findings=[item]), RenderOptions())


@pytest.mark.parametrize("sentence", ["The key is not used.", "Is key 1 used?", "key may be `None`, never set."])
def test_a_sentence_with_any_word_of_its_own_stays(sentence: str) -> None:
    text = render_text(
        report(findings=[finding(message="key may be None and is used", explanation=sentence)]), RenderOptions()
    )
    assert f"\n  {sentence}\n" in text


def test_the_four_questions_are_answered_for_each_unit() -> None:
    text = render_text(report(), RenderOptions(width=80))
    assert (
        "fetch_user  app/client.py:10\n"
        "  What it calls    requests.get (HTTP server), redis.Redis.set (Redis)\n"
        "  If that is slow  requests.get waits for ever;\n"
        "                   nobody retries. redis.Redis.set waits at most 5 s.\n"
    ) in text


def test_each_thing_of_an_answer_stands_on_a_line_of_its_own_and_later_lines_are_indented() -> None:
    throws = "ValueError (line 3; when the text is " + "long " * 12 + "enough); KeyError (line 4)"
    text = render_text(report(answers=[answer(throws=throws)]), RenderOptions(width=80))
    start = text.index("  Where it throws")
    assert text[start:].split("\n")[:3] == [
        "  Where it throws  ValueError (line 3; when the text is long long long long",
        "                     long long long long long long long long enough);",
        "                   KeyError (line 4)",
    ]


def test_the_questions_come_first_the_findings_after_them_and_the_verdict_last() -> None:
    text = render_text(partial(), RenderOptions())
    places = [text.index(part) for part in ("The four questions", "fetch_user  app", "  12 │", "NOT CHECKED", "Block")]
    assert places == sorted(places)
    assert text.startswith("The four questions\n")
    assert "\n\n\n" not in text
    assert text.split("\n\n")[-1].startswith("Block")


def test_the_questions_can_be_left_out() -> None:
    text = render_text(report(), RenderOptions(questions=False))
    assert text.startswith("app/client.py\n")


def test_units_of_which_there_is_nothing_to_tell_are_counted_and_named_when_verbose() -> None:
    dull = answer(function="dull", line=3, **NOTHING)
    text = render_text(report(answers=[answer(), dull]), RenderOptions())
    assert "\nNot shown: 1 unit with nothing to tell. --verbose shows them all.\n" in text
    assert NOTHING["calls"] not in text
    assert "\nNothing to tell of dull (app/client.py:3).\n" in render_text(
        report(answers=[answer(), dull]), RenderOptions(verbose=True)
    )
    assert NOTHING["calls"] in render_answers([dull], RenderOptions())


def test_units_of_tests_are_counted_and_come_last_when_verbose() -> None:
    answers = [answer(path="tests/a.py", function="first"), answer(), answer(path="x/test_b.py", function="last")]
    text = render_text(report(answers=answers), RenderOptions())
    assert "\nNot shown: 2 units of tests. --verbose shows them all.\n" in text
    assert "tests/a.py" not in text
    text = render_text(report(answers=answers), RenderOptions(verbose=True))
    assert re.findall(r"^(\w+)  \S+:10$", text, re.MULTILINE) == ["fetch_user", "first", "last"]


@pytest.mark.parametrize(
    ("path", "test"),
    [
        ("tests/deep/data.py", True),
        ("app/test_client.py", True),
        ("app/client_test.py", True),
        ("conftest.py", True),
        ("app/testimony.py", False),
        ("app/latest.py", False),
    ],
)
def test_files_of_tests_are_known_by_their_names(path: str, test: bool) -> None:
    assert is_test(path) is test


def test_questions_without_an_answer_are_left_out_but_for_a_unit_that_was_asked_for() -> None:
    one = answer(calls=NOTHING["calls"], unavailable=NOTHING["unavailable"], throws="KeyError (line 4).", inputs="")
    text = render_text(report(answers=[one]), RenderOptions())
    assert "\nfetch_user  app/client.py:10\n  Where it throws  KeyError (line 4).\n\n" in text
    assert NOTHING["calls"] in render_answers([one], RenderOptions())


def test_calls_that_could_not_be_resolved_alone_are_nothing_to_tell() -> None:
    unknown = answer(**{**NOTHING, "throws": f"{NOTHING['throws']} What 2 unresolved calls raise is not known."})
    assert "\nNot shown: 1 unit with nothing to tell." in render_text(report(answers=[unknown]), RenderOptions())


def test_of_many_units_those_with_findings_and_calls_are_shown_and_the_rest_is_counted() -> None:
    many = [answer(function=f"f{number}", calls=NOTHING["calls"]) for number in range(30)]
    calling = [answer(function=f"g{number}") for number in range(19)]
    answers = [*many, *calling, answer(function="fetch_user")]
    text = render_text(report(answers=answers), RenderOptions())
    assert re.findall(r"^(\w+)  app/client\.py:10$", text, re.MULTILINE) == [item.function for item in answers[30:]]
    assert "\nNot shown: 30 more units. --verbose shows them all.\n" in text
    assert "f29  app/client.py:10" in render_text(report(answers=answers), RenderOptions(verbose=True))


def test_the_last_line_is_the_verdict_with_its_counts() -> None:
    text = render_text(report(), RenderOptions(width=100))
    assert text.endswith("\nBlock: 1 high in 2 files, 3 units, 2 external calls.\n")


def test_a_partial_review_never_sounds_like_success() -> None:
    text = render_text(partial(findings=[], verdict="pass"), RenderOptions(width=200))
    assert "NOT CHECKED\n  app/broken.py: line 7 is no Python: unexpected indent\n" in text
    last = text.rstrip("\n").split("\n\n")[-1]
    assert last.startswith("Not complete: nothing found so far in 2 of 3 files")
    assert "Pass" not in text


def test_quiet_findings_are_counted_and_shown_when_asked_for() -> None:
    quiet = report(findings=[finding(severity="low", message="quiet one")], verdict="pass")
    text = render_text(quiet, RenderOptions())
    assert "quiet one" not in text
    assert "Pass: 1 low (not shown) in 2 files" in text
    assert "--show-quiet" in text
    assert "LOW quiet one" in render_text(quiet, RenderOptions(show_quiet=True))


def test_options_are_named_only_where_they_can_be_given() -> None:
    many = report(findings=[finding(severity="low"), *(finding(id=f"{n:020}") for n in range(9))], verdict="warn")
    assert "--" not in render_text(many, RenderOptions(findings_shown=2, advise=False))


def test_files_without_anything_to_review_are_told_apart() -> None:
    skipped = [NotChecked(path=f"{name}.md", reason="not Python") for name in "abc"]
    coverage = Coverage(files_changed=5, files_reviewed=2, units_reviewed=3, not_checked=[], files_skipped=skipped)
    text = render_text(report(coverage=coverage), RenderOptions())
    assert text.endswith("1 high in 2 files, 3 units, 2 external calls; 3 others have nothing to review.\n")


@pytest.mark.parametrize(("skipped", "said"), [(0, "no file to review"), (2, "nothing to review in 2 changed files")])
def test_a_change_without_anything_to_review_says_so(skipped: int, said: str) -> None:
    files = [NotChecked(path="a.md", reason="not Python")] * skipped
    coverage = Coverage(files_changed=skipped, files_reviewed=0, units_reviewed=0, not_checked=[], files_skipped=files)
    nothing = report(coverage=coverage, findings=[], calls=[], answers=[], verdict="pass")
    assert render_text(nothing, RenderOptions()) == f"Pass: {said}.\n"


def test_a_quiet_finding_that_blocks_is_shown() -> None:
    text = render_text(report(findings=[finding(severity="low", message="quiet one")]), RenderOptions())
    assert "LOW quiet one" in text


def test_accepted_findings_are_counted_and_listed_with_their_reason_when_verbose() -> None:
    assert not any("the proxy cuts it" in line for line in shown())
    text = "\n".join(shown(verbose=True, width=120))
    assert "because: the proxy cuts it until 2027-01-31 (app/client.py:60)" in text
    assert "besides 1 known and 1 waived" in text


def test_findings_beyond_the_limit_are_counted() -> None:
    many = report(findings=[finding(id=f"{number:020}", line=number + 1) for number in range(5)])
    text = render_text(many, RenderOptions(findings_shown=2))
    assert "3 more findings not shown here" in text
    assert "5 high" in text


@pytest.mark.parametrize("width", [80, 120])
def test_no_line_of_prose_or_code_is_wider_than_the_terminal(width: int) -> None:
    wide = report(
        findings=[
            finding(code="    x = " + "a" * 300 + "(requests.get(url))", column=310),
            finding(code="x = call('" + "日本" * 80 + "')", column=5, message="word " * 60, explanation="y" * 500),
        ],
        answers=[answer(throws="exception " * 40)],
    )
    for line in render_text(wide, RenderOptions(width=width)).split("\n"):
        assert _cells(line) <= width, line


def test_the_underlined_part_of_a_long_line_stays_in_sight() -> None:
    item = finding(code="    x = " + "a + " * 80 + "requests.get(url)", column=329)
    code, under = render_text(report(findings=[item]), RenderOptions(width=80, questions=False)).split("\n")[2:4]
    at = under.index("^")
    assert code[at:].startswith("requests.get(url)")
    assert under[at:] == "^" * len("requests.get(url)")


def test_without_colour_there_is_no_escape_and_with_colour_the_text_is_the_same() -> None:
    plain, coloured = "\n".join(shown(width=80)), "\n".join(shown(width=80, colour=True))
    assert "\x1b" not in plain
    assert "\x1b[" in coloured
    assert [line.rstrip() for line in _COLOUR.sub("", coloured).split("\n")] == plain.split("\n")


def test_an_ascii_stream_gets_ascii() -> None:
    text = "\n".join(shown(encoding="ascii", verbose=True))
    assert text.isascii()
    assert "  12 | response" in text


def test_markup_in_code_is_shown_and_not_interpreted() -> None:
    item = finding(code="x = '[bold red]hi[/]' + call(':smile:')", column=1, message="[blink]m[/blink]")
    text = render_text(report(findings=[item]), RenderOptions(colour=True))
    assert "[bold red]hi[/]" in _COLOUR.sub("", text)
    assert "[blink]m[/blink]" in _COLOUR.sub("", text)
    assert ":smile:" in _COLOUR.sub("", text)


@given(st.text(st.characters() | st.sampled_from(HOSTILE)), st.integers(-1, 50), st.integers(20, 130))
def test_no_text_of_the_repository_can_reach_the_terminal_unescaped(text: str, column: int, width: int) -> None:
    item = finding(path=text, function=text, message=text, code=text, explanation=text, column=column, rule=text)
    output = render_text(
        report(findings=[item], answers=[answer(function=text, throws=text)]), RenderOptions(width=width, colour=True)
    )
    rest = _COLOUR.sub("", output)
    assert all(line.isprintable() for line in rest.split("\n"))
    output.encode()


def _cells(line: str) -> int:
    from rich.cells import cell_len

    return cell_len(line)
