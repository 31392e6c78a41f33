"""What a file is there for, as far as its path tells."""

from __future__ import annotations

import re

_FOLDER = re.compile(r"(^|/)(t|tests?|testing|benchmarks?|examples?|docs?|doctests?)/")


def is_test(path: str) -> bool:
    """Whether a file is test code, or code that is only shown or measured; it serves nobody in production.

    Args:
        path: from the root of the repository, '/' between parts.
    """
    name = path.rpartition("/")[2]
    return (
        name.startswith("test_")
        or name.endswith("_test.py")
        or name in ("conftest.py", "tests.py")
        or _FOLDER.search(path) is not None
    )
