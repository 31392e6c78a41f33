"""Puts proposals into the code: libcst builds each statement out of names and words, nothing is pasted."""

from __future__ import annotations

import ast
import codecs
import io
import re
import tokenize
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst

from reviewer.code.segment import Segment, deep_recursion, parse_lines
from reviewer.code.source import Source
from reviewer.errors import SourceError
from reviewer.instrument.imports import Anchor, Import, introductions, needed_imports, place_import, place_logger
from reviewer.instrument.proposal import Field, Introduction, Level, Proposal, Voice

_WIDTHS = (79, 88)
"""Limits of a line: the first that nearly all lines of a file keep to, else the last. Formatters leave a call alone
that is split with a comma behind its last argument, so that narrow lines suit a wider limit too."""
_EXCEPTIONS = 0.01
_NEAREST: dict[Level, tuple[str, ...]] = {
    "debug": ("debug", "info"),
    "info": ("info", "debug"),
    "warning": ("warning", "warn", "error", "info"),
    "error": ("error", "warning", "critical"),
    "critical": ("critical", "fatal", "error"),
}
"""Methods for a level, the best first, of a logger that does not have them all."""


@dataclass(frozen=True, slots=True)
class Written:
    """A file with log lines in it.

    Attributes:
        text: the whole text.
        content: its bytes, in the encoding and with the mark of the original.
    """

    text: str
    content: bytes


def write(source: Source, content: bytes, tree: ast.Module, proposals: Sequence[Proposal]) -> Written:
    """Put log lines into a file.

    Args:
        source: its text.
        content: its bytes.
        tree: its syntax.
        proposals: what to put in.

    Raises:
        SourceError: libcst cannot parse the file, or a place is not where a line can be put.
    """
    segment = parse_lines(source, [(1, max(1, len(source.line_starts)))], indented=False)
    if segment.module.code != source.text:
        raise SourceError("does not come back unchanged from parsing")
    plan = _Plan(source, tree, tuple(proposals))
    insertion = _Insertion(segment, plan)
    with deep_recursion():
        patched = segment.module.visit(insertion)
        text = patched.code
    missing = plan.count - insertion.done
    if missing:
        raise SourceError("the place shares its line with other statements")
    return Written(text, encode(text, content))


def encode(text: str, content: bytes) -> bytes:
    """A text in the encoding, and with the byte order mark, of a file's bytes.

    Raises:
        SourceError: the encoding has no sign for a character.
    """
    encoding, _ = tokenize.detect_encoding(io.BytesIO(content).readline)
    if encoding == "utf-8-sig":
        return codecs.BOM_UTF8 + text.encode("utf-8")
    try:
        return text.encode(encoding)
    except UnicodeError as error:
        raise SourceError(f"cannot be written in {encoding}") from error


class _Plan:
    """The statements to add, by the offset of what they stand beside."""

    def __init__(self, source: Source, tree: ast.Module, proposals: tuple[Proposal, ...]) -> None:
        self.source = source
        self.before: defaultdict[int, list[cst.SimpleStatementLine]] = defaultdict(list)
        self.after: defaultdict[int, list[cst.SimpleStatementLine]] = defaultdict(list)
        self.first: defaultdict[int, list[cst.SimpleStatementLine]] = defaultdict(list)
        self.top: list[tuple[Anchor, cst.SimpleStatementLine]] = []
        self.newline = _newline(source)
        maker = _Maker(source, self.newline)
        self.count = 0
        for proposal in proposals:
            start = source.line_starts[proposal.place.line - 1] + proposal.place.column - 1
            self._add(proposal, start, maker, tree)
        for one in needed_imports(tree, proposals):
            self.top.append((place_import(tree, one), maker.imported(one)))
        for introduction in introductions(proposals):
            if introduction.factory is not None:
                self.top.append((place_logger(tree), maker.made(introduction)))

    def _add(self, proposal: Proposal, start: int, maker: _Maker, tree: ast.Module) -> None:
        self.count += 1
        column = proposal.place.column - 1
        match proposal.place.position:
            case "handler-start":
                self.first[start].append(maker.line(proposal, column + 4))
            case "before":
                self.before[start].append(maker.line(proposal, column))
            case "after" if proposal.timed:
                self.count += 1
                names = fresh_names(tree, proposal)
                self.before[start].append(maker.clock(names[0]))
                self.after[start].append(maker.taken(*names))
                timed = Field(names[1], "name", names[1])
                self.after[start].append(maker.line(proposal, column, timed))
            case "after":
                self.after[start].append(maker.line(proposal, column))


