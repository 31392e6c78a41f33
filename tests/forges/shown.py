"""Which lines a unified diff shows, read as simply as can be and without the reviewer's parser."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class ShownHunk:
    """The lines of a hunk: unchanged ones by new and old number, added ones, deleted ones."""

    context: dict[int, int] = field(default_factory=dict)
    added: set[int] = field(default_factory=set)
    deleted: set[int] = field(default_factory=set)

    def side(self, name: str) -> set[int]:
        """Lines on the "RIGHT" or "LEFT"."""
        return self.added | set(self.context) if name == "RIGHT" else self.deleted | set(self.context.values())


def shown_lines(diff: str) -> Mapping[str, list[ShownHunk]]:
    """The hunks of each file; a deleted file goes by its old path."""
    files: dict[str, list[ShownHunk]] = {}
    path, old_path, old, new = "", "", 0, 0
    for line in diff.split("\n"):
        if line.startswith("--- "):
            old_path = line[4:].removeprefix("a/")
        elif line.startswith("+++ "):
            path = line[4:].removeprefix("b/")
            path = old_path if path == "/dev/null" else path
            files.setdefault(path, [])
        elif match := re.match(r"@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@", line):
            old, new = int(match[1]), int(match[2])
            files[path].append(ShownHunk())
        elif path and files[path] and line[:1] in ("+", "-", " "):
            hunk = files[path][-1]
            if line[0] == "+":
                hunk.added.add(new)
            elif line[0] == "-":
                hunk.deleted.add(old)
            else:
                hunk.context[new] = old
            new += line[0] != "-"
            old += line[0] != "+"
        elif line.startswith("diff --git "):
            path = ""
    return files
