"""What the time of a pre-push hook goes to; `benchmarks.push` calls it.

usage: python -m benchmarks.push_shares REPOSITORY FILLED MEMORY RUNS

Each run is a process of its own that takes the steps of the hook one by one.
"""

from __future__ import annotations

import itertools
import json
import os
import shutil
import statistics
import subprocess
import sys
import time

_STEPS = """
import sys, time
from pathlib import Path
marks = [time.time()]
from reviewer.surfaces.hook import running
from reviewer.review_wiring import run_review
from reviewer.surfaces.cli.showing import Style, render_options, rule_ids
from reviewer.surfaces.hook.push import Pushed, commit_id, resolve
from reviewer.render.text import render_text
from reviewer.wiring import Overrides, prepare_selection
rules = rule_ids()
marks.append(time.time())
repo = Path(sys.argv[1])
head, before = commit_id(repo, "main"), commit_id(repo, "origin/main")
(part,) = resolve(repo, [Pushed("refs/heads/main", head, "refs/heads/main", before)]).ranges
marks.append(time.time())
prepared = prepare_selection(repo, running._selection(part), rules, Overrides())
marks.append(time.time())
report = run_review(prepared)
marks.append(time.time())
render_text(report, render_options(Style(), prepared))
marks.append(time.time())
import json
print(json.dumps(marks))
"""
_NAMES = (
    "start of Python",
    "imports, rules",
    "git: what is pushed",
    "git: diff, contents, settings",
    "analysis",
    "print",
)


def main() -> int:
    """Print the median of each share."""
    repository, filled, memory, runs = sys.argv[1:]
    rows = []
    for _ in range(int(runs) + 1):
        shutil.rmtree(memory, ignore_errors=True)
        shutil.copytree(filled, memory)
        began = time.time()
        done = subprocess.run(
            [sys.executable, "-P", "-c", _STEPS, repository],
            env={**os.environ, "REVIEWER_CACHE": memory},
            check=True,
            capture_output=True,
        )
        marks = [began, *json.loads(done.stdout)]
        rows.append([after - before for before, after in itertools.pairwise(marks)])
    medians = [statistics.median(column) for column in zip(*rows[1:], strict=True)]
    for name, seconds in zip(_NAMES, medians, strict=True):
        print(f"{name}: {1000 * seconds:.0f} ms ({seconds / sum(medians):.0%})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
