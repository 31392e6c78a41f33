"""Where data from outside keeps its doubt: annotations, functions of the same file, parts, defaults and text."""

from __future__ import annotations

import pytest

from reviewer.domain.fact import Usage
from tests.code.reading import all_facts, probe, uses


@pytest.mark.parametrize("annotation", ["dict", "dict[str, Any]", "Mapping[str, object]", "dict[str, Any] | None"])
def test_a_loosely_annotated_parameter_is_a_mapping_of_unchecked_contents(annotation: str) -> None:
    value = probe(f"from typing import Any, Mapping\ndef run(arguments: {annotation}):\n    probe(arguments)\n")
    assert (value.type, value.decoded, value.boundary) == ("dict", True, None)


def test_a_mapping_annotated_with_its_contents_is_not_doubted() -> None:
    assert not probe("def run(sizes: dict[str, int]):\n    probe(sizes)\n").decoded


def test_parts_of_a_doubted_parameter_keep_its_name_and_have_no_type() -> None:
    value = probe("def run(rows: list[dict]):\n    for row in rows:\n        probe(row['id'])\n")
    assert (value.type, value.decoded, value.parameter) == (None, True, "rows")


def test_a_function_that_hands_decoded_data_on_gives_decoded_data() -> None:
    value = probe(
        """\
        import json

        def load(path):
            with open(path) as file:
                data = json.load(file)
            return data

        def run(path):
            probe(load(path))
        """
    )
    assert (value.decoded, value.boundary, value.made_by) == (True, "file", ".load")


def test_a_function_that_checks_what_it_hands_on_gives_the_checked_type() -> None:
    value = probe(
        """\
        import json

        def load(text):
            data = json.loads(text)
            if not isinstance(data, dict):
                raise ValueError("no object")
            return data

        def run(text):
            probe(load(text))
        """
    )
    assert (value.type, value.decoded) == ("dict", True)


def test_what_had_to_be_tested_for_being_a_mapping_holds_unchecked_fields() -> None:
    value = probe("def run(reply):\n    if isinstance(reply, dict):\n        probe(reply)\n")
    assert (value.type, value.decoded) == ("dict", True)


@pytest.mark.parametrize(("default", "none"), [("", "may be missing"), (", ''", "may be there with null")])
def test_a_field_of_unknown_data_may_be_none_in_spite_of_a_default(default: str, none: str) -> None:
    value = probe(f"def run(read):\n    reply = read()\n    probe(reply.get('name'{default}))\n")
    assert value.none is not None
    assert value.none.endswith(none)


def test_or_replaces_null_but_leaves_the_type_open() -> None:
    value = probe("import json\ndef run(text):\n    probe(json.loads(text).get('globs') or [])\n")
    assert (value.none, value.type, value.decoded) == (None, None, True)


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [("", "bytes"), (", text=True", "str"), (", encoding='utf-8'", "str"), (", text=False", "bytes")],
)
def test_the_output_of_a_program_is_bytes_unless_text_is_asked_for(arguments: str, kind: str) -> None:
    value = probe(f"import subprocess\ndef run():\n    probe(subprocess.check_output(['ls']{arguments}))\n")
    assert (value.type, value.boundary) == (kind, "process output")


def test_only_text_has_split_so_its_parts_are_text() -> None:
    assert probe("def run(line):\n    probe(line.rest.split(',')[0])\n").type == "str"


def test_the_element_of_a_comprehension_reaches_the_join_that_takes_it() -> None:
    text = "def run(rows: list[dict]):\n    return ' '.join(row.get('text', '') for row in rows)\n"
    assert (2, "row.get('text', '')", "0") in uses(text, "argument")


def test_what_a_sorting_key_gives_is_compared_when_it_may_be_none() -> None:
    text = "def run(rows):\n    return sorted(rows, key=lambda row: row.get('age'))\n"
    assert uses(text, "compare") == [(2, "row.get('age')", "key")]


def test_each_value_of_a_condition_is_told_as_tested() -> None:
    text = "def run(name, action):\n    if not name or action is None:\n        return\n"
    assert {*uses(text, "test")} == {(2, "name", "truthy"), (2, "action", "not-none")}


def test_a_predicate_that_came_out_false_leaves_its_own_guard() -> None:
    value = probe("def run(value):\n    if is_text(value):\n        return\n    probe(value)\n")
    assert {"passed:is_text", "failed:is_text"} <= value.guards


def test_default_none_of_an_unknown_search_is_what_it_may_give() -> None:
    assert probe("def run(self):\n    title = self.search('title', default=None)\n    probe(title)\n").none is not None


@pytest.mark.parametrize(
    ("arguments", "missing"), [("", True), (", capture_output=True", False), (", stdout=PIPE", False)]
)
def test_the_output_of_a_program_is_none_only_when_nobody_captured_it(arguments: str, missing: bool) -> None:
    text = f"import subprocess\ndef run():\n    done = subprocess.run(['ls']{arguments})\n    probe(done.stdout)\n"
    assert (probe(text).none is not None) is missing


def test_a_key_that_was_read_on_every_way_here_is_marked() -> None:
    text = """
        def f(d, u):
            try:
                a = d["a"]
            except KeyError:
                return
            if u:
                d["b"]
            probe(d)
        """
    assert probe(text).guards == {"read:'a'"}


def test_what_a_comprehension_goes_through_is_used_where_it_is_written() -> None:
    text = "import json\ndef run(file):\n    rows = json.load(file)\n    return [\n        row\n        for row in rows\n    ]\n"
    (use,) = [use for use in all_facts(text, Usage) if use.operation == "iterate"]
    assert (use.span.line, use.span.column) == (6, 20)
