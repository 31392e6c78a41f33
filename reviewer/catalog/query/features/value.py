"""The value that a fact is about: what is used, assigned or given back; of a call what it gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from reviewer.catalog.query.feature import NOTHING, Feature, constant, flag, of_value, only, value_of
from reviewer.catalog.query.guard import guard_words
from reviewer.catalog.query.scope import Scope
from reviewer.domain.fact import Call, Fact, Operation, Store, Usage, Value
from reviewer.domain.library import BOUNDARIES


def _may_be(value: Value) -> Iterator[str]:
    if value.none is not None:
        yield "none"
    if value.empty is not None:
        yield "empty"


def _operation(fact: Fact, scope: Scope) -> frozenset[str]:
    return only([fact.operation]) if isinstance(fact, Usage) else NOTHING


def _handed_to(fact: Fact, scope: Scope) -> frozenset[str]:
    return only([fact.callee]) if isinstance(fact, Usage) and fact.operation == "argument" else NOTHING


def _attribute(fact: Fact, scope: Scope) -> frozenset[str]:
    named = isinstance(fact, Usage) and fact.operation in ("attribute", "method")
    return only([fact.detail]) if named and isinstance(fact, Usage) else NOTHING


def _stored(fact: Fact, scope: Scope) -> frozenset[str]:
    return flag(isinstance(fact, Usage) and fact.stored)


def _target_kind(fact: Fact, scope: Scope) -> frozenset[str]:
    if isinstance(fact, Store):
        return frozenset({fact.kind})
    if isinstance(fact, Call) and fact.target is not None:
        return frozenset({"item" if fact.target.endswith("]") else "attribute" if "." in fact.target else "name"})
    return NOTHING


def _target_root(fact: Fact, scope: Scope) -> frozenset[str]:
    target = fact.target if isinstance(fact, Store | Call) else None
    if not target:
        return NOTHING
    root = target.partition(".")[0].partition("[")[0]
    if root in ("self", "cls"):
        return frozenset({"self"})
    if isinstance(fact, Store) and fact.kind == "global":
        return frozenset({"global"})
    parameters = {parameter.name for parameter in scope.view.unit.parameters}
    return frozenset({"parameter" if root in parameters else "local"})


def _literal(fact: Fact, scope: Scope) -> frozenset[str]:
    value = None if isinstance(fact, Call) else value_of(fact)
    return only([constant(value.literal)]) if value is not None and value.literal else NOTHING


FEATURES = (
    Feature(
        "value-type",
        "Canonical type of the value.",
        of_value(lambda value: [value.type]),
        says="a {}",
        lacks="not a {}",
    ),
    Feature(
        "value-boundary",
        "Where the value comes from, where it comes from outside the process.",
        of_value(lambda value: [value.boundary]),
        values=tuple(sorted(BOUNDARIES)),
        says="data from {}",
        lacks="not from {}",
        weight=2,
    ),
    Feature(
        "value-made-by",
        "What made the value, by its canonical name; parts and copies of it keep that.",
        of_value(lambda value: [value.made_by]),
        says="what {} made",
        lacks="not what {} made",
        weight=5,
    ),
    Feature(
        "value-symbol",
        "What the value names, where it is a module, class, function or bound method.",
        of_value(lambda value: [value.symbol]),
        says="{} itself",
        lacks="not {} itself",
        weight=5,
    ),
    Feature(
        "value-parameter",
        "The value came in by a parameter of the unit, or is a part of what did.",
        of_value(lambda value: flag(value.parameter is not None)),
        values=("yes",),
        says="it comes from the caller",
        lacks="it does not come from the caller",
        weight=0,
    ),
    Feature(
        "decoded",
        "Decoded data whose structure nobody has checked (JSON, YAML).",
        of_value(lambda value: flag(value.decoded)),
        values=("yes",),
        says="decoded data of unchecked structure",
        lacks="its structure is checked",
    ),
    Feature(
        "may-be",
        "What the value may be, guards in force included: None, or empty.",
        of_value(_may_be),
        values=("none", "empty"),
        says="it may be {}",
        lacks="it cannot be {}",
        weight=3,
    ),
    Feature(
        "guard",
        'What has been established of the value on the way: "truthy", "not-none", "length", "nonzero", "compared",'
        ' "isinstance", "isinstance:dict", "key", "attribute", "in", "passed" (handed to a predicate), "read".',
        of_value(guard_words),
        says="checked ({})",
        lacks="not checked ({})",
    ),
    Feature(
        "operation",
        "What is done with the value, of a fact of kind `use`.",
        _operation,
        values=get_args(Operation),
        says="it is used ({})",
        lacks="it is not used ({})",
        weight=1,
    ),
    Feature(
        "attribute-name",
        "The attribute or method of the value that is looked up, as written, of a fact of kind `use`.",
        _attribute,
        written=True,
        says="its {} is read",
        lacks="not its {}",
        weight=5,
    ),
    Feature(
        "handed-to",
        "What a value is given to, by its canonical name, of a use as an argument.",
        _handed_to,
        says="handed to {}",
        lacks="not handed to {}",
        weight=6,
    ),
    Feature(
        "changes",
        "A key, index or attribute of the value is assigned or deleted, not read.",
        _stored,
        values=("yes",),
        says="it is changed",
        lacks="it is not changed",
    ),
    Feature(
        "target-kind",
        "What is assigned to, of an assignment or of a call whose result is assigned.",
        _target_kind,
        values=("name", "attribute", "item", "global"),
        says="assigned to a {}",
        lacks="not assigned to a {}",
    ),
    Feature(
        "target-root",
        "Whose that is: an attribute of self, of a parameter, a local name, a global one.",
        _target_root,
        values=("self", "parameter", "local", "global"),
        says="of {}",
        lacks="not of {}",
        weight=0,
    ),
    Feature(
        "literal",
        """The constant that is assigned, given back or used, as written: "None", "True", "''", "[]".""",
        _literal,
        says="the value {}",
        lacks="not the value {}",
        weight=3,
    ),
)