def fresh_names(tree: ast.Module, proposal: Proposal) -> tuple[str, str]:
    """Names for the time when a statement began and for how long it took, which mean nothing yet in the module."""
    used = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
    used |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    used |= {field.key for field in proposal.fields}
    number = 0
    while True:
        ending = f"_{number}" if number else ""
        if f"started{ending}" not in used and f"elapsed{ending}" not in used:
            return f"started{ending}", f"elapsed{ending}"
        number += 1


class _Insertion(cst.CSTTransformer):
    def __init__(self, segment: Segment, plan: _Plan) -> None:
        super().__init__()
        self._segment = segment
        self._plan = plan
        self._top = segment.module
        self.done = 0

    def _start(self, node: cst.CSTNode) -> int:
        return self._segment.span(node)[0]

    def _body(
        self, original: Sequence[cst.BaseStatement], updated: Sequence[cst.BaseStatement]
    ) -> list[cst.BaseStatement]:
        plan = self._plan
        body: list[cst.BaseStatement] = []
        for old, new in zip(original, updated, strict=True):
            begins = self._start(old)
            last = self._start(old.body[-1]) if isinstance(old, cst.SimpleStatementLine) else begins
            before, after = plan.before.get(begins, ()), plan.after.get(last, ())
            if before and isinstance(new, cst.SimpleStatementLine | cst.BaseCompoundStatement):
                self.done += len(before)
                # A comment above the statement stays above it all.
                first, *others = before
                body.append(first.with_changes(leading_lines=new.leading_lines))
                body.extend(others)
                body.append(new.with_changes(leading_lines=()))
            else:
                body.append(new)
            if after:
                self.done += sum(1 for _ in after if not _is_clock(_))
                body.extend(after)
        return body

    def leave_IndentedBlock(self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock) -> cst.BaseSuite:
        """Add what stands in a block."""
        return updated_node.with_changes(body=self._body(original_node.body, updated_node.body))

    def leave_ExceptHandler(
        self, original_node: cst.ExceptHandler, updated_node: cst.ExceptHandler
    ) -> cst.ExceptHandler:
        """Add what stands first in a clause."""
        return updated_node.with_changes(body=self._opened(original_node, updated_node.body))

    def leave_ExceptStarHandler(
        self, original_node: cst.ExceptStarHandler, updated_node: cst.ExceptStarHandler
    ) -> cst.ExceptStarHandler:
        """Add what stands first in a clause of an exception group."""
        return updated_node.with_changes(body=self._opened(original_node, updated_node.body))

    def _opened(self, node: cst.ExceptHandler | cst.ExceptStarHandler, suite: cst.BaseSuite) -> cst.BaseSuite:
        lines = self._plan.first.get(self._start(node), ())
        if not lines:
            return suite
        self.done += len(lines)
        if isinstance(suite, cst.IndentedBlock):
            return suite.with_changes(body=[*lines, *suite.body])
        assert isinstance(suite, cst.SimpleStatementSuite)  # noqa: S101 - the only other suite there is
        # `except X: pass  # why` becomes a block; the comment, mostly for a linter, stays with the clause.
        rest = cst.SimpleStatementLine(body=suite.body, trailing_whitespace=_line_end(self._plan.newline))
        if isinstance(suite.body[-1].semicolon, cst.Semicolon):
            rest = rest.with_changes(body=[*suite.body[:-1], suite.body[-1].with_changes(semicolon=_NO_SEMICOLON)])
        return cst.IndentedBlock(body=[*lines, rest], header=suite.trailing_whitespace)

    def leave_Module(self, original_node: cst.Module, updated_node: cst.Module) -> cst.Module:
        """Add imports and the making of the logger."""
        body = self._body(original_node.body, updated_node.body)
        if not self._plan.top:
            return updated_node.with_changes(body=body)
        # Nothing but what the plan adds at the top changes the number of a module's own statements.
        return _with_top(updated_node.with_changes(body=body), self._plan)


