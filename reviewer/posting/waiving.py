"""Findings that people accept by `/reviewer waive reason`, read from what they wrote on the forge."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from reviewer.domain.comment import Remark, Standing, Target, Waived
from reviewer.ports import Forge
from reviewer.posting.command import WaiveCommand, read_command
from reviewer.render.markdown import code_span

MOST = 200
"""Commands read from one pull request."""


@dataclass(frozen=True, slots=True)
class Waivers:
    """What the commands come to.

    Attributes:
        waived: by the finding's id.
        notes: commands that were not accepted, and why; text of people is quoted as code in them.
    """

    waived: Mapping[str, Waived]
    notes: tuple[str, ...]


async def read_waivers(
    forge: Forge, target: Target, standing: Standing, findings: Collection[str], writers: dict[str, bool]
) -> Waivers:
    """The waivers that hold: with a reason, from somebody who may write to the repository.

    Args:
        forge: asked who may write.
        target: where.
        standing: what was written there.
        findings: ids that a command outside of a thread can name by their beginning.
        writers: who may write, as far as it is known; what is asked is added.
    """
    waived: dict[str, Waived] = {}
    notes: dict[str, None] = {}
    known = {*findings, *(identity for thread in standing.threads for identity in thread.fingerprints)}
    for meant, remark, command in _commands(standing):
        fingerprints = meant
        who = code_span(remark.author[:100])
        if not command.reason:
            notes[f"{who} gave no reason: write `/reviewer waive` and why"] = None
            continue
        if command.finding is not None:
            fingerprints = tuple(sorted(one for one in known if one.startswith(command.finding)))
            if len(fingerprints) != 1:
                notes[f"{who} waived {code_span(command.finding)}, which is the id of no finding here"] = None
                continue
        elif not fingerprints:
            notes[f"{who} named no finding: answer its comment, or write `/reviewer waive ID reason`"] = None
            continue
        if remark.author not in writers:
            writers[remark.author] = await forge.may_write(target, remark.author)
        if not writers[remark.author]:
            notes[f"a waiver of {who} was not taken: it needs the right to write to the repository"] = None
            continue
        for identity in fingerprints:
            waived.setdefault(identity, Waived(identity, command.reason, remark.author, remark.link))
    return Waivers(waived, tuple(notes))


def _commands(standing: Standing) -> Iterator[tuple[tuple[str, ...], Remark, WaiveCommand]]:
    found = 0
    for thread in standing.threads:
        for reply in thread.replies:
            if not reply.is_bot and (command := read_command(reply.body, in_thread=True)):
                found += 1
                yield thread.fingerprints, reply, command
    for remark in standing.remarks:
        if found >= MOST:
            return
        if not remark.is_bot and (command := read_command(remark.body, in_thread=False)):
            found += 1
            yield (), remark, command
