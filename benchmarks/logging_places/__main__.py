"""How many places of real projects get a log line, and how near the lines are to what people wrote.

usage: python -m benchmarks.logging_places apply --repo DIR [--commit REV] [--into DIR] [--list]
       python -m benchmarks.logging_places compare --mirror DIR [--statements N] [--model MODEL] [--list]

`apply` proposes for every file of a project (DIR is a bare repository, or one with a work tree) and writes every
proved patch into a copy. Told are the handlers in functions that end an error and write no line, how many of them got
one, why the others did not, and whether every patched file parses. Test code is left out: it gets no log lines.

`compare` takes log statements that the authors of projects wrote out of the code, one at a time, proposes for what is
left, and holds the proposal against the statement. The position is right when the proposal stands where the statement
stood, in its block and between the same neighbours (first in an `except` clause counts as one place, whatever stood
before it there in the way of other log lines); the level when it has the same name, `exception` counting as `error`;
the library when the line speaks through the same logger. Levels and libraries are told of those in place.

With `--model` the proposals are worded as `reviewer log --model` does it, each statement in a question of its own, in
which neither the statement stands nor a comment beside it that speaks of logging. With `files:DIR` the first run writes
the questions; whoever answers them sees nothing else; a second run tells the figures with the answers. The program
chooses the place, the model the level, event and fields.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from benchmarks.logging_places.application import apply
from benchmarks.logging_places.comparison import compare


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one of the measurements and print its figures."""
    parser = argparse.ArgumentParser(prog="benchmarks.logging_places")
    commands = parser.add_subparsers(dest="command", required=True)
    one = commands.add_parser("apply")
    one.add_argument("--repo", type=Path, required=True)
    one.add_argument("--commit", default="HEAD")
    one.add_argument("--into", type=Path)
    one.add_argument("--list", action="store_true")
    two = commands.add_parser("compare")
    two.add_argument("--mirror", type=Path, required=True)
    two.add_argument("--statements", type=int, default=300)
    two.add_argument("--model", default="offline", help="offline, anthropic:NAME, openai:NAME or files:DIR")
    two.add_argument("--list", action="store_true")
    given = parser.parse_args(arguments)
    if given.command == "apply":
        apply(given.repo, given.commit, given.into, listed=given.list)
    else:
        compare(given.mirror, given.statements, given.model, listed=given.list)


if __name__ == "__main__":
    main()
