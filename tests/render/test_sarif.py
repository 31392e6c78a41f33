"""SARIF 2.1.0 that code scanning takes: known keys only, relative locations, accepted findings marked.

The schema below holds the parts of the standard that are used, so that a misspelt or misplaced key fails. Facts from
https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

import jsonschema
from hypothesis import given
from hypothesis import strategies as st

from reviewer.domain.report import EvidenceItem, NotChecked, Report
from reviewer.render.options import RenderOptions
from reviewer.render.sarif import relative_uri, render_sarif
from tests.render.report_sample import everything, finding, partial, report

Json = dict[str, Any]


def _object(required: str, optional: str = "", **properties: Any) -> Json:
    text: Json = {"type": "string"}
    names = [*required.split(), *optional.split()]
    return {
        "type": "object",
        "additionalProperties": False,
        "required": required.split(),
        "properties": {name: properties.get(name, text) for name in names},
    }


def _list(items: Json) -> Json:
    return {"type": "array", "items": items}


def _one_of(*values: str) -> Json:
    return {"enum": list(values)}


_COUNT: Json = {"type": "integer", "minimum": 1}
_BAG: Json = {"type": "object"}
_MESSAGE = _object("text", "markdown")
_ARTIFACT = _object("uri", "uriBaseId", uri={"type": "string", "format": "uri-reference"})
_REGION = _object(
    "startLine",
    "startColumn endLine snippet",
    startLine=_COUNT,
    startColumn=_COUNT,
    endLine=_COUNT,
    snippet=_object("text"),
)
_PHYSICAL = _object("artifactLocation", "region", artifactLocation=_ARTIFACT, region=_REGION)
_LOGICAL = _object("fullyQualifiedName kind")
_LOCATION = _object(
    "physicalLocation",
    "id message logicalLocations",
    physicalLocation=_PHYSICAL,
    id={"type": "integer", "minimum": 0},
    message=_MESSAGE,
    logicalLocations=_list(_LOGICAL),
)
_LEVEL = _one_of("none", "note", "warning", "error")
_RULE = _object(
    "id shortDescription",
    "name fullDescription help helpUri defaultConfiguration properties",
    shortDescription=_MESSAGE,
    fullDescription=_MESSAGE,
    help=_MESSAGE,
    helpUri={"type": "string", "format": "uri"},
    defaultConfiguration=_object("level", level=_LEVEL),
    properties=_BAG,
)
_RESULT = _object(
    "ruleId ruleIndex level message locations partialFingerprints baselineState properties suppressions",
    "relatedLocations",
    ruleIndex={"type": "integer", "minimum": 0},
    level=_LEVEL,
    message=_MESSAGE,
    locations=_list(_LOCATION),
    relatedLocations=_list(_LOCATION),
    partialFingerprints={"type": "object", "additionalProperties": {"type": "string"}},
    baselineState=_one_of("new", "unchanged", "updated", "absent"),
    properties=_BAG,
    suppressions=_list(
        _object(
            "kind status justification",
            kind=_one_of("inSource", "external"),
            status=_one_of("accepted", "underReview", "rejected"),
        )
    ),
)
_NOTIFICATION = _object("level message", "locations", level=_LEVEL, message=_MESSAGE, locations=_list(_LOCATION))
_INVOCATION = _object(
    "executionSuccessful endTimeUtc toolExecutionNotifications",
    executionSuccessful={"type": "boolean"},
    toolExecutionNotifications=_list(_NOTIFICATION),
)
_RUN = _object(
    "tool results invocations automationDetails columnKind originalUriBaseIds",
    "versionControlProvenance",
    tool=_object("driver", driver=_object("name version rules", rules=_list(_RULE))),
    results=_list(_RESULT),
    invocations=_list(_INVOCATION),
    automationDetails=_object("id"),
    columnKind=_one_of("unicodeCodePoints", "utf16CodeUnits"),
    originalUriBaseIds={"type": "object", "additionalProperties": _object("description", description=_MESSAGE)},
    versionControlProvenance=_list(_object("repositoryUri revisionId")),
)
_LOG = _object("$schema version runs", version=_one_of("2.1.0"), runs=_list(_RUN))


@dataclass(frozen=True)
class _Rule:
    id: str = "no-timeout"
    title: str = "A call that may wait for ever"
    question: str = "unavailable"
    severity: str = "high"
    what: str = "A call without a timeout."
    why: str = "It never comes back."
    how: str = "Pass one."
    source: str = "https://example.org/timeouts"


def run(review: Report, options: RenderOptions | None = None) -> Json:
    log = json.loads(render_sarif(review, options or RenderOptions(rules=[_Rule()])))
    jsonschema.validate(log, _LOG, format_checker=jsonschema.FormatChecker())
    result: Json = log["runs"][0]
    return result


def test_only_keys_and_values_of_the_standard_are_used() -> None:
    run(everything())
    run(report(findings=[]))
    run(partial())


def test_a_finding_has_level_place_fingerprint_and_its_rule() -> None:
    one = run(report())
    (result,) = one["results"]
    assert (result["ruleId"], result["level"], result["baselineState"]) == ("no-timeout", "error", "new")
    assert one["tool"]["driver"]["rules"][result["ruleIndex"]]["id"] == "no-timeout"
    assert result["partialFingerprints"] == {"reviewerFinding/v1": "0123456789abcdef0123"}
    place = result["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": "app/client.py", "uriBaseId": "%SRCROOT%"}
    assert (place["region"]["startLine"], place["region"]["startColumn"]) == (12, 16)
    assert result["suppressions"] == []


def test_a_rule_brings_its_help() -> None:
    (rule,) = run(report())["tool"]["driver"]["rules"]
    assert rule["helpUri"] == "https://example.org/timeouts"
    assert "What to do: Pass one." in rule["help"]["text"]
    assert "**Why**\n\nIt never comes back." in rule["help"]["markdown"]


def test_a_rule_without_texts_is_still_named() -> None:
    one = run(report(findings=[finding(rule="other")]))
    assert [rule["id"] for rule in one["tool"]["driver"]["rules"]] == ["no-timeout", "other"]
    assert one["results"][0]["ruleIndex"] == 1


def test_known_and_waived_findings_are_marked_and_not_dropped() -> None:
    results = {item["partialFingerprints"]["reviewerFinding/v1"][0]: item for item in run(everything())["results"]}
    assert results["3"]["baselineState"] == "unchanged"
    assert results["4"]["suppressions"] == [
        {"kind": "inSource", "status": "accepted", "justification": "the proxy cuts it (until 2027-01-31)"}
    ]
    assert len(results) == 6


def test_a_partial_review_is_no_successful_execution() -> None:
    (invocation,) = run(partial())["invocations"]
    assert invocation["executionSuccessful"] is False
    first = invocation["toolExecutionNotifications"][0]
    assert first["level"] == "error"
    assert first["message"]["text"] == "not checked: app/broken.py: line 7 is no Python: unexpected indent"
    assert run(report())["invocations"][0]["executionSuccessful"] is True


def test_a_web_repository_is_named_and_one_with_a_password_is_not() -> None:
    assert "versionControlProvenance" in run(report(repository="https://example.org/shop"))
    assert "versionControlProvenance" not in run(report(repository="https://user:secret@example.org/shop"))
    assert "versionControlProvenance" not in run(report(repository="/home/me/shop"))


def test_a_message_holds_no_link() -> None:
    (result,) = run(report(findings=[finding(message="see [here](http://x)", explanation="")]))["results"]
    assert result["message"]["text"] == r"see \[here\](http://x)"
    (result,) = run(report(findings=[finding(message='row["id"]', explanation="")]))["results"]
    assert result["message"]["text"] == 'row["id"]'


def test_a_place_before_the_first_line_becomes_the_first_line() -> None:
    odd = finding(line=0, end_line=0, column=0, evidence=[EvidenceItem(path="a.py", line=0, note="")])
    run(report(findings=[odd]))


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda text: "\0" not in text))
def test_a_path_becomes_a_relative_uri_that_leads_back_to_it(path: str) -> None:
    path = path.strip("/") or "x"
    uri = relative_uri(path)
    assert uri.isascii()
    assert unquote_to_bytes(uri).decode() == path
    parts = urlsplit(uri)
    assert (parts.scheme, parts.netloc, parts.query, parts.fragment) == ("", "", "", "")


def test_a_path_that_is_no_utf_8_keeps_its_bytes() -> None:
    assert relative_uri("a\udcff b.py") == "a%FF%20b.py"
    assert relative_uri("\ud800") == "%ED%A0%80"


def test_a_part_without_a_path_can_be_told() -> None:
    coverage = dataclasses.replace(partial().coverage, not_checked=[NotChecked(path="", reason="out of time")])
    run(partial(coverage=coverage))
