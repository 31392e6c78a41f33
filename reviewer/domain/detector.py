"""A detector as data: what a pattern of the catalog looks for. Written by a person, a model or by induction.

Three forms. A **query** is a set of tests that one fact of a unit must pass (`catalog.query` has the tests). A **rule**
is one of the reviewer's own, narrowed by a query over the facts on the finding's line. A **shape** is an ast-grep rule,
for what is no fact: the text of a regular expression, a decorator, a declaration in a class body.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Test:
    """One test of a fact: a feature of it has one of some values.

    Attributes:
        feature: name of the feature, for example "callee", "lacks-argument", "caught", "inside", "followed-by".
        values: what it may be, each a plain text or one with `*` for any characters; for a feature that holds or does
            not, ("yes",). Empty for a relation.
        related: for a relation to other facts ("followed-by", "contains"): what one of those must be; None otherwise.
    """

    __test__ = False  # what pytest would otherwise take for a test class

    feature: str
    values: tuple[str, ...] = ()
    related: Query | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """Tests of a fact.

    Attributes:
        tests: all of these hold.
        none_of: none of these holds.
        any_of: at least one of these holds, where there are any.
    """

    tests: tuple[Test, ...] = ()
    none_of: tuple[Query, ...] = ()
    any_of: tuple[Query, ...] = ()


Form = Literal["query", "rule", "shape"]


@dataclass(frozen=True, slots=True)
class Detector:
    """What a pattern looks for.

    Attributes:
        form: which of the three it is.
        query: for "query"; for "rule" the narrowing, or None.
        rule: for "rule": its id.
        shape: for "shape": the ast-grep rule as JSON text, checked before it is run.
    """

    form: Form
    query: Query | None = None
    rule: str = ""
    shape: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """A place that a detector found.

    Attributes:
        line, end_line, column: place in the file, from 1.
        function: qualified name of the unit inside the file; "<module>" for module level.
        code: the first line of the statement, stripped.
        reasons: what was seen there, in words, one for each test that a person would want to know of.
    """

    line: int
    end_line: int
    column: int
    function: str
    code: str
    reasons: tuple[str, ...] = ()
