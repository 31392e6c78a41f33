"""What real projects import and call, and how much of it `knowledge/` describes.

usage: python -m benchmarks.imports --mirror DIR [--top 40]

DIR holds bare repositories at any depth. Read is the newest commit of each, its Python files outside of tests, by `ast`
alone: nothing of a repository is imported. A module counts once a repository and once a file; a name called counts
once a file. What stands inside the repository itself is no library and left out.
"""

from __future__ import annotations

import argparse
import ast
import os
import subprocess
import sys
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from reviewer.knowledge.lookup import Knowledge

TEST_FOLDERS = frozenset({"test", "tests", "testing", "testdata", "test_data", "fixtures"})


@dataclass(slots=True)
class Count:
    """How often a module or a name was met.

    Attributes:
        repositories: the repositories it stands in.
        files: how many files it stands in.
    """

    repositories: set[str] = field(default_factory=set)
    files: int = 0


@dataclass(frozen=True, slots=True)
class Use:
    """What one file imports and calls.

    Attributes:
        modules: dotted modules as they are written, `from a.b import c` as "a.b".
        calls: dotted names called through an import, `loads(x)` after `from json import loads` as "json.loads".
    """

    modules: frozenset[str]
    calls: frozenset[str]


def repositories(mirror: Path) -> Iterator[Path]:
    """Bare repositories below a folder."""
    for folder, folders, files in os.walk(mirror):  # tolerates folders that vanish while a copy is made
        folders.sort()
        if "HEAD" in files and "objects" in folders:
            folders.clear()
            yield Path(folder)


def sources(repository: Path) -> Iterator[tuple[PurePosixPath, str]]:
    """Path and text of each Python file outside of tests in the newest commit.

    Raises:
        subprocess.CalledProcessError: the repository cannot be read.
    """
    git = ["git", "-C", str(repository)]
    listing = subprocess.run([*git, "ls-tree", "-r", "-z", newest(repository)], check=True, capture_output=True)
    wanted: list[tuple[PurePosixPath, str]] = []
    for line in filter(None, listing.stdout.decode("utf-8", "replace").split("\0")):
        entry, _, path = line.partition("\t")
        _, sort, name = entry.split()
        file = PurePosixPath(path)
        if sort == "blob" and file.suffix == ".py" and not is_test(file):
            wanted.append((file, name))
    order = "".join(f"{name}\n" for _, name in wanted).encode()
    answer = subprocess.run([*git, "cat-file", "--batch"], input=order, check=True, capture_output=True).stdout
    start = 0
    for file, _ in wanted:
        end = answer.index(b"\n", start)
        size = answer[start:end].rpartition(b" ")[2]
        if not size.isdigit():  # "<name> missing": a partial copy
            start = end + 1
            continue
        body = answer[end + 1 : end + 1 + int(size)]
        start = end + 1 + int(size) + 1
        yield file, body.decode("utf-8", "replace")


def newest(repository: Path) -> str:
    """The commit of HEAD, else of the branch changed last: a mirror's HEAD may name a branch that is not there.

    Raises:
        subprocess.CalledProcessError: the repository cannot be read.
    """
    git = ["git", "-C", str(repository)]
    head = subprocess.run(
        [*git, "rev-parse", "--quiet", "--verify", "HEAD^{commit}"], check=False, capture_output=True, text=True
    )
    if head.returncode == 0:
        return head.stdout.strip()
    order = ["for-each-ref", "--sort=-committerdate", "--count=1", "--format=%(objectname)", "refs/heads"]
    return subprocess.run([*git, *order], check=True, capture_output=True, text=True).stdout.strip()


def is_test(file: PurePosixPath) -> bool:
    """Whether a file belongs to the tests, by its name or a folder's."""
    name = file.stem
    if TEST_FOLDERS & set(file.parts):
        return True
    return name == "conftest" or name.startswith("test_") or name.endswith("_test")


