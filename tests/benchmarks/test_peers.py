"""The comparison with other tools: what they print is understood, and figures are those of `benchmarks.cases`."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from benchmarks.peers.__main__ import find, row
from benchmarks.peers.material import Case, Clean, Material, carried
from benchmarks.peers.output import (
    Output,
    OutputError,
    read_bandit,
    read_escapes,
    read_fixit,
    read_pylint,
    read_pyright,
    read_ruff,
)
from benchmarks.peers.peer import Call, Peer
from benchmarks.peers.remark import Answer, Remark, together
from benchmarks.peers.roster import peers
from benchmarks.peers.score import figures, judge

BEFORE, AFTER = Path("/r/f0/m.py"), Path("/r/f1/m.py")
CASE = Case(
    before=BEFORE, after=AFTER, size=100, labelled=(10, 10), inside=(5, 20), inside_after=(5, 22), carried=(10, 12)
)


def test_ruff() -> None:
    place = {"location": {"row": 3, "column": 1}, "end_location": {"row": 5, "column": 2}}
    found = {"code": "BLE001", "filename": "/r/m.py", "message": "Do not catch", **place}
    broken = {"code": "invalid-syntax", "filename": "/r/bad.py", "message": "Expected `)`", **place}
    assert read_ruff(json.dumps([found, broken])) == Output(
        (("/r/m.py", Remark("BLE001", 3, 5)),), {"/r/bad.py": "Expected `)`"}
    )


def test_pylint_leaves_out_what_is_only_not_there() -> None:
    def message(number: str, symbol: str, kind: str, end: int | None) -> dict[str, object]:
        return {"messageId": number, "symbol": symbol, "type": kind, "line": 7, "endLine": end, "path": "f0/m.py",
                "message": "said"}  # fmt: skip

    output = read_pylint(
        json.dumps(
            {
                "messages": [
                    message("E1101", "no-member", "error", 8),
                    message("W0718", "broad-exception-caught", "warning", None),
                    message("E0401", "import-error", "error", 7),
                ]
            }
        )
    )
    assert output.said == (
        ("f0/m.py", Remark("no-member", 7, 8, loud=True)),
        ("f0/m.py", Remark("broad-exception-caught", 7, 7, loud=False)),
    )
    assert read_pylint(json.dumps({"messages": [message("E0001", "syntax-error", "error", None)]})).unread == {
        "f0/m.py": "said"
    }


def test_pyright_counts_from_zero() -> None:
    def entry(rule: str, severity: str, message: str = "said") -> dict[str, object]:
        lines = {"start": {"line": 21, "character": 1}, "end": {"line": 22, "character": 2}}
        return {"file": "/r/m.py", "severity": severity, "message": message, "range": lines, "rule": rule}

    output = read_pyright(
        json.dumps(
            {
                "generalDiagnostics": [
                    entry("reportOptionalMemberAccess", "error"),
                    entry("reportSelfClsParameterName", "warning"),
                    entry("reportMissingImports", "error"),
                    entry("reportAttributeAccessIssue", "error", '"x" is unknown import symbol'),
                ]
            }
        )
    )
    assert output.said == (
        ("/r/m.py", Remark("reportOptionalMemberAccess", 22, 23, loud=True)),
        ("/r/m.py", Remark("reportSelfClsParameterName", 22, 23, loud=False)),
    )


def test_bandit() -> None:
    result = {
        "test_id": "B602",
        "filename": "m.py",
        "line_number": 4,
        "line_range": [4, 5, 6],
        "issue_severity": "HIGH",
    }
    text = json.dumps({"results": [result], "errors": [{"filename": "bad.py", "reason": "syntax error"}]})
    assert read_bandit(text) == Output((("m.py", Remark("B602", 4, 6, loud=True)),), {"bad.py": "syntax error"})


def test_fixit() -> None:
    text = (
        "f0/a b.py@19:11 CompareSingletonPrimitivesByIs: Comparisons to singletons\nshould not. (has autofix)\n"
        "f1/bad.py: EXCEPTION: Syntax Error @ 1:1.\nTraceback (most recent call last):\n"
        "2 files checked, 2 files with errors\n"
    )
    assert read_fixit(text) == Output(
        (("f0/a b.py", Remark("CompareSingletonPrimitivesByIs", 19, 19)),), {"f1/bad.py": "Syntax Error @ 1:1."}
    )


def test_bubble_analysis() -> None:
    text = '{"file": "m.py", "escapes": [["ValueError", 20]]}\n{"file": "n.py", "error": "no"}\nnull\n'
    assert read_escapes(text) == Output((("m.py", Remark("ValueError", 20, 20)),), {"n.py": "no"})


@pytest.mark.parametrize("read", [read_ruff, read_pylint, read_pyright, read_bandit, read_fixit, read_escapes])
def test_an_output_cut_off_is_no_clean_file(read: Callable[[str], Output]) -> None:
    for text in ("", '{"file": "m.py", "escapes": []}\n{"results": ['):
        with pytest.raises(OutputError):
            read(text)


def test_carried_follows_replaced_lines_one_by_one_and_other_blocks_whole() -> None:
    assert carried(["a", "b", "c", "d"], ["a", "B", "C", "d"], (2, 2)) == (2, 2)
    assert carried(["a", "b", "c"], ["a", "try", "b", "except", "c"], (2, 2)) == (2, 3)
    assert carried(["a", "b", "c"], ["x", "a", "b", "c"], (2, 3)) == (3, 4)


def test_a_case_is_told_apart_when_the_rule_says_less_in_the_function() -> None:
    verdict = judge(CASE, Answer({BEFORE: (Remark("x", 12, 12),), AFTER: (Remark("x", 40, 40),)}))
    assert (verdict.hit, verdict.discriminates, verdict.strict) == (True, True, True)
    verdict = judge(CASE, Answer({BEFORE: (Remark("x", 12, 12),), AFTER: (Remark("x", 14, 14),)}))
    assert (verdict.hit, verdict.discriminates, verdict.strict) == (True, False, False)
    assert not judge(CASE, Answer({BEFORE: (Remark("x", 13, 13),)})).hit


def test_a_file_that_could_not_be_checked_is_no_case_and_no_silent_commit() -> None:
    clean = Clean({AFTER: frozenset({1, 2})}, added=2)
    material = Material(Path("/r"), (CASE,), (clean,), {BEFORE: "m.py", AFTER: "m.py"}, ())
    found = figures(material, Answer({BEFORE: (Remark("x", 10, 10),)}, {AFTER: "crashed"}))
    assert (found.cases, found.commits, found.silent) == (0, 0, 0)
    found = figures(material, Answer({AFTER: (Remark("x", 2, 9), Remark("y", 3, 3))}))
    assert (found.cases, found.commits, found.silent, found.clean_noise) == (1, 1, 0, 50.0)
    assert row("tool", found).startswith("| tool | 1 | 0 (0) | 0 (0 %) |")


def test_together_keeps_the_rules_of_two_tools_apart() -> None:
    one, other = Answer({BEFORE: (Remark("x", 1, 1),)}, {AFTER: "no"}), Answer({BEFORE: (Remark("x", 1, 1),)})
    joined = together({"one": one, "other": other})
    assert [remark.rule for remark in joined.remarks[BEFORE]] == ["one: x", "other: x"]
    assert not joined.failed


def test_a_crash_costs_one_file_and_is_told(tmp_path: Path) -> None:
    files = [tmp_path / name for name in ("a.py", "b.py", "c.py")]
    script = "import sys; 'b.py' in ' '.join(sys.argv) and sys.exit(1); print('1 file clean')"

    def call(program: Path, root: Path, asked: Sequence[Path]) -> Call:
        return Call([str(program), "-c", script, *map(str, asked)])

    peer = Peer("tool", "tool", "tool", call, read_fixit, batch=3)
    assert list(peer.ask(Path(sys.executable), tmp_path, files, jobs=1).failed) == [files[1]]


def test_a_tool_that_is_not_installed_is_nowhere(tmp_path: Path) -> None:
    assert {find(peer, tmp_path) for peer in peers()} == {None}
