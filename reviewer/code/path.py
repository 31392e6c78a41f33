"""Path expressions: names with the attributes and constant keys that lead on from them."""

from __future__ import annotations

from typing import Protocol

import libcst as cst


class Written(Protocol):
    """Something that knows how a node is written."""

    def text(self, node: cst.CSTNode) -> str:
        """The node as written."""


_PATH_PARTS = 12
"""Parts of the longest path expression whose value is remembered; what is longer would cost time without end."""


def path_of(segment: Written, node: cst.BaseExpression, parts: int = _PATH_PARTS) -> str | None:
    """The path expression of a name, attribute or constant subscript; None for anything else.

    Args:
        segment: the source that it stands in.
        node: the expression.
        parts: how many parts it may have at most; longer ones are as good as unknown.
    """
    if isinstance(node, cst.Name):
        return node.value
    if parts == 0:
        return None
    if isinstance(node, cst.Attribute):
        base = path_of(segment, node.value, parts - 1)
        return f"{base}.{node.attr.value}" if base else None
    if isinstance(node, cst.Subscript) and len(node.slice) == 1:
        index = node.slice[0].slice
        if isinstance(index, cst.Index) and isinstance(
            index.value, cst.SimpleString | cst.Integer | cst.Name | cst.UnaryOperation
        ):
            base = path_of(segment, node.value, parts - 1)
            return f"{base}[{normal_key(segment.text(index.value))}]" if base else None
    if isinstance(node, cst.Call) and not node.args and isinstance(node.func, cst.Attribute):
        base = path_of(segment, node.func, parts - 1)
        return f"{base}()" if base else None
    return None


def root_of(path: str) -> str:
    """The name that a path expression begins with."""
    return path.replace("[", ".").partition(".")[0]


def normal_key(written: str) -> str:
    """Keys with one kind of quotes, so that data["id"] and data['id'] are the same path."""
    if len(written) > 1 and written[0] == '"' == written[-1] and "'" not in written and "\\" not in written:
        return f"'{written[1:-1]}'"
    return written
