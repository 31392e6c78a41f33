"""A cold `review --all` over a real package, side by side with `fixit lint` on the same files.

usage: python -m benchmarks.whole_package [--package sqlalchemy] [--lines 70000] [--without-fixit]

Needs Fixit beside the reviewer (`pip install fixit`). Prints seconds, the peak
memory of the largest process, and the ratio.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from benchmarks.workload import commit_all, copy_package, measure, reviewer


def main() -> int:
    """Run the comparison once; Fixit alone takes a minute or more."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--package", default="sqlalchemy")
    parser.add_argument("--lines", type=int, default=70_000)
    parser.add_argument("--without-fixit", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="reviewer-benchmark-") as folder:
        repository = Path(folder)
        lines = copy_package(options.package, repository, options.lines)
        commit_all(repository, "Everything")
        command = reviewer("review", "--repo", folder, "--all", "--format", "json", "--fail-on", "never")
        ours = measure(command)
        print(f"{options.package}: {lines} lines")
        print(
            f"reviewer review --all: {ours.seconds:.2f} s, {lines / ours.seconds:.0f} lines/s, "
            f"peak {ours.megabytes:.0f} MB, exit {ours.code}"
        )
        if options.without_fixit:
            return 0
        theirs = measure([str(Path(sys.executable).with_name("fixit")), "lint", folder], repository)
        print(f"fixit lint: {theirs.seconds:.2f} s, {lines / theirs.seconds:.0f} lines/s, exit {theirs.code}")
        print(f"ratio: {theirs.seconds / ours.seconds:.1f} times faster")
    return 0


if __name__ == "__main__":
    sys.exit(main())
