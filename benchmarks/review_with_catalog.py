"""The review of a change of about 100 lines with a large catalog and without one, in turn.

usage: python -m benchmarks.review_with_catalog [--package sqlalchemy] [--lines 70000] [--patterns 10000] [--runs 9]

The catalog lies in the base commit, as a team's does. Nine of ten of its patterns ask for names of their own; the
others ask what the detectors of the starter catalog ask, some twenty times each, so that many may match in every file.
Both reviews run in this process, without a memory, opening the catalog included. Prints medians in milliseconds, of the
clock and of this process on the processor, and the medians of the pairs' ratios.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.large_catalog import Writer
from benchmarks.push import change_functions
from benchmarks.starter_replay import RUNS, read_patterns
from benchmarks.workload import commit_all, copy_package
from reviewer.catalog_wiring import FOLDER, catalog_of_review
from reviewer.domain.pattern import Pattern
from reviewer.domain.report import Report
from reviewer.domain.suspicion import LEARNED
from reviewer.ports import Selection
from reviewer.review import review_change
from reviewer.surfaces.cli.review import rule_ids
from reviewer.wiring import Prepared, prepare_selection

_SHARED = 10
"""One of so many patterns asks what one of the starter catalog asks."""


def main() -> int:
    """Compare the two reviews."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--package", default="sqlalchemy")
    parser.add_argument("--lines", type=int, default=70_000)
    parser.add_argument("--patterns", type=int, default=10_000)
    parser.add_argument("--incidents", type=int, default=5_000)
    parser.add_argument("--runs", type=int, default=9)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="reviewer-benchmark-") as name:
        os.environ.update(REVIEWER_CACHE=f"{name}/cache", XDG_DATA_HOME=f"{name}/data")
        repository = Path(name, "project")
        copy_package(options.package, repository, options.lines)
        _fill(repository / FOLDER, options.patterns, options.incidents, Path(name))
        commit_all(repository, "Everything")
        change_functions(repository)
        prepared = prepare_selection(repository, Selection(base="HEAD~1"), rule_ids())
        changed = sum(len(file.added_lines) for file in prepared.change.files)
        first, report = _timed(lambda: _with_catalog(prepared))
        learned = sum(finding.rule == LEARNED for finding in report.findings)
        print(
            f"{options.patterns} patterns, {options.incidents} incidents; {changed} changed lines; {learned} findings"
        )
        print(f"the first review, which compiles the catalog: {first[0]:.0f} (cpu {first[1]:.0f})")
        _without_catalog(prepared)
        pairs = [
            (_timed(lambda: _with_catalog(prepared))[0], _timed(lambda: _without_catalog(prepared))[0])
            for _ in range(options.runs)
        ]
        for at, clock in enumerate(("clock", "processor")):
            ours, bare = (statistics.median(pair[side][at] for pair in pairs) for side in (0, 1))
            ratio = statistics.median(a[at] / b[at] for a, b in pairs)
            print(f"{clock}: with the catalog {ours:.0f}, without {bare:.0f}, ratio {ratio:.2f}")
    return 0


def _fill(folder: Path, patterns: int, incidents: int, place: Path) -> None:
    from reviewer.stores.catalog_folder import FolderCatalog  # noqa: PLC0415

    writer = Writer(1)
    shared = [one for one in read_patterns() if one.state in RUNS]

    def pattern(number: int) -> Pattern:
        made = writer.pattern(number, incidents)
        return made if number % _SHARED else dataclasses.replace(made, detector=shared[number % len(shared)].detector)

    store = FolderCatalog(folder, place / "outcomes", None, "")
    store.put([pattern(n) for n in range(patterns)], [writer.lesson(n) for n in range(incidents)])
    store.close()


def _with_catalog(prepared: Prepared) -> Report:
    catalog = catalog_of_review(prepared.change, prepared.authority)
    return review_change(
        prepared.change, prepared.settings, sources=prepared.sources, patterns=catalog.patterns, quiet=catalog.quiet
    )


def _without_catalog(prepared: Prepared) -> Report:
    return review_change(prepared.change, prepared.settings, sources=prepared.sources)


def _timed(work: Callable[[], Report]) -> tuple[tuple[float, float], Report]:
    wall, cpu = time.perf_counter(), time.process_time()
    report = work()
    return ((time.perf_counter() - wall) * 1000, (time.process_time() - cpu) * 1000), report


if __name__ == "__main__":
    raise SystemExit(main())
