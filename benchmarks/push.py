"""The review of one push, side by side with importing what it stands on; again; and in a repository ten times as large.

usage: python -m benchmarks.push [--package sqlalchemy] [--lines 70000] [--runs 9]

The push changes 5 lines in each of 4 functions of 5 files. It is reviewed without a memory, and a second time with what
the first review left in one. Prints medians, and the medians of the pairs' ratios.
"""

from __future__ import annotations

import argparse
import ast
import shutil
import sys
import tempfile
from pathlib import Path

from benchmarks.workload import commit_all, copy_package, git, in_turn, median, reviewer

FILES = 5
LONGEST = 1500
"""Lines of the longest file that the push touches."""
FUNCTIONS = 4
STATEMENTS = 5


def main() -> int:
    """Compare the push in both repositories."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--package", default="sqlalchemy")
    parser.add_argument("--lines", type=int, default=70_000)
    parser.add_argument("--runs", type=int, default=9)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="reviewer-benchmark-") as folder:
        small, large = Path(folder, "small"), Path(folder, "large")
        lines = copy_package(options.package, small, options.lines)
        for copy in range(10):
            shutil.copytree(small, large / f"copy{copy}" if copy else large, dirs_exist_ok=True)
        for repository in (small, large):
            commit_all(repository, "Everything")
            change_functions(repository)
        imports = [sys.executable, "-c", "import libcst, git, pydantic"]
        ours, base, ratio = in_turn(_push(small, "off"), imports, options.runs)
        print(
            f"{options.package}: {lines} lines, a push of {FILES} files, {FILES * FUNCTIONS * STATEMENTS} changed lines"
        )
        print(f"push: {median(ours)}; exit {ours[0].code}")
        print(f'python -c "import libcst, git, pydantic": {median(base)}')
        print(f"ratio: {ratio:.2f}")
        again, base, ratio = in_turn(_push(small, str(Path(folder, "memory"))), imports, options.runs)
        print(f"the same head again: {median(again)}; imports {median(base)}")
        print(f"ratio: {ratio:.2f}")
        tenfold, once, growth = in_turn(_push(large, "off"), _push(small, "off"), options.runs)
        print(f"the same push in a repository ten times as large: {median(tenfold)} against {median(once)}")
        print(f"ratio: {growth:.2f}")
    return 0


def _push(repository: Path, memory: str) -> list[str]:
    options = ("--base", "HEAD~1", "--format", "text", "--fail-on", "never")
    return ["env", f"REVIEWER_CACHE={memory}", *reviewer("review", "--repo", str(repository), *options)]


def change_functions(repository: Path) -> None:
    """Give 5 statements in each of 4 functions of 5 files a trailing comment, so that their lines count as new."""
    done = 0
    for path in sorted((repository).glob("*/**/*.py")):
        text = path.read_text(encoding="utf-8")
        functions = [found for node in ast.walk(ast.parse(text)) if len(found := _statements(node)) >= STATEMENTS]
        if len(functions) < FUNCTIONS or text.count("\n") > LONGEST:
            continue
        rows = text.split("\n")
        for lines in functions[:: len(functions) // FUNCTIONS][:FUNCTIONS]:
            for line in lines[:STATEMENTS]:
                rows[line - 1] += "  # changed"
        path.write_text("\n".join(rows), encoding="utf-8")
        done += 1
        if done == FILES:
            break
    git(repository, "commit", "--quiet", "--all", "--message", "Change")


def _statements(node: ast.AST) -> list[int]:
    """Lines of a function that hold one whole statement each."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        return []
    kinds = (ast.Assign, ast.Return, ast.Raise)
    found = {n.lineno for n in ast.walk(node) if isinstance(n, kinds) and n.lineno == n.end_lineno}
    return sorted(found)


if __name__ == "__main__":
    sys.exit(main())
