"""The verdict of a report as a forge shows it: a check with a conclusion, counts and marked lines."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from reviewer.domain.check import Check, Conclusion
from reviewer.domain.comment import Waived
from reviewer.domain.posting import PostingLimits
from reviewer.domain.report import Report
from reviewer.posting.choice import RANK, is_loud, new_findings
from reviewer.render.github import annotation_of
from reviewer.render.markdown import code_span, escape, shortened
from reviewer.render.summary import plural

_NOT_CHECKED = 30


def blocks(report: Report, waived: Mapping[str, Waived], limits: PostingLimits) -> bool:
    """Whether a finding stops the change, those left out that people have waived on the forge."""
    if report.verdict != "block":
        return False
    new = new_findings(report, waived)
    if len(new) == sum(item.status == "new" for item in report.findings) or limits.fail_on is None:
        return True
    return any(RANK[item.severity] <= RANK[limits.fail_on] for item in new)


def warns(report: Report, waived: Mapping[str, Waived]) -> bool:
    """Whether anything above low is left."""
    return any(item.severity != "low" for item in new_findings(report, waived))


def conclusion_of(report: Report, waived: Mapping[str, Waived], limits: PostingLimits) -> Conclusion:
    """What the check says. A review that is not complete is never a success, and one that failed is never green.

    A required check that is "neutral" lets a merge pass (docs.github.com, "About protected branches"), so a review with
    an unchecked part asks for action unless the settings let it pass.
    """
    if report.status == "failed" or blocks(report, waived, limits):
        return "failure"
    if report.status != "complete":
        return "neutral" if limits.incomplete_passes else "action_required"
    return "neutral" if warns(report, waived) else "success"


def title_of(report: Report, waived: Mapping[str, Waived], limits: PostingLimits) -> str:
    """Verdict and counts in one line of plain text."""
    coverage = report.coverage
    total = coverage.files_changed - len(coverage.files_skipped)
    if report.status == "failed":
        return f"Not reviewed: 0 of {plural(total, 'file')} could be read"
    new = new_findings(report, waived)
    counts = [f"{n} {level}" for level in RANK if (n := sum(item.severity == level for item in new))]
    found = ", ".join(counts) or "nothing found"
    word = "Blocked" if blocks(report, waived, limits) else "Reviewed"
    if report.status == "partial":
        parts = plural(len(coverage.not_checked), "part")
        return f"Partly reviewed: {coverage.files_reviewed} of {plural(total, 'file')}, {parts} not checked; {found}"
    if total <= 0:
        return "Reviewed: no file of the change has anything to review"
    return f"{word}: {found} in {plural(coverage.files_reviewed, 'file')}"


def check_of(report: Report, waived: Mapping[str, Waived], limits: PostingLimits, link: str | None = None) -> Check:
    """The check that a report comes to."""
    conclusion = conclusion_of(report, waived, limits)
    title = title_of(report, waived, limits)
    new = new_findings(report, waived)
    loud = [item for item in new if is_loud(item, limits)]
    annotations = tuple(annotation_of(item) for item in loud[: limits.annotations])
    lines = [f"**{escape(title)}**"]
    lines += not_checked_lines(report)
    if len(loud) > len(annotations):
        lines += ["", f"{plural(len(loud) - len(annotations), 'more finding')} in the report."]
    if len(new) > len(loud):
        lines += ["", f"{plural(len(new) - len(loud), 'low finding')} not marked on the lines."]
    if waived:
        lines += ["", f"{plural(len(waived), 'finding')} waived in comments."]
    summary = "\n".join(lines)
    digest = hashlib.sha256(repr((conclusion, title, summary, annotations)).encode("utf-8", "surrogatepass"))
    return Check(conclusion, title, summary, annotations, digest.hexdigest()[:20], report.status == "complete", link)


def not_checked_lines(report: Report) -> Sequence[str]:
    """What was not looked at, as Markdown with a blank line before it; empty for a complete review."""
    missing = report.coverage.not_checked
    if not missing:
        return ["", f"The review is {report.status}."] if report.status != "complete" else []
    rows = [f"- {code_span(item.path[:200])}: {escape(shortened(item.reason, 300))}" for item in missing[:_NOT_CHECKED]]
    if len(missing) > _NOT_CHECKED:
        rows.append(f"- and {len(missing) - _NOT_CHECKED} more")
    return ["", "**Not checked**", "", *rows]