def _with_top(module: cst.Module, plan: _Plan) -> cst.Module:
    body: list[cst.SimpleStatementLine | cst.BaseCompoundStatement] = []
    # One line may hold several of the module's statements, which `ast` counts one by one.
    index = 0
    blank = cst.EmptyLine(indent=False, newline=_newline_node(plan.newline))
    header, footer = module.header, module.footer
    for statement in module.body:
        size = len(statement.body) if isinstance(statement, cst.SimpleStatementLine) else 1
        covered = range(index, index + size)
        index += size
        before = [one for one in plan.top if one[0].side == "before" and one[0].index in covered]
        after = [one for one in plan.top if one[0].side == "after" and one[0].index in covered]
        leading = list(statement.leading_lines)
        for at, (anchor, line) in enumerate(before):
            lead = leading if at == 0 else [blank] if anchor.blank_before else []
            body.append(line.with_changes(leading_lines=lead))
            apart = 2 if isinstance(statement, cst.FunctionDef | cst.ClassDef) else 1
            leading = [blank] * apart if anchor.blank_after else []
        body.append(statement.with_changes(leading_lines=leading) if before else statement)
        for anchor, line in after:
            lead = [blank] if anchor.blank_before else []
            body.append(line.with_changes(leading_lines=lead))
    if not module.body:
        body = [line for _, line in plan.top]
    return module.with_changes(body=body, header=header, footer=footer)


class _Maker:
    """Builds statements that look as if the file's author had written them."""

    def __init__(self, source: Source, newline: str) -> None:
        self._quote = _quote(source)
        self._width = _width(source)
        self._newline = newline
        self._column = 0

    def line(self, proposal: Proposal, column: int, timed: Field | None = None) -> cst.SimpleStatementLine:
        """The log line itself."""
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
            first_line=_line_end(self._newline), indent=True, last_line=cst.SimpleWhitespace(indent)
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
        return cst.SimpleStatementLine([statement], trailing_whitespace=_line_end(self._newline))


def _length(node: cst.CSTNode) -> int:
    return len(cst.Module([]).code_for_node(node))


_NO_SEMICOLON = cst.MaybeSentinel.DEFAULT


def method_of(proposal: Proposal) -> tuple[str, bool]:
    """The logger's method for a proposal, and whether it has to be told to log the traceback.

    Raises:
        SourceError: the logger has no method for the level.
    """
    voice = proposal.voice
    there = voice.methods
    if proposal.exception and proposal.level == "error" and (there is None or "exception" in there):
        return "exception", False
    for name in _NEAREST[proposal.level]:
        if there is None or name in there:
            return name, proposal.exception and voice.traceback
    if proposal.exception and there is not None and "exception" in there:
        return "exception", False
    raise SourceError(f"the logger {voice.expression} has no method for the level {proposal.level}")


def told_fields(voice: Voice, fields: tuple[Field, ...]) -> tuple[Field, ...]:
    """The fields that a logger can take."""
    return () if voice.style == "plain" else fields


def _is_clock(line: cst.SimpleStatementLine) -> bool:
    return isinstance(line.body[0], cst.Assign)


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


def _line_end(newline: str) -> cst.TrailingWhitespace:
    return cst.TrailingWhitespace(newline=_newline_node(newline))


def _newline_node(newline: str) -> cst.Newline:
    return cst.Newline(value="\r\n" if newline == "\r\n" else "\r" if newline == "\r" else "\n")


def _newline(source: Source) -> str:
    """The line end of most lines."""
    counts = {end: len(re.findall(end, source.text)) for end in ("\r\n", r"(?<!\r)\n", r"\r(?!\n)")}
    best = max(counts, key=lambda end: counts[end])
    return {"\r\n": "\r\n", r"(?<!\r)\n": "\n", r"\r(?!\n)": "\r"}[best]


def _width(source: Source) -> int:
    lengths = [len(line) for line in source.lines]
    allowed = _EXCEPTIONS * len(lengths)
    return next((width for width in _WIDTHS if sum(size > width for size in lengths) <= allowed), _WIDTHS[-1])


def _quote(source: Source) -> str:
    """The quotation mark of most short strings."""
    double = len(re.findall(r'(?<!["\w])"[^"\n]+"(?!")', source.text))
    single = len(re.findall(r"(?<!['\w])'[^'\n]+'(?!')", source.text))
    return "'" if single > double else '"'
