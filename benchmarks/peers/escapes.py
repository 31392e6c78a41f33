"""Asks bubble-analysis for the exceptions that leave each function of some files.

Run by the Python that bubble-analysis is installed in: `python -I escapes.py < FILES`, where each line of the input is
a directory, a tab and one file in it. Its command line answers for one function a process and names only the `raise`
statements; here every function is asked at once, and the line is the one inside the function that lets the exception
out: the `raise` or the call.

Prints one JSON object for each file, its name, and pairs of exception and line, or an error; then `null`.
"""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path
from typing import Any


def main() -> int:
    """Answer for each file in turn."""
    for row in sys.stdin.read().splitlines():
        directory, file = row.split("\t")
        try:
            answer: dict[str, object] = {"escapes": escapes(Path(directory))}
        except Exception as error:  # noqa: BLE001 - a foreign program's crash costs one file, and is told
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps({"file": file, **answer}), flush=True)
    print(json.dumps(None))
    return 0


def escapes(directory: Path) -> list[tuple[str, int]]:
    """Exceptions and the lines where they leave a function, for the files below a directory."""
    extractor: Any = importlib.import_module("bubble.extractor")
    propagation: Any = importlib.import_module("bubble.propagation")
    # Routes and error handlers of web frameworks take nine tenths of its time and change nothing about a function.
    extractor.detect_entrypoints = extractor.detect_global_handlers = _nothing
    model = extractor.extract_from_directory(directory, use_cache=False)
    flow = propagation.propagate_exceptions(model)
    found = set()
    for raised in flow.propagated_with_evidence.values():
        for escape in raised.values():
            place = escape.path[0] if escape.path else escape.raise_site
            found.add((escape.exception_type, place.line))
    propagation.clear_propagation_cache()
    return sorted(found)


def _nothing(source: str, path: str) -> list[object]:
    return []


if __name__ == "__main__":
    sys.exit(main())
