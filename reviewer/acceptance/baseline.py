"""Findings that were there before: a JSON file of fingerprints, kept in the repository.

A finding that stands in it is told as "known" and blocks nothing. The rest of each entry is for the person who reads
the file in a review; only the fingerprints count.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from reviewer.acceptance.fingerprint import LENGTH
from reviewer.domain.report import FindingItem
from reviewer.errors import SettingsError

SCHEMA = "reviewer.baseline/1"
_KEYS = ("id", "rule", "path", "function", "message")
_ID = re.compile(rf"[0-9a-f]{{{LENGTH}}}")

Entry = Mapping[str, str]
"""One known finding: id, rule, path, function, message."""


def read_baseline(data: bytes, *, file: str) -> dict[str, Entry]:
    """The entries of a baseline by fingerprint.

    Args:
        data: the file as it is.
        file: how to name it in an error.

    Raises:
        SettingsError: it is no JSON or no baseline; names the file and the entry.
    """
    try:
        document = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise SettingsError(f"{file}: no valid JSON: {error}; write it anew with --write-baseline") from error
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise SettingsError(f"{file}: no baseline: 'schema' must be {SCHEMA!r}; write it anew with --write-baseline")
    findings = document.get("findings")
    if not isinstance(findings, list):
        raise SettingsError(f"{file}: 'findings' must be a list; write it anew with --write-baseline")
    return {entry["id"]: entry for entry in (_entry(file, at, item) for at, item in enumerate(findings))}


def _entry(file: str, index: int, item: Any) -> Entry:
    if not isinstance(item, dict) or not _ID.fullmatch(str(item.get("id", ""))):
        raise SettingsError(
            f"{file}: findings[{index}]: 'id' must be {LENGTH} hexadecimal characters; "
            "write it anew with --write-baseline"
        )
    return {key: str(item.get(key, "")) for key in _KEYS}


def write_baseline(findings: Sequence[FindingItem], *, keep: Mapping[str, Entry] | None = None) -> str:
    """The text of a baseline that accepts these findings.

    Waived findings are left out: their waiver speaks for them, and the day it expires it should.

    Args:
        findings: those of a report.
        keep: entries that stay, for a review that saw only a part of the repository.
    """
    entries: dict[str, Entry] = dict(keep or {})
    for item in findings:
        if item.status != "waived":
            entries[item.id] = {
                "id": item.id,
                "rule": item.rule,
                "path": item.path,
                "function": item.function,
                "message": item.message,
            }
    ordered = sorted(entries.values(), key=lambda entry: (entry["path"], entry["rule"], entry["id"]))
    # ASCII: a path may hold surrogates, which no UTF-8 file can.
    return json.dumps({"schema": SCHEMA, "findings": ordered}, indent=1, ensure_ascii=True) + "\n"
