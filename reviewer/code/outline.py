"""Where definitions and imports stand in a file, and what its names mean, by the standard `ast`.

`ast.parse` is several times faster than libcst, so the whole file is outlined this way and only the definitions that
matter are parsed with libcst.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from reviewer.code.depth import PatternWork, refuse_depth
from reviewer.code.segment import deep_recursion
from reviewer.code.source import Source
from reviewer.domain.syntax import parse_module
from reviewer.errors import SourceError

Statement = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True)
class Definition:
    """A function, method or class.

    Attributes:
        name: qualified name inside the file ("Order.save", "outer.<locals>.inner" is "outer.inner").
        kind: what it is; a function directly in a class body is a method.
        line: first line, decorators included.
        end_line: last line.
        header_line: the line of `def` or `class`.
        owner: qualified name of the class it stands directly in; None otherwise.
        outer: qualified name of the outermost function around it, or its own; None for what no function surrounds.
        node: the syntax node.
    """

    name: str
    kind: str
    line: int
    end_line: int
    header_line: int
    owner: str | None
    outer: str | None
    node: Statement = field(repr=False, compare=False)

    @property
    def indented(self) -> bool:
        """Stands inside a block."""
        return self.node.col_offset > 0


@dataclass(frozen=True)
class Outline:
    """What the file defines.

    Attributes:
        definitions: every function and class, outermost first, by qualified name (the last one wins).
        in_order: all of them, in the order of their first lines, repeated names included.
        imports: name bound at module level -> qualified name.
        assigned: module-level name -> the expressions assigned to it.
        attributes: class -> attribute -> (expression or annotation, method it stands in), in order.
        bases: class -> base expressions as qualified names where they resolve, else as written; without type arguments.
        statements: line ranges of the module body's own statements (not definitions).
        module: dotted module name of the file.
        tree: the syntax that all of this was read from.
        stars: modules whose names are all imported, the last one first, since it wins.
    """

    definitions: Mapping[str, Definition]
    in_order: tuple[Definition, ...]
    imports: Mapping[str, str]
    assigned: Mapping[str, tuple[ast.expr, ...]]
    annotated: Mapping[str, ast.expr]
    attributes: Mapping[str, Mapping[str, tuple[ClassAttribute, ...]]]
    bases: Mapping[str, tuple[str, ...]]
    statements: tuple[tuple[int, int], ...]
    module: str
    globals_written: frozenset[str]
    tree: ast.Module = field(repr=False, compare=False)
    stars: tuple[str, ...] = ()

    @cached_property
    def within(self) -> Mapping[str, tuple[Definition, ...]]:
        """Outermost function -> all that is defined in it, itself included, in the order of their lines."""
        found: defaultdict[str, list[Definition]] = defaultdict(list)
        for definition in self.in_order:
            if definition.outer is not None:
                found[definition.outer].append(definition)
        return {name: tuple(inner) for name, inner in found.items()}

    def lineage(self, owner: str) -> Iterator[str]:
        """A class of this file and those of the file that it inherits from, each once, the nearest first."""
        pending, seen = [owner], set()
        while pending:
            current = pending.pop(0)
            if current not in seen:
                seen.add(current)
                yield current
                pending.extend(base[1:] for base in self.bases.get(current, ()) if base.startswith("."))


@dataclass(frozen=True)
class ClassAttribute:
    """One place where an attribute of a class gets its value or type.

    Attributes:
        method: name of the method it stands in; None in the class body.
        value: the expression; None for a bare annotation.
        annotation: the annotation; None where there is none.
    """

    method: str | None
    value: ast.expr | None
    annotation: ast.expr | None


def outline(source: Source, tree: ast.Module | None = None) -> Outline:
    """Locate what a file defines.

    Args:
        source: the file.
        tree: what `parse` makes of it, where that is at hand.

    Raises:
        SourceError: no valid Python, or nested too deeply to be walked safely.
    """
    if tree is None:
        tree = parse(source)
    builder = _Builder(source, module_name(source.path), source.path.rpartition("/")[2] == "__init__.py")
    with deep_recursion():  # an `elif` chain nests as deep as it is long
        builder.read_body(tree.body, "", None, None)
        return builder.finish(tree)


def parse(source: Source) -> ast.Module:
    """Parse with `ast`, refusing what could end the process later.

    Raises:
        SourceError: no valid Python, or nested too deeply.
    """
    try:
        tree = parse_module(source.text)
    except SyntaxError as error:
        wanted = _newer_syntax(source, error)
        if wanted is not None:
            running, later = (".".join(map(str, version)) for version in (sys.version_info[:2], wanted))
            raise SourceError(
                f"is written for Python {later} or later (line {error.lineno}), and the reviewer runs on {running};"
                " install the reviewer with the Python version of the project"
            ) from error
        hint = _hint(source, error)
        raise SourceError(f"is not valid Python at line {error.lineno}: {error.msg}{hint}") from error
    except (RecursionError, MemoryError) as error:
        raise SourceError("is nested too deeply to be parsed") from error
    except ValueError as error:
        raise SourceError(f"cannot be parsed: {error}") from error
    return tree


def module_name(path: str) -> str:
    """Dotted module name that a path most likely has when imported: "src/shop/orders.py" -> "shop.orders"."""
    parts = path.removesuffix(".py").removesuffix(".pyi").split("/")
    if parts and parts[0] in ("src", "lib") and len(parts) > 1:
        parts = parts[1:]
    if parts and parts[-1] == "__init__":
        parts = parts[:-1]
    return ".".join(parts)


def dotted(node: ast.expr | None) -> str | None:
    """A name or attribute chain as text; None for any other expression."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        return ".".join([node.id, *reversed(parts)])
    return None


