"""The peers, and how each is called: without settings of its own, on files that stand alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.peers.output import (
    read_bandit,
    read_escapes,
    read_fixit,
    read_pylint,
    read_pyright,
    read_ruff,
)
from benchmarks.peers.peer import Call, Peer

RISK = "F,B,BLE,TRY,S,ASYNC,PLE,PLW,RET503"
"""Ruff's rules that speak of what may go wrong."""


def peers() -> tuple[Peer, ...]:
    """All peers, in the order of the table."""
    return (
        Peer("ruff, rules that speak of risk", "ruff", "ruff", _ruff(RISK), read_ruff, 200),
        Peer("ruff, every rule", "ruff", "ruff", _ruff("ALL"), read_ruff, 200, indiscriminate=True),
        Peer("pylint, errors and warnings", "pylint", "pylint", _pylint, read_pylint, 20, "errors"),
        Peer("pyright basic", "pyright", "pyright", _pyright, read_pyright, 100, "errors"),
        Peer("bandit", "bandit", "bandit", _bandit, read_bandit, 100, "medium and high"),
        Peer("Fixit", "fixit", "fixit", _fixit, read_fixit, 100),
        # It asks for a project; one file is one here, as for the others.
        Peer("bubble-analysis", "bubble-analysis", "bubble", _bubble, read_escapes, 50),
    )


def _ruff(rules: str) -> Callable[[Path, Path, Sequence[Path]], Call]:
    def call(program: Path, root: Path, files: Sequence[Path]) -> Call:
        options = ("--isolated", "--no-cache", "--exit-zero", "--output-format", "json", "--select", rules)
        return Call([str(program), "check", *options, *_names(files)])

    return call


def _pylint(program: Path, root: Path, files: Sequence[Path]) -> Call:
    # With a common source root no file is found by the imports of another.
    options = ("--rcfile=/dev/null", "--persistent=n", "--score=n", "--output-format=json2", f"--source-roots={root}")
    return Call([str(program), *options, "--disable=all", "--enable=E,W", *_names(files)])


def _pyright(program: Path, root: Path, files: Sequence[Path]) -> Call:
    # The mode stands in settings only. Named after the batch's first file: batches run side by side.
    settings = root / f"pyright-{files[0].relative_to(root).parts[0]}-{len(files)}.json"
    include = [str(path.relative_to(root)) for path in files]
    settings.write_text(json.dumps({"typeCheckingMode": "basic", "include": include, "exclude": []}), encoding="utf-8")
    return Call([str(program), "--outputjson", "--pythonpath", str(program.with_name("python")), "-p", str(settings)])


def _bandit(program: Path, root: Path, files: Sequence[Path]) -> Call:
    return Call([str(program), "--quiet", "--format", "json", *_names(files)])


def _fixit(program: Path, root: Path, files: Sequence[Path]) -> Call:
    return Call([str(program), "lint", *_names(files)], errors_too=True)


def _bubble(program: Path, root: Path, files: Sequence[Path]) -> Call:
    rows = (f"{root / path.relative_to(root).parts[0]}\t{path}\n" for path in files)
    script = Path(__file__).with_name("escapes.py")
    return Call([str(program.with_name("python")), "-I", str(script)], "".join(rows))


def _names(files: Sequence[Path]) -> list[str]:
    return [str(path) for path in files]
