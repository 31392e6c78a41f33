"""What is reviewed: pull requests on one repository, whose changes are the examples of the detectors."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from reviewer.detectors.registry import all_rules
from tests.git_builder import GitBuilder

ROOT = Path(__file__).parents[2]
CHECKOUT = ROOT / "fixtures" / "repos" / "checkout"
EXAMPLES = 2
"""Examples of what a rule finds, in each change."""


@dataclass(frozen=True, slots=True)
class PullRequest:
    """A pull request.

    Attributes:
        number: of it.
        variant: which change it is; those of one variant differ by their heads only.
        base, head: commits.
        diff: what the forge shows of it.
    """

    number: int
    variant: int
    base: str
    head: str
    diff: str


def make_pull_requests(place: Path, count: int, variants: int) -> list[PullRequest]:
    """Make the repository at a place, with a branch for each pull request.

    Args:
        place: where to make it.
        count: how many pull requests.
        variants: how many different changes.
    """
    builder = GitBuilder(place)
    base = builder.commit(_files(CHECKOUT / "before"))
    examples = [rule.bad[0] for rule in all_rules()]
    step = max(len(examples) // (variants * EXAMPLES), 1)
    trees: list[tuple[str, str]] = []
    for variant in range(variants):
        builder.git("checkout", "-q", "--detach", base)
        chosen = [examples[(variant * EXAMPLES + one) * step % len(examples)] for one in range(EXAMPLES)]
        added = {f"shop/part_{one}.py": source.lstrip("\n") for one, source in enumerate(chosen)}
        head = builder.commit({**_files(CHECKOUT / "after"), **added})
        trees.append((builder.git("rev-parse", f"{head}^{{tree}}"), builder.git("diff", f"{base}...{head}") + "\n"))
    made = []
    for number in range(1, count + 1):
        variant = number % variants
        tree, diff = trees[variant]
        head = builder.git("commit-tree", tree, "-p", base, "-m", f"pull request {number}")
        builder.git("update-ref", f"refs/heads/pull-{number}", head)
        made.append(PullRequest(number, variant, base, head, diff))
    builder.git("checkout", "-q", "main")
    return made


def _files(folder: Path) -> dict[str, str | bytes | None]:
    return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(folder.rglob("*.py"))}
