"""Puts proposals into the code: libcst builds each statement out of names and words, nothing is pasted."""

from __future__ import annotations

import ast
import codecs
import io
import tokenize
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import libcst as cst

from reviewer.code.segment import Segment, deep_recursion, parse_lines
from reviewer.code.source import Source
from reviewer.errors import SourceError
from reviewer.instrument.imports import Anchor, introductions, needed_imports, place_import, place_logger
from reviewer.instrument.layout import Layout
from reviewer.instrument.module_scope import names_in
from reviewer.instrument.newline import line_end, newline_node, newline_of
from reviewer.instrument.placeholder import is_directive, is_placeholder
from reviewer.instrument.proposal import Field, Proposal
from reviewer.instrument.statement import Maker

_NO_SEMICOLON = cst.MaybeSentinel.DEFAULT


@dataclass(frozen=True, slots=True)
class Written:
    """A file with log lines in it.

    Attributes:
        text: the whole text.
        content: its bytes, in the encoding and with the mark of the original.
    """

    text: str
    content: bytes


def write(source: Source, content: bytes, tree: ast.Module, proposals: Sequence[Proposal], layout: Layout) -> Written:
    """Put log lines into a file.

    Args:
        source: its text.
        content: its bytes.
        tree: its syntax.
        proposals: what to put in.
        layout: how its lines are laid out.

    Raises:
        SourceError: libcst cannot parse the file, or a place is not where a line can be put.
    """
    segment = parse_lines(source, [(1, max(1, len(source.line_starts)))], indented=False)
    if segment.module.code != source.text:
        raise SourceError("does not come back unchanged from parsing")
    plan = _Plan(source, tree, tuple(proposals), layout)
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

    def __init__(self, source: Source, tree: ast.Module, proposals: tuple[Proposal, ...], layout: Layout) -> None:
        self.source = source
        self.before: defaultdict[int, list[cst.SimpleStatementLine]] = defaultdict(list)
        self.after: defaultdict[int, list[cst.SimpleStatementLine]] = defaultdict(list)
        self.first: defaultdict[int, list[cst.SimpleStatementLine]] = defaultdict(list)
        self.top: list[tuple[Anchor, cst.SimpleStatementLine]] = []
        self.newline = newline_of(source)
        maker = Maker(layout, self.newline)
        self.count = 0
        for proposal in proposals:
            start = source.line_starts[proposal.place.line - 1] + proposal.place.column - 1
            self._add(proposal, start, maker, tree)
        for one in needed_imports(tree, proposals):
            self.top.append((place_import(tree, one), maker.imported(one)))
        for introduction in introductions(proposals):
            if introduction.factory is not None:
                self.top.append((place_logger(tree), maker.made(introduction)))

    def _add(self, proposal: Proposal, start: int, maker: Maker, tree: ast.Module) -> None:
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
    used = names_in(tree) | {field.key for field in proposal.fields}
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
            return suite.with_changes(body=_first_in(suite.body, lines))
        assert isinstance(suite, cst.SimpleStatementSuite)  # noqa: S101 - the only other suite there is
        # `except X: pass  # why` becomes a block; the comment, mostly for a linter, stays with the clause.
        if is_placeholder(suite):
            return cst.IndentedBlock(body=lines, header=suite.trailing_whitespace)
        rest = cst.SimpleStatementLine(body=suite.body, trailing_whitespace=line_end(self._plan.newline))
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


def _first_in(
    body: Sequence[cst.BaseStatement], lines: Sequence[cst.SimpleStatementLine]
) -> Sequence[cst.BaseStatement]:
    """The statements of a clause with log lines before them, or in the place of a `pass` that stood alone."""
    alone = body[0] if len(body) == 1 else None
    if not isinstance(alone, cst.SimpleStatementLine) or not is_placeholder(alone):
        return [*lines, *body]
    above = list(alone.leading_lines)
    behind = alone.trailing_whitespace
    if behind.comment is not None:
        if is_directive(behind.comment.value):
            return [*lines, *body]
        above.append(cst.EmptyLine(indent=True, comment=behind.comment, newline=behind.newline))
    first, *others = lines
    return [first.with_changes(leading_lines=above), *others]


def _with_top(module: cst.Module, plan: _Plan) -> cst.Module:
    body: list[cst.SimpleStatementLine | cst.BaseCompoundStatement] = []
    # One line may hold several of the module's statements, which `ast` counts one by one.
    index = 0
    blank = cst.EmptyLine(indent=False, newline=newline_node(plan.newline))
    header, footer = module.header, module.footer
    for statement in module.body:
        size = len(statement.body) if isinstance(statement, cst.SimpleStatementLine) else 1
        covered = range(index, index + size)
        index += size
        before = [one for one in plan.top if one[0].side == "before" and one[0].index in covered]
        after = [one for one in plan.top if one[0].side == "after" and one[0].index in covered]
        leading = list(statement.leading_lines)
        for at, (anchor, line) in enumerate(before):
            lead = leading if at == 0 else [blank] * anchor.blank_before
            body.append(line.with_changes(leading_lines=lead))
            apart = 2 if isinstance(statement, cst.FunctionDef | cst.ClassDef) else 1
            leading = [blank] * apart if anchor.blank_after else []
        body.append(statement.with_changes(leading_lines=leading) if before else statement)
        for anchor, line in after:
            lead = [blank] * anchor.blank_before
            body.append(line.with_changes(leading_lines=lead))
    if not module.body:
        body = [line for _, line in plan.top]
    return module.with_changes(body=body, header=header, footer=footer)


def _is_clock(line: cst.SimpleStatementLine) -> bool:
    return isinstance(line.body[0], cst.Assign)
