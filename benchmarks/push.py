"""The review of one push, side by side with importing what it stands on; again; and in a repository ten times as large.

usage: python -m benchmarks.push [--package sqlalchemy] [--lines 70000] [--runs 9]

The push changes 5 lines in each of 4 functions of 5 files. It is reviewed without a memory, and a second time with what
the first review left in one. Then it is pushed (`git push --dry-run`, which runs the hook) with what the push before it
left in the memory, and so is a push without Python. Prints medians, the medians of the pairs' ratios, and what the time
of the hook goes to.
"""

from __future__ import annotations

import argparse
import ast
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.workload import commit_all, copy_package, git, in_turn, measure, median, reviewer

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
        measure_hook(small, Path(folder), imports, options.runs)
    return 0


def _push(repository: Path, memory: str) -> list[str]:
    options = ("--base", "HEAD~1", "--format", "text", "--fail-on", "never")
    return ["env", f"REVIEWER_CACHE={memory}", *reviewer("review", "--repo", str(repository), *options)]


def measure_hook(repository: Path, folder: Path, imports: Sequence[str], runs: int) -> None:
    """Compare real pushes, hook included, with importing."""
    remote = folder / "remote.git"
    git(folder, "init", "--quiet", "--bare", "--initial-branch=main", str(remote))
    git(repository, "remote", "add", "origin", str(remote))
    # However busy the machine is, all of the work is done.
    (repository / "pyproject.toml").write_text("[tool.reviewer.hook]\nseconds = 600\n", encoding="utf-8")
    commit_all(repository, "Settings")
    git(repository, "push", "--quiet", "origin", "main")
    subprocess.run(reviewer("hook", "install", "--repo", str(repository)), check=True, stdout=subprocess.DEVNULL)
    # The push before: it changes the same files elsewhere, and its review fills the memory.
    change_functions(repository, FUNCTIONS)
    before, now = folder / "before", folder / "now"
    measure(_hooked(repository, before, before))
    git(repository, "push", "--quiet", "--no-verify", "origin", "main")
    change_functions(repository, 0)
    ours, base, ratio = in_turn(_hooked(repository, before, now), imports, runs)
    print(f"git push with the hook, warm: {median(ours)}; exit {ours[0].code}; imports {median(base)}")
    print(f"ratio: {ratio:.2f}")
    ours, base, ratio = in_turn(_hooked(repository, now, now), imports, runs)
    print(f"the same push again: {median(ours)}; exit {ours[0].code}; imports {median(base)}")
    print(f"ratio: {ratio:.2f}")
    shutil.rmtree(now, ignore_errors=True)
    shutil.copytree(before, now)
    git_alone = [measure(_pushed(repository, "--no-verify")) for _ in range(runs)]
    print(f"  git push without the hook: {median(git_alone)}")
    for line in subprocess.run(
        [sys.executable, "-m", "benchmarks.push_shares", str(repository), str(before), str(now), str(runs)],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines():
        print(f"  {line}")
    git(repository, "push", "--quiet", "--no-verify", "origin", "main")
    (repository / "NEWS.md").write_text("Something new.\n", encoding="utf-8")
    (repository / "docs.txt").write_text("More.\n", encoding="utf-8")
    commit_all(repository, "Words")
    only_git = [sys.executable, "-c", "import git"]
    ours, base, ratio = in_turn(_hook_alone(repository), only_git, runs)
    print(f"the hook for a push without Python: {median(ours)}; exit {ours[0].code}; import git {median(base)}")
    print(f"ratio: {ratio:.2f}")
    ours, base, ratio = in_turn(_pushed(repository), only_git, runs)
    print(f"git push with it: {median(ours)}; ratio: {ratio:.2f}")


def _hooked(repository: Path, start: Path, memory: Path) -> list[str]:
    """A push that finds the memory as another one has left it."""
    restore = "" if start == memory else f"rm -rf {memory} && cp -r {start} {memory} && "
    push = " ".join(_pushed(repository))
    return ["sh", "-c", f"{restore}REVIEWER_CACHE={memory} exec {push}"]


def _pushed(repository: Path, *options: str) -> list[str]:
    return ["git", "-C", str(repository), "push", "--dry-run", "--quiet", *options, "origin", "main"]


def _hook_alone(repository: Path) -> list[str]:
    """What git runs, with the lines that git gives it."""
    ids = [
        subprocess.run(["git", "-C", str(repository), "rev-parse", name], check=True, capture_output=True, text=True)
        for name in ("main", "origin/main")
    ]
    head, before = (done.stdout.strip() for done in ids)
    line = f"refs/heads/main {head} refs/heads/main {before}"
    return ["sh", "-c", f"cd {repository} && echo '{line}' | exec .git/hooks/pre-push origin url"]


def change_functions(repository: Path, first: int = 0) -> None:
    """Give 5 statements in each of 4 functions of 5 files a trailing comment, so that their lines count as new.

    Args:
        repository: whose files.
        first: how many functions to pass over.
    """
    done = 0
    for path in sorted((repository).glob("*/**/*.py")):
        text = path.read_text(encoding="utf-8")
        functions = [found for node in ast.walk(ast.parse(text)) if len(found := _statements(node)) >= STATEMENTS]
        if len(functions) < FUNCTIONS or text.count("\n") > LONGEST:
            continue
        rows = text.split("\n")
        for lines in functions[min(first, len(functions) - FUNCTIONS) :: len(functions) // FUNCTIONS][:FUNCTIONS]:
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
