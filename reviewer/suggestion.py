"""Proved log lines for the findings of a file that stand at a handler which keeps an error to itself."""

from __future__ import annotations

from collections.abc import Mapping

from reviewer.code.limits import Limits
from reviewer.code.project import Project
from reviewer.code.unit import CodeFile
from reviewer.domain.finding import Finding
from reviewer.domain.report import Suggestion
from reviewer.errors import SourceError
from reviewer.instrument.patches import suggest
from reviewer.instrument.subject import Subject, Surroundings
from reviewer.knowledge.lookup import Knowledge

MOST = 10
"""Suggestions for one file; whoever wants all of them asks `reviewer log`."""


def suggestions_of(
    code: CodeFile,
    content: bytes,
    findings: Mapping[str, Finding],
    *,
    knowledge: Knowledge,
    limits: Limits,
    project: Project | None,
) -> dict[str, Suggestion]:
    """A patch of its own for each finding at an `except` clause that does not log.

    Args:
        code: the file.
        content: its bytes.
        findings: fingerprint -> finding.
        knowledge, limits, project: what the file was read with.
    """
    lines = code.source.lines
    at = {identity: f.line for identity, f in findings.items() if lines[f.line - 1].lstrip().startswith("except")}
    if not at:
        return {}
    wanted = sorted(set(at.values()))[:MOST]
    try:
        patches = suggest(Subject(code, Surroundings(knowledge, limits, project)), content, wanted)
    except SourceError:  # nested too deeply: the findings stand without
        return {}
    return {
        identity: Suggestion(kind="logging", patch=patches[line].diff, verified=list(patches[line].verified))
        for identity, line in at.items()
        if line in patches
    }
