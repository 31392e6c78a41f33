"""Depth is refused where it could end the process, and only there."""

from __future__ import annotations

import pytest

from reviewer.code.outline import outline
from reviewer.code.source import Source
from reviewer.errors import SourceError


@pytest.mark.parametrize(
    "source",
    [
        "try:\n" + "".join(f"    x{n} = {n}\n" for n in range(40)) + "finally:\n    pass\n",
        "from a import (\n" + "".join(f"    name{n},\n" for n in range(40)) + ")\n",
        "if a:\n    pass\n" + "elif b:\n    pass\n" * 300,
        f'"""{"word " * 2000}"""\n',
    ],
    ids=["long try", "long import", "long elif chain", "long docstring"],
)
def test_what_is_long_and_flat_is_read(source: str) -> None:
    outline(Source("a.py", source))


@pytest.mark.parametrize(
    "source",
    [
        "x = " + "a and " * 20_000 + "a",
        "x = (" + "'a' " * 20_000 + ")",
        "import a" + ".b" * 20_000,
        "x = [a " + "for a in b " * 2_000 + "]",
        "x = " + "-" * 900 + "1",
    ],
    ids=["boolean chain", "strings side by side", "dotted import", "comprehension", "signs"],
)
def test_what_libcst_would_nest_too_deeply_is_refused(source: str) -> None:
    with pytest.raises(SourceError):
        outline(Source("a.py", source))
