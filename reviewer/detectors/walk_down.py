"""Path followed through nested data, each level taken for a mapping.

A loop goes down one level at each turn (`node = node[part]`), and nothing checks what the level is.

Why: A user's file or another program's data holds a text or a number where the path expects a section; the next turn
then raises TypeError, or indexes into a text.

Instead: Test `isinstance(node, dict)` at each turn and say which part of the path is no section.

Source: https://docs.python.org/3/library/stdtypes.html#mapping-types-dict
"""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.detectors.provenance import ends
from reviewer.detectors.rule import Rule, View
from reviewer.domain.fact import Call, Loop, Store
from reviewer.domain.finding import Confidence, Finding, Question, Severity

QUESTION = Question.INPUTS
SEVERITY = Severity.MEDIUM

BAD = (
    """
def read(config, path):
    node = config
    for part in path.split("."):
        node = node[part]  #!
    return node
""",
    """
def write(config, path, value):
    node = config
    for part in path[:-1]:
        node = node.setdefault(part, {})  #!
    node[path[-1]] = value
""",
)
GOOD = (
    """
def read(config, path):
    node = config
    for part in path.split("."):
        if not isinstance(node, dict):
            return None
        node = node.get(part)
    return node
""",
    """
def last(nodes):
    for node in nodes:
        node = node[0]
    return node
""",
)


def check(view: View, rule: Rule) -> Iterator[Finding]:
    """Find loops that replace a name by a part of itself, unchecked."""
    for loop in view.unit.facts:
        if not isinstance(loop, Loop) or loop.block is None or loop.block.kind != "for":
            continue
        if any(isinstance(fact, Call) and fact.callee in ("isinstance", "hasattr") for fact in loop.body):
            continue
        for fact in loop.body:
            if (
                isinstance(fact, Store)
                and fact.kind == "name"
                and _goes_down(fact)
                and not ends(view, fact, "TypeError")
            ):
                quiet = view.is_test
                yield rule.finding(
                    view,
                    fact,
                    f"{fact.value.text} fails when a level on the way is not a mapping",
                    severity=Severity.LOW if quiet else Severity.MEDIUM,
                    confidence=Confidence.MEDIUM,
                    exceptions=("TypeError", "KeyError", "AttributeError"),
                )


def _goes_down(fact: Store) -> bool:
    """`node = node[part]`, `node = node.get(part)`, `node = node.setdefault(part, {})`; a fixed place is no path."""
    text, name = fact.value.text, fact.target
    if text.startswith(f"{name}["):
        key = text[len(name) + 1 :].rstrip("]")
        return key.isidentifier()
    return (
        text.startswith((f"{name}.get(", f"{name}.setdefault("))
        and text[len(name) + 1 :].partition("(")[2][:1].isalpha()
    )
