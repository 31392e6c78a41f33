"""Code finds what its detectors find, what it shows and what its names speak of, with the lines that it was given in."""

from __future__ import annotations

from dataclasses import replace

import pytest

from reviewer.catalog.lookup.match import look_up, match
from reviewer.catalog.query.language import read_detector
from reviewer.detectors.registry import all_rules
from reviewer.domain.catalog import Wish
from reviewer.domain.pattern import State
from reviewer.errors import SourceError
from tests.catalog.lookup.shelf import INCIDENTS, index_of, matched, read, surroundings
from tests.catalog.members import PATTERN

NO_TIMEOUT = read_detector({"query": {"callee": "requests.get", "not": {"argument": "timeout"}}}, "sample")
FETCH = "def fetch(url):\n    return requests.get(url).text\n"


@pytest.mark.parametrize(
    ("code", "wanted"),
    [
        (FETCH, "hung"),
        ("body = await request.body()\nif len(body) > MAX_SIZE:\n    raise TooLarge\n", "memory"),
        ("PATTERN = re.compile(r'(a+)+$')\n", "regex"),
        ("with transaction.atomic():\n    order = Order.objects.create()\n    send.delay(order.id)\n", "queued"),
        ("    await conn.send(command)\n    reply = await conn.recv()\n", "reply"),
        ("for row in session.query(Row).all():\n    row.place = place(row)\n", "rows"),
    ],
)
def test_what_speaks_of_what_the_code_shows_comes_first(code: str, wanted: str) -> None:
    hits = matched(code)
    assert [hit.id for hit in hits][:1] == [wanted]
    assert hits[0].why.startswith("the code ")


@pytest.mark.parametrize(
    "code",
    [
        "",
        "x = 1\n",
        "class Colour(Enum):\n    RED = 'red'\n",
        "def area(width, height):\n    return width * height\n",
        "names = sorted(people, key=lambda person: person.name)\n",
        "print(f'{total:.2f} euros')\n",
    ],
)
def test_code_that_shows_nothing_finds_nothing(code: str) -> None:
    assert matched(code) == []


def test_a_detector_that_finds_the_code_comes_before_everything_else_and_says_where() -> None:
    pattern = replace(PATTERN, title="Sample", conditions="", detector=NO_TIMEOUT, incidents=())
    hits = matched(FETCH, pattern, *INCIDENTS)
    assert [hit.id for hit in hits][:2] == [pattern.id, "hung"]
    assert hits[0].why.startswith("its detector (active) finds line 2: ")


@pytest.mark.parametrize("state", [State.CANDIDATE, State.RETIRED])
def test_a_detector_that_is_not_run_finds_nothing(state: State) -> None:
    pattern = replace(
        PATTERN, title="Sample", conditions="", safe_form="", detector=NO_TIMEOUT, incidents=(), state=state
    )
    assert [hit.id for hit in matched(FETCH, pattern)] == []


def test_lines_are_those_of_the_given_code_whatever_was_put_before_it() -> None:
    (hit, *_) = matched("x = 1\nawait conn.send(command)\nreply = await conn.recv()\n")
    assert "awaits between sending a command and reading its answer (line 2)" in hit.why


def test_a_remark_in_the_code_speaks_too() -> None:
    code = "value = job.branch.name  # cancelled, unread answer of another customer is left over\n"
    assert [hit.id for hit in matched(code)][:1] == ["reply"]


def test_what_is_found_is_narrowed_to_what_is_wished_for() -> None:
    pattern = replace(PATTERN, detector=NO_TIMEOUT, incidents=())
    file = read(FETCH)
    assert [hit.id for hit in match(index_of(pattern), [file], Wish(libraries=("redis",)), 9)] == [pattern.id]
    assert match(index_of(pattern), [file], Wish(libraries=("kafka",)), 9) == []


def test_the_units_of_several_files_are_looked_up_together() -> None:
    files = [read(FETCH), read("PATTERN = re.compile(r'(a+)+$')\n")]
    assert {"hung", "regex"} <= {hit.id for hit in match(index_of(), files, Wish(), 9)}


def test_lines_cut_out_of_their_surroundings_are_read() -> None:
    code = "        else:\n            answer = requests.get(url)\n        return answer.text\n"
    assert [hit.id for hit in matched(code)][:1] == ["hung"]


@pytest.mark.parametrize(
    ("text", "wanted", "why"),
    [
        (FETCH, "hung", "the code meets the rule no-timeout"),
        ("partner call hung without a limit", "hung", "speaks of endless wait"),
    ],
)
def test_a_text_is_looked_up_as_what_it_is(text: str, wanted: str, why: str) -> None:
    hits = look_up(index_of(), text, Wish(), 9, rules=all_rules(), around=surroundings())
    assert hits[0].id == wanted
    assert hits[0].why.startswith(why)


def test_what_is_no_python_at_all_shows_nothing() -> None:
    try:
        assert matched("SELECT * FROM t WHERE (((;\n\0") == []
    except SourceError as error:
        assert str(error)