def import_names(node: ast.Import | ast.ImportFrom, module: str, package: bool) -> Iterator[tuple[str, str]]:
    """Names that an import binds, with what they stand for.

    Args:
        node: the statement.
        module: dotted name of the importing module.
        package: the importing file is an `__init__.py`.
    """
    if isinstance(node, ast.Import):
        for alias in node.names:
            if alias.asname:
                yield alias.asname, alias.name
            else:
                root = alias.name.partition(".")[0]
                yield root, root
        return
    origin = from_module(node.module, node.level, module, package)
    for alias in node.names:
        if alias.name != "*":
            yield alias.asname or alias.name, f"{origin}.{alias.name}" if origin else alias.name


def from_module(name: str | None, level: int, module: str, package: bool) -> str:
    """The absolute module that `from …name import` means in a module."""
    if not level:
        return name or ""
    parts = module.split(".")
    keep = len(parts) - level + (1 if package else 0)
    prefix = ".".join(parts[: max(keep, 0)])
    return f"{prefix}.{name}".strip(".") if name else prefix


class _Builder:
    def __init__(self, source: Source, module: str, package: bool) -> None:
        self.source = source
        self.patterns = PatternWork(source)
        self.module = module
        self.package = package
        self.order: list[Definition] = []
        self.imports: dict[str, str] = {}
        self.assigned: dict[str, list[ast.expr]] = {}
        self.annotated: dict[str, ast.expr] = {}
        self.attributes: dict[str, dict[str, list[ClassAttribute]]] = {}
        self.base_nodes: dict[str, list[ast.expr]] = {}
        self.globals_written: set[str] = set()
        self.stars: list[str] = []

    def read_body(self, body: list[ast.stmt], prefix: str, owner: str | None, outer: str | None) -> None:
        for statement in body:
            self.read(statement, prefix, owner, outer)

    def read(self, node: ast.stmt, prefix: str, owner: str | None, outer: str | None) -> None:
        refuse_depth(node, self.source)
        if isinstance(node, ast.Match):
            self.patterns.add(node)
        if isinstance(node, Statement):
            self.define(node, prefix, owner, outer)
            return
        if outer is None:
            self.bind(node, owner)
        elif isinstance(node, ast.Global):
            self.globals_written.update(node.names)
        for body in bodies(node):
            self.read_body(body, prefix, owner, outer)

    def define(self, node: Statement, prefix: str, owner: str | None, outer: str | None) -> None:
        name = prefix + node.name
        is_class = isinstance(node, ast.ClassDef)
        kind = "class" if is_class else "method" if owner else "function"
        line = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        inner_outer = outer if outer else None if is_class else name
        self.order.append(
            Definition(name, kind, line, node.end_lineno or node.lineno, node.lineno, owner, inner_outer, node)
        )
        if isinstance(node, ast.ClassDef):
            self.base_nodes[name] = node.bases
            self.attributes.setdefault(name, {})
            self.read_body(node.body, name + ".", name, outer)
            return
        if owner:
            self.read_self(node, owner)
        self.read_body(node.body, name + ".", None, outer or name)

    def bind(self, node: ast.stmt, owner: str | None) -> None:
        if isinstance(node, ast.Import | ast.ImportFrom):
            self.imports.update(import_names(node, self.module, self.package))
            if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
                self.stars.insert(0, from_module(node.module, node.level, self.module, self.package))
            return
        value = getattr(node, "value", None)
        if isinstance(node, ast.Assign):
            targets = node.targets
            annotation = None
        elif isinstance(node, ast.AnnAssign):
            targets, annotation = [node.target], node.annotation
        else:
            return
        for target in targets:
            if not isinstance(target, ast.Name):
                continue
            if owner:
                found = self.attributes.setdefault(owner, {}).setdefault(target.id, [])
                found.append(ClassAttribute(None, value, annotation))
            else:
                if annotation is not None:
                    self.annotated[target.id] = annotation
                if value is not None:
                    self.assigned.setdefault(target.id, []).append(value)

    def read_self(self, function: ast.FunctionDef | ast.AsyncFunctionDef, owner: str) -> None:
        positional = [*function.args.posonlyargs, *function.args.args]
        if not positional:
            return
        itself = positional[0].arg
        found = self.attributes.setdefault(owner, {})
        pending: list[ast.AST] = list(function.body)
        while pending:
            node = pending.pop()
            if isinstance(node, ast.Assign | ast.AnnAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for target in targets:
                    if (
                        isinstance(target, ast.Attribute)
                        and isinstance(target.value, ast.Name)
                        and target.value.id == itself
                    ):
                        annotation = node.annotation if isinstance(node, ast.AnnAssign) else None
                        found.setdefault(target.attr, []).append(ClassAttribute(function.name, node.value, annotation))
            if isinstance(node, ast.stmt):
                for body in bodies(node):
                    pending.extend(body)

    def finish(self, tree: ast.Module) -> Outline:
        definitions = {definition.name: definition for definition in self.order}
        bases = {
            name: tuple(self.qualify(_base(node), definitions) or ast.unparse(node) for node in nodes)
            for name, nodes in self.base_nodes.items()
        }
        statements = tuple(
            (node.lineno, node.end_lineno or node.lineno) for node in tree.body if not isinstance(node, Statement)
        )
        return Outline(
            definitions=definitions,
            in_order=tuple(sorted(self.order, key=lambda definition: definition.line)),
            imports=self.imports,
            assigned={name: tuple(values) for name, values in self.assigned.items()},
            annotated=self.annotated,
            attributes={
                owner: {name: tuple(found) for name, found in names.items()} for owner, names in self.attributes.items()
            },
            bases=bases,
            statements=statements,
            module=self.module,
            globals_written=frozenset(self.globals_written),
            tree=tree,
            stars=tuple(self.stars),
        )

    def qualify(self, name: str | None, definitions: Mapping[str, Definition]) -> str | None:
        if name is None:
            return None
        root, dot, rest = name.partition(".")
        if root in definitions:
            return "." + name
        if root in self.imports:
            return self.imports[root] + dot + rest
        return name


def _base(node: ast.expr) -> str | None:
    """The class that a base is of, `Store` for `Store[str]` too."""
    return dotted(node.value if isinstance(node, ast.Subscript) else node)


def bodies(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    """The blocks of a compound statement."""
    for name in ("body", "orelse", "finalbody"):
        body = getattr(node, name, None)
        if isinstance(body, list):
            yield body
    for handler in getattr(node, "handlers", ()):
        yield handler.body
    for case in getattr(node, "cases", ()):
        yield case.body


_NEWER = (
    ((3, 12), re.compile(r"\s*(type\s+\w+\s*(\[.*\]\s*)?=|(async\s+)?(def|class)\s+\w+\s*\[)")),
    (
        (3, 14),
        re.compile(r"""\s*except\*?\s+[\w.]+\s*(,\s*(\w+\.)*[A-Z]\w*\s*)+:|(.*[=(,\[{:\s])?[rR]?[tT][rR]?['"]"""),
    ),
)
"""The first Python that takes a line: PEP 695 (type parameters), PEP 758 (`except A, B:`), PEP 750 (t-strings)."""


def _newer_syntax(source: Source, error: SyntaxError) -> tuple[int, int] | None:
    """The version whose syntax the line of an error has, where it is later than the one that runs the reviewer."""
    if error.lineno is None or not 0 < error.lineno <= len(source.lines):
        return None
    line = source.lines[error.lineno - 1]
    return next((wanted for wanted, form in _NEWER if wanted > sys.version_info[:2] and form.match(line)), None)


def _hint(source: Source, error: SyntaxError) -> str:
    if error.msg.startswith("f-string") and sys.version_info < (3, 12) and "empty expression" not in error.msg:
        return " (or it is written for Python 3.12 or later, and the reviewer runs on 3.11)"
    for line in source.lines[:400]:
        stripped = line.strip()
        if (stripped.startswith(("print ", "exec ")) and "=" not in stripped[:8]) or (
            stripped.startswith("except ") and "," in stripped and " as " not in stripped and "(" not in stripped
        ):
            return " (it looks like Python 2)"
    return ""
