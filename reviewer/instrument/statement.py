"""Builds the statements that are added, out of names and words, as the file's author would lay them out."""

from __future__ import annotations

import re
from collections.abc import Sequence

import libcst as cst

from reviewer.instrument.imports import Import
from reviewer.instrument.layout import Layout
from reviewer.instrument.newline import line_end
from reviewer.instrument.proposal import Field, Introduction, Proposal
from reviewer.instrument.voice import method_of


class Maker:
    """Builds statements that look as if the file's author had written them.

    Args:
        layout: how the lines of the file are laid out.
        newline: its line end.
    """

    def __init__(self, layout: Layout, newline: str) -> None:
        self._quote = layout.quote
        self._width = layout.width
        self._newline = newline
        self._column = 0

    def line(self, proposal: Proposal, column: int, timed: Field | None = None) -> cst.SimpleStatementLine:
        """The log line itself.

        Args:
            proposal: what it says.
            column: where it begins, from 0.
            timed: how long the statement before it took; None where that is not told.
        """
        fields = (*proposal.fields, timed) if timed is not None else proposal.fields
        self._column = column
        call = self._call(proposal, fields, split=False)
        if _length(call) + column > self._width:
            call = self._call(proposal, fields, split=True)
        return self._statement(cst.Expr(call))

    def _call(self, proposal: Proposal, fields: tuple[Field, ...], *, split: bool) -> cst.Call:
        voice = proposal.voice
        logger: cst.BaseExpression = cst.parse_expression(voice.expression)
        method, traceback = method_of(proposal)
        arguments: list[cst.Arg] = []
        message = proposal.event
        if voice.sentences:
            message = message.replace("_", " ").capitalize()
        if voice.style == "percent" and fields:
            pairs = ", ".join(f"{field.key}=%s" for field in fields)
            message = f"{message}: {pairs}" if voice.sentences else f"{message} {pairs.replace(', ', ' ')}"
        if voice.style == "bind":
            if traceback:
                logger = _method_call(logger, "opt", [_keyword("exception", cst.Name("True"))])
            if fields:
                logger = _method_call(logger, "bind", [_keyword(f.key, self._value(f)) for f in fields])
            traceback = False
        arguments.append(cst.Arg(self._message(message) if split else self._text(message)))
        if voice.style == "percent":
            arguments += [cst.Arg(self._value(field)) for field in fields]
        if voice.style == "keywords":
            arguments += [_keyword(field.key, self._value(field)) for field in fields]
        if voice.style == "extra" and fields:
            arguments.append(_keyword("extra", self._dictionary(fields, split=split)))
        if traceback:
            arguments.append(_keyword("exc_info", cst.Name("True")))
        return _method_call(logger, method, self._split(arguments) if split else arguments, split=split)

    def _dictionary(self, fields: tuple[Field, ...], *, split: bool) -> cst.Dict:
        elements = [cst.DictElement(self._text(field.key), self._value(field)) for field in fields]
        whole = cst.Dict(elements)
        # Inside of a call that is split, by an indent and `extra=…,`.
        if not split or _length(whole) + self._column + 11 <= self._width:
            return whole
        between = cst.Comma(whitespace_after=self._break("        "))
        last = cst.Comma(whitespace_after=self._break("    "))
        return cst.Dict(
            [
                element.with_changes(comma=last if at == len(elements) - 1 else between)
                for at, element in enumerate(elements)
            ],
            lbrace=cst.LeftCurlyBrace(self._break("        ")),
        )

    def _split(self, arguments: list[cst.Arg]) -> list[cst.Arg]:
        """The arguments one a line."""
        between = cst.Comma(whitespace_after=self._break("    "))
        last = cst.Comma(whitespace_after=self._break(""))
        return [
            argument.with_changes(comma=last if at == len(arguments) - 1 else between)
            for at, argument in enumerate(arguments)
        ]

    def _break(self, indent: str) -> cst.ParenthesizedWhitespace:
        return cst.ParenthesizedWhitespace(
            first_line=line_end(self._newline), indent=True, last_line=cst.SimpleWhitespace(indent)
        )

    def _value(self, field: Field) -> cst.BaseExpression:
        if field.form == "constant":
            return self._text(field.value) if isinstance(field.value, str) else cst.parse_expression(repr(field.value))
        name = cst.Name(str(field.value))
        if field.form == "length":
            return cst.Call(cst.Name("len"), [cst.Arg(name)])
        if field.form == "type":
            return cst.Attribute(cst.Call(cst.Name("type"), [cst.Arg(name)]), cst.Name("__name__"))
        return name

    def _message(self, text: str) -> cst.SimpleString | cst.ConcatenatedString:
        """A text on a line of its own, or on as many as it needs."""
        room = self._width - self._column - len("    '',")
        pieces = [""]
        for word in re.findall(r"\S+\s*", text):
            if pieces[-1] and len(pieces[-1]) + len(word) > room:
                pieces.append("")
            pieces[-1] += word
        made: cst.SimpleString | cst.ConcatenatedString = self._text(pieces[-1])
        for piece in reversed(pieces[:-1]):
            made = cst.ConcatenatedString(self._text(piece), made, whitespace_between=self._break("    "))
        return made

    def _text(self, text: str) -> cst.SimpleString:
        if any(sign in text for sign in "\"'\\"):
            return cst.SimpleString(repr(text))
        return cst.SimpleString(f"{self._quote}{text}{self._quote}")

    def clock(self, name: str) -> cst.SimpleStatementLine:
        """`started = time.perf_counter()`."""
        return self._assignment(name, _dotted_call("time.perf_counter"))

    def taken(self, started: str, name: str) -> cst.SimpleStatementLine:
        """`elapsed = time.perf_counter() - started`."""
        value = cst.BinaryOperation(_dotted_call("time.perf_counter"), cst.Subtract(), cst.Name(started))
        return self._assignment(name, value)

    def made(self, introduction: Introduction) -> cst.SimpleStatementLine:
        """`logger = logging.getLogger(__name__)`."""
        arguments = [cst.Arg(cst.Name("__name__"))] if introduction.by_name else []
        assert introduction.factory is not None  # noqa: S101 - asked before
        return self._assignment(introduction.logger, _dotted_call(introduction.factory, arguments))

    def imported(self, one: Import) -> cst.SimpleStatementLine:
        """`import logging`, or `from loguru import logger`."""
        module = cst.parse_expression(one.module)
        assert isinstance(module, cst.Name | cst.Attribute)  # noqa: S101 - a dotted name
        if one.name is None:
            return self._statement(cst.Import([cst.ImportAlias(module)]))
        return self._statement(cst.ImportFrom(module, [cst.ImportAlias(cst.Name(one.name))]))

    def _assignment(self, name: str, value: cst.BaseExpression) -> cst.SimpleStatementLine:
        return self._statement(cst.Assign([cst.AssignTarget(cst.Name(name))], value))

    def _statement(self, statement: cst.BaseSmallStatement) -> cst.SimpleStatementLine:
        return cst.SimpleStatementLine([statement], trailing_whitespace=line_end(self._newline))


def _length(node: cst.CSTNode) -> int:
    return len(cst.Module([]).code_for_node(node))


def _keyword(name: str, value: cst.BaseExpression) -> cst.Arg:
    equal = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
    return cst.Arg(value, keyword=cst.Name(name), equal=equal)


def _method_call(
    receiver: cst.BaseExpression, method: str, arguments: Sequence[cst.Arg], *, split: bool = False
) -> cst.Call:
    call = cst.Call(cst.Attribute(receiver, cst.Name(method)), arguments)
    if split:
        comma = arguments[0].comma
        assert isinstance(comma, cst.Comma)  # noqa: S101 - made by `_split`
        space = comma.whitespace_after
        if len(arguments) == 1 and isinstance(space, cst.ParenthesizedWhitespace):
            space = space.with_changes(last_line=cst.SimpleWhitespace("    "))
        call = call.with_changes(whitespace_before_args=space)
    return call


def _dotted_call(name: str, arguments: Sequence[cst.Arg] = ()) -> cst.Call:
    return cst.Call(cst.parse_expression(name), arguments)
