"""Reading the parts of values: attributes, items and slices."""

from __future__ import annotations

import re

import libcst as cst

from reviewer.code.element import element_type, part_of
from reviewer.code.environment import guarded, rename
from reviewer.code.path import normal_key, path_of
from reviewer.code.reader import Reader, is_notable
from reviewer.domain.fact import UNKNOWN, PropertyRead, Value

_ANSWER_PARTS = {
    ("choices", "message"): "openai.types.chat.ChatCompletionMessage",
    ("choices", "delta"): "openai.types.chat.chat_completion_chunk.ChoiceDelta",
}
"""A list of a model's answer and what is read of its items -> its type. Other services answer in the same form as
chat completions: https://platform.openai.com/docs/api-reference/chat/object."""
_EMPTY_ANSWER = {
    ("choices", "delta"): "a chunk that tells the usage, or what was filtered, has no choices",
    ("choices", "message"): "it is empty when the answer was filtered",
    ("candidates", "content"): "a prompt that is blocked has no candidates",
}
"""Why such a list may be empty."""
_CANDIDATE_PART = re.compile(r"\.candidates\[\w+\]\.content\.parts$")
"""Generated content: https://ai.google.dev/api/generate-content#candidate"""


def read_attribute(reader: Reader, node: cst.Attribute) -> Value:
    """Evaluate `value.name`."""
    _know_answer(reader, node)
    return read_member(reader, node, reader.read(node.value, "attribute"), called=False)


def read_member(reader: Reader, node: cst.Attribute, base: Value, called: bool) -> Value:
    """What an attribute of a value is; `called` says that a call of it follows."""
    path = path_of(reader.segment, node)
    narrowed = reader.env.get(path) if path else None
    name = node.attr.value
    if is_notable(base):
        reader.use(node, "method" if called else "attribute", rename(base, reader.text(node.value)), name)
    if not called and (function := reader.names.attributes.property_named(base, name)) is not None:
        place = (reader.span(node), reader.context, reader.statement_code)
        reader.emit(PropertyRead(*place, text=reader.text(node), callee=function))
    if narrowed is not None:
        return narrowed
    member = reader.names.member(base, name)
    if member is not None:
        if base.boundary and member.boundary is None and member.symbol is None:
            return Value(type=member.type, boundary=base.boundary, none=member.none, parameter=base.parameter)
        return member
    if (kind := _ANSWER_PARTS.get((_list_of(node), name))) is not None:
        return Value(type=kind, boundary="model output", parameter=base.parameter, made_by=base.made_by)
    if path and name == "parts" and _CANDIDATE_PART.search(path):
        missing = "an answer that was blocked or cut has none"
        return Value(boundary="model output", none=missing, parameter=base.parameter, made_by=base.made_by)
    if base.boundary or base.decoded:
        return part_of(base)
    return Value(parameter=base.parameter) if base.parameter else UNKNOWN


def read_subscript(reader: Reader, node: cst.Subscript, stored: bool = False) -> Value:
    """Evaluate `value[key]`; `stored` says that it is assigned to."""
    base = reader.read(node.value, "attribute")
    path = path_of(reader.segment, node)
    narrowed = reader.env.get(path) if path else None
    if len(node.slice) != 1:
        for element in node.slice:
            if isinstance(element.slice, cst.Index):
                reader.read(element.slice.value)
            elif isinstance(element.slice, cst.Slice):
                _read_bounds(reader, element.slice)
        return UNKNOWN
    part = node.slice[0].slice
    subject = rename(base, reader.text(node.value))
    if isinstance(part, cst.Slice):
        _read_bounds(reader, part)
        if is_notable(base):
            reader.use(node, "slice", subject, reader.text(part), stored=stored)
        return Value(
            type=base.type,
            boundary=base.boundary,
            decoded=base.decoded,
            none=None,
            empty="the slice may be empty" if base.boundary else None,
        )
    if not isinstance(part, cst.Index):
        return UNKNOWN
    key = reader.read(part.value)
    written = normal_key(reader.segment.text(part.value))
    operation = "index" if _is_index(key, written, base) else "key"
    if base.symbol is None or base.type is not None or base.symbol.rpartition(".")[2].isupper():
        # A subscript of a class or alias is an annotation, not an access; a constant is no class.
        reader.use(node, operation, subject, written, key=rename(key, reader.text(part.value)), stored=stored)
    if operation == "key" and not stored and not reader.muted and isinstance(part.value, cst.SimpleString):
        holder = path_of(reader.segment, node.value)
        if holder is not None and (held := reader.env.get(holder)) is not None:
            reader.env[holder] = guarded(held, f"read:{written}")
    if narrowed is not None and not stored:
        return narrowed
    if base.symbol == "os.environ" or base.boundary or base.decoded:
        return part_of(base, "str" if base.symbol == "os.environ" else element_type(base))
    if base.parameter or base.type is not None:
        return Value(type=element_type(base), parameter=base.parameter)
    return UNKNOWN


def _read_bounds(reader: Reader, node: cst.Slice) -> None:
    for bound in (node.lower, node.upper, node.step):
        if bound is not None:
            reader.read(bound)


def _is_index(key: Value, written: str, base: Value) -> bool:
    if base.type in ("dict", "collections.defaultdict", "collections.Counter"):
        return False
    return key.type == "int" or written.lstrip("-").isdigit()


def _list_of(node: cst.Attribute) -> str:
    """`choices` for `answer.choices[0].message`; "" for anything else."""
    item = node.value
    if isinstance(item, cst.Subscript) and isinstance(item.value, cst.Attribute) and len(item.slice) == 1:
        return item.value.attr.value
    return ""


def _know_answer(reader: Reader, node: cst.Attribute) -> None:
    """Know the list in `answer.choices[0].delta` by this form, where nothing else is known of the answer.

    Only what is read of the item tells a model's answer from a form field with choices.
    """
    name = _list_of(node)
    reason = _EMPTY_ANSWER.get((name, node.attr.value)) if name else None
    if reason is None or not isinstance(node.value, cst.Subscript) or not isinstance(node.value.value, cst.Attribute):
        return
    items = node.value.value
    path = path_of(reader.segment, items)
    if path is None or path in reader.env:
        return
    answer = reader.peek(items.value)
    if answer.type is None and answer.symbol is None and not answer.decoded:
        reader.know(path, Value(type="list", boundary=answer.boundary, empty=reason, parameter=answer.parameter))
