from __future__ import annotations

from collections.abc import Mapping
from difflib import SequenceMatcher
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.catalog.replay.alignment import Hunk, align
from reviewer.catalog.replay.sites import Site, Spot, find_sites
from reviewer.domain.fix import FixedFile
from tests.catalog.replay.fixes import fix_of
from tests.git_builder import GitBuilder


def sites(builder: GitBuilder, before: str, after: str) -> Mapping[str, Site]:
    fix = fix_of(builder, {"shop.py": before}, {"shop.py": after})
    return {site.before.function: site for site in find_sites(fix).sites}


def test_lines_are_put_side_by_side() -> None:
    file = FixedFile(
        path="x.py",
        old_path="x.py",
        before=b"a\nb\nc\nd\ne",
        after=b"a\nB\nc\nnew\nd\n",
        removed=frozenset({2, 5}),
        added=frozenset({2, 4}),
    )
    found = align(file)
    assert found.hunks == (
        Hunk(range(2, 3), range(2, 3)),
        Hunk(range(4, 4), range(4, 5)),
        Hunk(range(5, 6), range(6, 6)),
    )
    assert found.forward == {1: 1, 3: 3, 4: 5}


@given(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abc")))
def test_every_line_is_either_the_same_or_in_a_hunk(before: list[str], after: list[str]) -> None:
    steps = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    removed = {line for kind, first, last, _, _ in steps if kind != "equal" for line in range(first + 1, last + 1)}
    added = {line for kind, _, _, first, last in steps if kind != "equal" for line in range(first + 1, last + 1)}
    old, new = ("".join(f"{line}\n" for line in lines).encode() for lines in (before, after))
    found = align(FixedFile("x.py", "x.py", old, new, frozenset(removed), frozenset(added)))
    assert [(before[one - 1], one) for one in found.forward] == [
        (after[other - 1], one) for one, other in found.forward.items()
    ]
    assert sorted([*found.forward, *removed]) == list(range(1, len(before) + 1))
    assert sorted([*found.forward.values(), *added]) == list(range(1, len(after) + 1))
    assert {line for hunk in found.hunks for line in hunk.before} == removed
    assert {line for hunk in found.hunks for line in hunk.after} == added


BEFORE = """
    import requests


    def fetch(url):
        log(url)
        answer = requests.get(
            url,
            headers={},
        )
        return answer.json()


    def other(url):
        return requests.get(url)
    """


def test_a_changed_line_stands_for_its_whole_statement(builder: GitBuilder) -> None:
    found = sites(builder, BEFORE, BEFORE.replace("headers={},", "headers={'a': 'b'},"))
    assert found == {
        "fetch": Site(
            before=Spot("shop.py", "fetch"),
            changed=frozenset({6, 7, 8, 9}),
            near=frozenset(range(4, 12)) - {11},
            after=(Spot("shop.py", "fetch"),),
        )
    }


def test_what_is_written_into_a_statement_changes_it(builder: GitBuilder) -> None:
    found = sites(builder, BEFORE, BEFORE.replace("headers={},\n", "headers={},\n            timeout=5,\n"))
    assert found["fetch"].changed == {6, 7, 8, 9}


def test_a_gap_between_statements_has_the_lines_around_it(builder: GitBuilder) -> None:
    found = sites(builder, BEFORE, BEFORE.replace("        log(url)\n", "        log(url)\n\n        check(url)\n"))
    assert (found["fetch"].changed, found["fetch"].near) == (frozenset(), frozenset({4, 5, 6, 7, 8}))


@pytest.mark.parametrize("clause", ["except OSError", "else", "finally"])
def test_a_new_clause_belongs_to_its_statement(builder: GitBuilder, clause: str) -> None:
    before = "def save(row):\n    try:\n        write(row)\n    except ValueError:\n        log(row)\n"
    found = sites(builder, before, f"{before}    {clause}:\n        undo()\n")
    assert found["save"].changed == {2}


def test_a_changed_clause_stands_for_the_first_header_too(builder: GitBuilder) -> None:
    before = "def save(row):\n    try:\n        write(row)\n    except ValueError:\n        log(row)\n"
    found = sites(builder, before, before.replace("ValueError", "OSError"))
    assert found["save"].changed == {2, 4}


def test_a_decorator_belongs_to_its_function(builder: GitBuilder) -> None:
    before = "def save(row):\n    write(row)\n"
    found = sites(builder, before, "@atomic\n" + before)
    assert found["save"].changed == {1}


def test_comments_documentation_and_imports_are_no_sites(builder: GitBuilder) -> None:
    before = (
        'import os\n\n\ndef save(row):\n    """Save."""\n    # now\n    write(row)\n\n\ndef load():\n    return 1\n'
    )
    after = 'import os\nimport re\n\n\ndef save(row):\n    """Keep."""\n    # later\n    write(row)\n\n\ndef load():\n    return 2\n'
    assert list(sites(builder, before, after)) == ["load"]


def test_own_statements_of_a_class_and_of_the_module_are_sites(builder: GitBuilder) -> None:
    before = "LIMIT = 1\n\n\nclass Form:\n    name = field()\n\n    def check(self):\n        return LIMIT\n"
    found = sites(builder, before, before.replace("= 1", "= 2").replace("field()", "field(required=True)"))
    assert [(name, sorted(site.changed), site.after) for name, site in found.items()] == [
        ("<module>", [1], (Spot("shop.py", "<module>"),)),
        ("Form", [5], (Spot("shop.py", "Form"),)),
    ]


def test_a_function_inside_another_is_a_site_of_its_own(builder: GitBuilder) -> None:
    before = "def outer(rows):\n    def inner(row):\n        return send(row)\n\n    return map(inner, rows)\n"
    found = sites(builder, before, before.replace("send(row)", "send(row, timeout=1)"))
    assert list(found) == ["outer.inner"]


def test_a_new_function_is_no_site(builder: GitBuilder) -> None:
    before = "def load():\n    return 1\n"
    found = sites(
        builder,
        before + "\n\ndef save():\n    return 3\n",
        before + "\n\ndef new():\n    return 2\n\n\ndef save():\n    return 4\n",
    )
    assert list(found) == ["save"]


BODY = """
    connection = self.pool.take(name)
    answer = connection.execute(name, *arguments)
    self.pool.give_back(connection)
    return answer
"""


def test_a_renamed_function_is_found(builder: GitBuilder) -> None:
    body = BODY.strip("\n")
    found = sites(
        builder,
        f"def run(self, name, *arguments):\n{body}\n",
        f"def run_once(self, name, *arguments):\n{body.replace('return answer', 'return answer.value')}\n",
    )
    assert found["run"].after == (Spot("shop.py", "run_once"),)


def test_code_that_moved_to_another_file_is_found(builder: GitBuilder) -> None:
    body = BODY.strip("\n")
    fix = fix_of(
        builder,
        {
            "shop.py": f"def run(self, name, *arguments):\n{body}\n\n\ndef stays():\n    return 1\n",
            "pool.py": "X = 1\n",
        },
        {
            "shop.py": "def stays():\n    return 1\n",
            "pool.py": f"X = 1\n\n\ndef execute(self, name, *arguments):\n{body}\n",
        },
    )
    found = find_sites(fix)
    (site,) = [site for site in found.sites if site.before.function == "run"]
    assert site.after == (Spot("pool.py", "execute"),)
    assert found.forward["shop.py", 3] == ("pool.py", 6)


def test_a_part_that_moved_out_of_a_function_is_found_beside_it(builder: GitBuilder) -> None:
    before = """
        class Client:
            def send(self, command):
                connection = self.pool.take_connection()
                try:
                    return connection.send_and_receive(command)
                finally:
                    self.pool.release_connection(connection)
        """
    after = """
        class Client:
            def attempt(self, connection, command):
                try:
                    return connection.send_and_receive(command)
                except Cancelled:
                    connection.disconnect()
                    raise
                finally:
                    self.pool.release_connection(connection)

            def send(self, command):
                connection = self.pool.take_connection()
                return shield(self.attempt(connection, command))
        """
    found = sites(builder, before, after)
    assert set(found) == {"Client.send"}
    assert found["Client.send"].after == (Spot("shop.py", "Client.send"), Spot("shop.py", "Client.attempt"))


def test_code_that_is_gone_stands_nowhere(builder: GitBuilder) -> None:
    found = sites(builder, "def load():\n    return fetch_everything()\n\n\nX = 1\n", "X = 1\n")
    assert found["load"].after == ()


def test_a_file_that_is_no_python_is_told(builder: GitBuilder) -> None:
    fix = fix_of(
        builder, {"shop.py": "print 'x'\n", "api.py": "x = 1\n"}, {"shop.py": "print('x')\n", "api.py": "x = 2\n"}
    )
    found = find_sites(fix)
    assert [site.before for site in found.sites] == [Spot("api.py", "<module>")]
    assert found.failures == (
        "shop.py: is not valid Python at line 1: Missing parentheses in call to 'print'. "
        "Did you mean print(...)? (it looks like Python 2)",
    )


def test_a_renamed_file_keeps_its_sites(builder: GitBuilder) -> None:
    text = dedent(BEFORE).lstrip("\n")
    fix = fix_of(
        builder,
        {"old.py": text},
        {"old.py": None, "new.py": text.replace("requests.get(url)", "requests.get(url, timeout=1)")},
    )
    (site,) = find_sites(fix).sites
    assert (site.before, site.after) == (Spot("old.py", "other"), (Spot("new.py", "other"),))
