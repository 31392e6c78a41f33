"""The report as SARIF 2.1.0, fit for an upload to GitHub code scanning.

Sources: the OASIS standard https://docs.oasis-open.org/sarif/sarif/v2.1.0/ and
https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from reviewer.domain.report import FindingItem, Report
from reviewer.render.options import RenderOptions, RuleText
from reviewer.render.safe import visible, visible_lines
from reviewer.render.summary import OFFLINE, SUSPICION, footer, is_suspicion, opinion

_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVELS = {"high": "error", "medium": "warning", "low": "note"}
_PRECISION = {"high": "high", "medium": "medium", "low": "low"}
_STATES = {"new": "new", "known": "unchanged", "waived": "unchanged"}
_WEB = re.compile(r"https?://[^@\s]+")
_ROOT = "%SRCROOT%"
_FINGERPRINT = "reviewerFinding/v1"

Json = dict[str, Any]


def render_sarif(report: Report, options: RenderOptions) -> str:
    """One SARIF log with one run; all findings are in it, the accepted ones marked with their reason."""
    rules = _rules(report, options.rules)
    index = {rule["id"]: number for number, rule in enumerate(rules)}
    run: Json = {
        "tool": {
            "driver": {
                "name": report.tool.name,
                "version": report.tool.version,
                "rules": rules,
            }
        },
        "automationDetails": {"id": f"{report.tool.name}/"},
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the reviewed repository."}}},
        "invocations": [_invocation(report)],
        "results": [_result(item, index) for item in report.findings],
    }
    if report.model != OFFLINE:
        coverage, usage = report.coverage, report.usage
        run["properties"] = {
            "model": visible(report.model),
            "modelCalls": usage.model_calls,
            "inputTokens": usage.input_tokens,
            "outputTokens": usage.output_tokens,
            "cachedTokens": usage.cached_tokens,
            "costUsd": usage.cost_usd,
            "unitsExplained": coverage.units_explained,
            "unitsUnexplained": coverage.units_unexplained,
        }
    if report.head and report.repository and _WEB.fullmatch(report.repository):
        run["versionControlProvenance"] = [{"repositoryUri": report.repository, "revisionId": report.head}]
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(log, indent=2, ensure_ascii=True) + "\n"


def _rules(report: Report, texts: Sequence[RuleText]) -> list[Json]:
    """All rules told of, and the bare ids of any other that a finding names."""
    rules = [_rule(text) for text in texts]
    told = {rule["id"] for rule in rules}
    for item in report.findings:
        if item.rule not in told:
            told.add(item.rule)
            rules.append({"id": item.rule, "shortDescription": {"text": item.rule}})
    return rules


def _rule(text: RuleText) -> Json:
    sections = {"What it finds": text.what, "Why": text.why, "What to do": text.how, "Source": text.source}
    filled = {name: body for name, body in sections.items() if body.strip()}
    rule: Json = {
        "id": text.id,
        "name": "".join(word.capitalize() for word in text.id.split("-")),
        "shortDescription": {"text": text.title},
        "fullDescription": {"text": text.why.strip() or text.title},
        "help": {
            "text": "\n\n".join(f"{name}: {body.strip()}" for name, body in filled.items()) or text.title,
            "markdown": "\n\n".join(f"**{name}**\n\n{body.strip()}" for name, body in filled.items()) or text.title,
        },
        "defaultConfiguration": {"level": _LEVELS[text.severity]},
        "properties": {"tags": ["reliability", text.question], "problem.severity": _LEVELS[text.severity]},
    }
    if found := re.search(r"https?://[^\s>)]+", text.source):
        rule["helpUri"] = found[0]
    return rule


def _result(item: FindingItem, index: Mapping[str, int]) -> Json:
    parts = [
        _message(item.message),
        _message(item.explanation),
        f"This is {SUSPICION}." if is_suspicion(item) else "",
        _message(opinion(item.judgement)) if item.judgement else "",
    ]
    text = "\n\n".join(part for part in parts if part)
    result: Json = {
        "ruleId": item.rule,
        "ruleIndex": index[item.rule],
        "level": _LEVELS[item.severity],
        "message": {"text": text or item.rule},
        "locations": [_location(item)],
        "partialFingerprints": {_FINGERPRINT: item.id},
        "baselineState": _STATES[item.status],
        "properties": {"question": item.question, "precision": _PRECISION[item.confidence]},
    }
    if is_suspicion(item):
        result["properties"]["suspicion"] = True
    if said := item.judgement:
        result["properties"]["judgement"] = {"by": visible(said.by), "verdict": said.verdict}
    if item.evidence:
        result["relatedLocations"] = [
            {
                "id": number,
                "physicalLocation": {
                    "artifactLocation": _artifact(at.path),
                    "region": {"startLine": max(1, at.line)},
                },
                "message": {"text": _message(at.note) or "evidence"},
            }
            for number, at in enumerate(item.evidence, start=1)
        ]
    # GitHub and other readers take any suppression as accepted; a result without one has an empty list.
    result["suppressions"] = []
    if item.status == "waived":
        reason = item.waiver.reason if item.waiver else "waived"
        until = f" (until {item.waiver.until})" if item.waiver and item.waiver.until else ""
        result["suppressions"] = [
            {"kind": "inSource", "status": "accepted", "justification": f"{visible(reason)}{until}"}
        ]
    return result


def _location(item: FindingItem) -> Json:
    region: Json = {"startLine": max(1, item.line), "startColumn": max(1, item.column)}
    region["endLine"] = max(region["startLine"], item.end_line)
    if item.code.strip():
        region["snippet"] = {"text": "\n".join(visible(line.expandtabs(4)) for line in item.code.split("\n"))}
    return {
        "physicalLocation": {"artifactLocation": _artifact(item.path), "region": region},
        "logicalLocations": [{"fullyQualifiedName": visible(item.function), "kind": "function"}],
    }


def _artifact(path: str) -> Json:
    return {"uri": relative_uri(path), "uriBaseId": _ROOT}


def relative_uri(path: str) -> str:
    """A repository path as a relative URI reference: every byte that is not plain is percent-encoded.

    A colon is encoded too, else a first part such as "a:b" would read as a scheme (RFC 3986, 4.2).
    """
    try:
        data = path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        data = path.encode("utf-8", "surrogatepass")
    return quote(data, safe="/")


def _message(text: str) -> str:
    """Plain text in which nothing can be read as an embedded link (SARIF 2.1.0, 3.11.6)."""
    shown = "\n".join(visible_lines(text))
    # Escaping only where a link could be read keeps `row["id"]` plain for readers that do not know of the escape.
    return re.sub(r"([\\\[\]])", r"\\\1", shown) if "](" in shown else shown


def _invocation(report: Report) -> Json:
    notifications = [
        {
            "level": "error",
            "message": {"text": f"not checked: {visible(item.path)}: {visible(item.reason)}"},
            "locations": [{"physicalLocation": {"artifactLocation": _artifact(item.path)}}],
        }
        for item in report.coverage.not_checked
    ]
    told = footer(report)
    notes = [*report.coverage.notes, *([told] if told else [])]
    notifications += [{"level": "note", "message": {"text": visible(note)}} for note in notes]
    return {
        "executionSuccessful": report.status == "complete",
        "endTimeUtc": report.created_at,
        "toolExecutionNotifications": notifications,
    }
