"""Other tools and the reviewer on the same files in one run: real bugs with their fixes, commits that turned out well.

usage: python -m benchmarks.peers CASES.json... --clean CLEAN.json --mirror DIR [--tools DIR] [--only TOOL] [--jobs N]

Cases and clean entries are those of `benchmarks.cases`. A tool is given one file at a time, alone under its own path:
before the fix, after it, and each file of a clean commit, where only what touches an added line counts. Nothing of the
repositories is run. A tool that is not installed is shown as such; what it could not check is counted and listed.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.peers.material import Gatherer, Material
from benchmarks.peers.peer import Peer
from benchmarks.peers.remark import Answer, Remark, collect, together
from benchmarks.peers.roster import peers
from benchmarks.peers.score import Figures, figures
from reviewer.code.limits import Limits
from reviewer.detectors.registry import all_rules
from reviewer.domain.change import ChangeKind, FileChange
from reviewer.domain.finding import Severity
from reviewer.file_review import review_file
from reviewer.flow.reading import Surroundings
from reviewer.knowledge.lookup import Knowledge

REVIEWER = "reviewer"
HEAD = (
    "| tool | cases | line hit (by chance) | discriminate | strict | per 100 lines "
    "| clean: per 100 added lines | clean: without any | seconds (processor) |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


def main() -> int:
    """Ask every tool and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="+", type=Path)
    parser.add_argument("--clean", type=Path, nargs="*", default=[])
    parser.add_argument("--mirror", type=Path, required=True)
    parser.add_argument("--tools", type=Path, default=Path(sys.executable).parent, help="directory of the programs")
    parser.add_argument("--only", default="", help="a part of a tool's name")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args()
    asked = [peer for peer in peers() if options.only in peer.name]
    with tempfile.TemporaryDirectory(prefix="reviewer-peers-") as folder:
        material = Gatherer(options.mirror, Path(folder)).gather(_entries(options.cases), _entries(options.clean))
        print(
            f"{len(material.cases)} cases, {len(material.clean)} clean commits, {len(material.names)} files\n\n{HEAD}"
        )
        answers: dict[str, Answer] = {}
        if options.only in REVIEWER:
            started = Clock.now()
            answers[REVIEWER] = review(material)
            _show(material, REVIEWER, answers[REVIEWER], "high and medium", started.since())
        for peer in asked:
            program = find(peer, options.tools)
            if program is None:
                print(f"| {peer.name} | not installed |")
                continue
            started = Clock.now()
            answers[peer.name] = peer.ask(program, material.root, list(material.names), options.jobs)
            _show(material, peer.name, answers[peer.name], peer.loud, started.since())
        joined = {p.name: answers[p.name] for p in asked if p.name in answers and not p.indiscriminate}
        if len(joined) > 1:
            print(row("all peers together, without every rule of ruff", figures(material, together(joined))))
        print(f"\nversions: {versions(asked, options.tools)}")
        for name, answer in answers.items():
            for path, why in answer.failed.items():
                print(f"not checked by {name}: {material.names[path]}: {' '.join(why.split())[:160]}")
        for reason in material.unreadable:
            print(f"not read: {reason}")
    return 1 if material.unreadable else 0


def review(material: Material) -> Answer:
    """What the reviewer says, asked in this process."""
    around, rules = Surroundings(Knowledge(), Limits(seconds=20)), all_rules()
    said: list[tuple[Path, Remark]] = []
    failed: dict[Path, str] = {}
    for path, name in material.names.items():
        change = FileChange(path=name, kind=ChangeKind.MODIFIED, content=path.read_bytes(), whole=True)
        reviewed = review_file(change, rules, around)
        if reviewed.failures and not reviewed.units:
            failed[path] = reviewed.failures[0]
        for finding in reviewed.findings.values():
            loud = finding.severity is not Severity.LOW
            said.append((path, Remark(finding.rule, finding.line, finding.end_line, loud)))
    return collect(said, failed)


@dataclass(frozen=True)
class Clock:
    """Time on the wall and of the processor, the latter in this process and in those that it has waited for.

    Attributes:
        wall: seconds passed.
        processor: seconds of work, which a busy machine stretches less.
    """

    wall: float
    processor: float

    @classmethod
    def now(cls) -> Clock:
        """Both at this moment."""
        spent = os.times()
        return cls(time.perf_counter(), spent.user + spent.system + spent.children_user + spent.children_system)

    def since(self) -> Clock:
        """What has passed since then."""
        now = Clock.now()
        return Clock(now.wall - self.wall, now.processor - self.processor)


def row(name: str, found: Figures, taken: Clock | None = None) -> str:
    """One line of the table."""
    share = f"{found.discriminated} ({100 * found.discriminated / max(1, found.cases):.0f} %)"
    seconds = f"{taken.wall:.0f} ({taken.processor:.0f})" if taken else ""
    return (
        f"| {name} | {found.cases} | {found.hits} ({found.chance:.0f}) | {share} | {found.strict} | {found.noise:.2f} "
        f"| {found.clean_noise:.2f} | {found.silent}/{found.commits} | {seconds} |"
    )


def find(peer: Peer, tools: Path) -> Path | None:
    """Where a tool's program is: in the directory given, or nowhere."""
    program = shutil.which(peer.program, path=str(tools.absolute()))
    return Path(program) if program else None


def versions(asked: Iterable[Peer], tools: Path) -> str:
    """The installed versions, as the Python beside the tools knows them."""
    names = sorted({peer.distribution for peer in asked if find(peer, tools)})
    python = shutil.which("python", path=str(tools.absolute()))
    if not names or python is None:
        return "unknown"
    script = "import sys, importlib.metadata as m; print(', '.join(f'{n} {m.version(n)}' for n in sys.argv[1:]))"
    done = subprocess.run([python, "-I", "-c", script, *names], capture_output=True, text=True, timeout=60, check=False)
    return done.stdout.strip() or "unknown"


def _show(material: Material, name: str, answer: Answer, loud: str | None, taken: Clock) -> None:
    print(row(name, figures(material, answer), taken), flush=True)
    if loud:
        print(row(f"{name}: {loud} alone", figures(material, answer.loud())), flush=True)


def _entries(files: Sequence[Path]) -> list[dict[str, object]]:
    return [entry for file in files for entry in json.loads(file.read_text(encoding="utf-8"))]


if __name__ == "__main__":
    sys.exit(main())
