"""What a tool says, whichever tool it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Remark:
    """One thing said about a range of lines.

    Attributes:
        rule: its rule, as the tool calls it.
        line: first line, from 1.
        end_line: last line.
        loud: whether the tool itself ranks it above its lowest severity.
    """

    rule: str
    line: int
    end_line: int
    loud: bool = True


@dataclass(frozen=True)
class Answer:
    """What one tool says about many files.

    Attributes:
        remarks: by file; a file without remarks need not be there.
        failed: files that the tool could not check, each with the reason.
    """

    remarks: Mapping[Path, tuple[Remark, ...]] = field(default_factory=dict)
    failed: Mapping[Path, str] = field(default_factory=dict)

    def loud(self) -> Answer:
        """The same without what is not loud."""
        kept = {path: tuple(r for r in remarks if r.loud) for path, remarks in self.remarks.items()}
        return Answer(kept, self.failed)


def collect(said: Iterable[tuple[Path, Remark]], failed: Mapping[Path, str]) -> Answer:
    """An answer from single remarks; what is said twice of the same lines counts twice."""
    remarks: dict[Path, list[Remark]] = {}
    for path, remark in said:
        remarks.setdefault(path, []).append(remark)
    return Answer({path: tuple(found) for path, found in remarks.items()}, failed)


def together(answers: Mapping[str, Answer]) -> Answer:
    """What several tools say between them, each rule under its tool's name.

    Args:
        answers: by the name of the tool. A file counts as failed where no tool could check it.
    """
    said = [
        (path, Remark(f"{name}: {remark.rule}", remark.line, remark.end_line, remark.loud))
        for name, answer in answers.items()
        for path, remarks in answer.remarks.items()
        for remark in remarks
    ]
    failed = [answer.failed for answer in answers.values()]
    nowhere = {path: why for path, why in failed[0].items() if all(path in other for other in failed)} if failed else {}
    return collect(said, nowhere)
