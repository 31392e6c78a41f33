"""The head of a Markdown or text file, in YAML between lines of `---` or in TOML between lines of `+++`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

from reviewer.catalog.documents.characters import one_line
from reviewer.catalog.documents.document import Details
from reviewer.errors import PostmortemError

_LONGEST = 16 * 1024
_LONGEST_VALUE = 300
_MOST_BRACKETS = 100
"""Opening brackets; the parser of YAML takes minutes for some thousands inside of each other."""
_TOO_DEEP = "its front matter is nested too deep; write `name: value` lines"
_MOST_TAGS = 30
_FENCE = re.compile(r"\A\s{0,20}(---|\+\+\+)[ \t]*\n")
_FIELDS: Mapping[str, str] = {
    "id": "id",
    "title": "title",
    "organisation": "organisation",
    "organization": "organisation",
    "org": "organisation",
    "company": "organisation",
    "source": "source",
    "url": "source",
    "link": "source",
    "incident_date": "incident",
    "date_of_incident": "incident",
    "date": "date",
    "published": "published",
    "publish_date": "published",
    "repo": "repository",
    "repository": "repository",
    "fix": "fix",
    "fixed_in": "fix",
    "assistant": "assistant",
    "tags": "tags",
    "labels": "tags",
    "keywords": "tags",
}
"""What front matter may call a detail → the detail; whatever else stands there is left alone."""


def split_front_matter(text: str, name: str) -> tuple[Details, str]:
    """What the front matter says, and the text after it; a text without front matter is all text.

    Raises:
        PostmortemError: it cannot be understood.
    """
    begin = _FENCE.match(text)
    if begin is None:
        return Details(), text
    fence = begin[1]
    end = re.compile(rf"^(?:{re.escape(fence)}|\.\.\.)[ \t]*$", re.MULTILINE).search(text, begin.end())
    if end is None:
        return Details(), text  # a rule across the page, and no front matter
    head, rest = text[begin.end() : end.start()], text[end.end() :]
    if fence == "---" and not _is_mapping(head):
        return Details(), text
    if len(head) > _LONGEST:
        raise PostmortemError(name, f"its front matter has {len(head):,} characters; keep it below {_LONGEST:,}")
    if head.count("[") + head.count("{") > _MOST_BRACKETS:
        raise PostmortemError(name, _TOO_DEEP)
    try:
        values = dict(_from_toml(head) if fence == "+++" else _from_yaml(head))
    except RecursionError as error:
        raise PostmortemError(name, _TOO_DEEP) from error
    except ValueError as error:
        reason = one_line(str(error), 200)
        raise PostmortemError(name, f"its front matter cannot be read: {reason}") from error
    return details_of(values), rest


def details_of(values: Mapping[str, str | Sequence[str]]) -> Details:
    """Details from the values that front matter gives them; the first of several names for one wins."""
    told: dict[str, str] = {}
    tags: tuple[str, ...] = ()
    for key, value in values.items():
        field = _FIELDS.get(key.strip().lower().replace("-", "_").replace(" ", "_"))
        if field == "tags":
            listed = value.replace(",", " ").split() if isinstance(value, str) else value
            tags = tags or tuple(one_line(tag, 60) for tag in listed[:_MOST_TAGS])
        elif field is not None and isinstance(value, str):
            told.setdefault(field, one_line(value, _LONGEST_VALUE))
    return Details(**told, tags=tags)


def _is_mapping(head: str) -> bool:
    """Whether the first line of it that says anything gives a name its value."""
    first = next((line for line in head.split("\n") if line.strip() and not line.lstrip().startswith("#")), "")
    return re.match(r"[\w\"'-][\w \"'-]{0,60}:(?:\s|$)", first) is not None


def _from_yaml(head: str) -> Iterable[tuple[str, str | Sequence[str]]]:
    """Names and values as they are written: nothing is constructed from them, and no alias is followed."""
    import yaml

    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(head, Loader=yaml.SafeLoader)):
            raise ValueError("an alias (*name) in it; write the value out")
        root = yaml.compose(head, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        place = getattr(error, "problem_mark", None)
        what = getattr(error, "problem", None) or "it is no YAML"
        raise ValueError(f"{what}{f' (line {place.line + 2})' if place is not None else ''}") from error
    for key, value in root.value if isinstance(root, yaml.MappingNode) else ():
        if not isinstance(key, yaml.ScalarNode):
            continue
        if isinstance(value, yaml.ScalarNode):
            yield key.value, "" if value.tag == "tag:yaml.org,2002:null" else value.value
        elif isinstance(value, yaml.SequenceNode):
            yield key.value, [item.value for item in value.value if isinstance(item, yaml.ScalarNode)]


def _from_toml(head: str) -> Iterable[tuple[str, str | Sequence[str]]]:
    for key, value in tomllib.loads(head).items():
        if isinstance(value, list):
            yield key, [item for item in value if isinstance(item, str)]
        elif isinstance(value, datetime | date):
            yield key, value.isoformat()
        elif isinstance(value, str):
            yield key, value