def read(text: str) -> Use:
    """Imports and calls of one file; nothing where it cannot be parsed."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Use(frozenset(), frozenset())
    modules: set[str] = set()
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                modules.add(alias.name)
                first = alias.name.partition(".")[0]
                names[alias.asname or first] = alias.name if alias.asname else first
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            modules.add(node.module)
            for alias in node.names:
                names[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    calls = {found for node in ast.walk(tree) if isinstance(node, ast.Call) and (found := dotted(node.func, names))}
    return Use(frozenset(modules), frozenset(calls))


def dotted(node: ast.expr, names: dict[str, str]) -> str | None:
    """The full name of a callee that begins with an imported name."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if not isinstance(node, ast.Name) or node.id not in names:
        return None
    return ".".join([names[node.id], *reversed(parts)])


def own_modules(files: list[PurePosixPath]) -> frozenset[str]:
    """First names under which a repository imports itself: its outermost packages and the modules in no package."""
    packages = {file.parent for file in files if file.stem == "__init__"}
    own: set[str] = set()
    for file in files:
        outermost = file.parent
        while outermost.parent in packages:
            outermost = outermost.parent
        own.add(outermost.name if outermost in packages else file.stem)
    return frozenset(own)


def described(module: str, knowledge: Knowledge) -> bool:
    """Whether a description is of this module, of one above it, or of a part that it gives access to."""
    return any(
        module == known or module.startswith(f"{known}.") or known.startswith(f"{module}.")
        for known in knowledge.modules
    )


def show(title: str, counts: dict[str, Count], top: int) -> None:
    """Print the names met in most repositories."""
    ranked = sorted(counts.items(), key=lambda item: (-len(item[1].repositories), -item[1].files, item[0]))
    print(f"\n{title}: {len(ranked)}\n  repositories   files  name")
    for name, count in ranked[:top]:
        print(f"  {len(count.repositories):12} {count.files:7}  {name}")


def main() -> int:
    """Count and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mirror", type=Path, required=True, help="folder of bare repositories")
    parser.add_argument("--top", type=int, default=40, help="how many names each list shows")
    options = parser.parse_args()
    knowledge = Knowledge()
    tops: defaultdict[str, Count] = defaultdict(Count)
    modules: defaultdict[str, Count] = defaultdict(Count)
    calls: defaultdict[str, Count] = defaultdict(Count)
    read_files: Counter[str] = Counter()
    for repository in repositories(options.mirror):
        label = repository.relative_to(options.mirror).parts[0]
        found = list(sources(repository))
        own = own_modules([file for file, _ in found]) - sys.stdlib_module_names
        for _, text in found:
            use = read(text)
            read_files[label] += 1
            others = {module for module in use.modules if module.partition(".")[0] not in own}
            for count, names in (
                (tops, {module.partition(".")[0] for module in others}),
                (modules, others),
                (calls, {name for name in use.calls if name.partition(".")[0] not in own}),
            ):
                for name in names:
                    count[name].repositories.add(label)
                    count[name].files += 1
    print(f"{len(read_files)} repositories, {sum(read_files.values())} files; descriptions: {len(knowledge.modules)}")
    for sort, of_stdlib in (("stdlib", True), ("third party", False)):
        here = {name: n for name, n in tops.items() if (name in sys.stdlib_module_names) is of_stdlib}
        known = {name: n for name, n in here.items() if described(name, knowledge)}
        files, all_files = (sum(count.files for count in group.values()) for group in (known, here))
        share = files / max(all_files, 1)
        print(f"\n{sort}: {len(known)} of {len(here)} modules described, {share:.0%} of their imports")
        show(f"{sort}, not described", {name: n for name, n in here.items() if name not in known}, options.top)
        dotted_modules = {
            name: n
            for name, n in modules.items()
            if "." in name and (name.partition(".")[0] in sys.stdlib_module_names) is of_stdlib
        }
        show(
            f"{sort}, dotted modules not described",
            {name: n for name, n in dotted_modules.items() if not described(name, knowledge)},
            options.top,
        )
    unknown = {name: n for name, n in calls.items() if described(name, knowledge) and knowledge.callable(name) is None}
    show("called of described modules, callable not described", unknown, options.top)
    return 0


if __name__ == "__main__":
    sys.exit(main())
