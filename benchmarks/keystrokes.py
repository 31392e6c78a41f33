"""How long an editor waits for the marks of a keystroke, and whether any of them is stale or lost.

A file of about 2,000 lines is put together from the functions of a real one, opened in the real language server over
stdio, and a call is typed into a function in the middle, character by character: first each after the marks of the one
before, then all in a row.

    python -m benchmarks.keystrokes FILE.py [--lines 2000] [--keys 300]
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lsprotocol import types
from pygls.lsp.client import LanguageClient

TYPED = (
    "    answer = requests.get(url).json()\n    for item in answer['items']:\n        total = float(item['price'])\n"
    "    try:\n        store(total)\n    except OSError:\n        pass\n"
)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=Path, help="a Python file to take the lines from")
    parser.add_argument("--lines", type=int, default=2000)
    parser.add_argument("--keys", type=int, default=300)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        before, at = _file_of(options.file.read_text(), options.lines)
        (root / "long.py").write_text(before)
        for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "first"]):
            identity = ["-c", "user.name=x", "-c", "user.email=x@example.org"]
            subprocess.run(["git", *identity, *command], cwd=root, check=True)
        asyncio.run(_measure(root, before, at, options.keys))


def _file_of(text: str, lines: int) -> tuple[str, int]:
    """A file of so many lines, and the line before which is typed: the body of a function in the middle."""
    wanted = "import requests\n" + text
    while wanted.count("\n") < lines:
        wanted += "\n\n" + text
    rows = wanted.split("\n")
    half = len(rows) // 2
    typed = ["", "", "def typed(url):", "    total = 0", "    return total", "", ""]
    while half < len(rows) and (rows[half] or not rows[half + 1].startswith(("def ", "class ", "@"))):
        half += 1
    return "\n".join([*rows[:half], *typed, *rows[half:]]), half + 4


async def _measure(root: Path, before: str, at: int, keys: int) -> None:
    client = LanguageClient("benchmark", "1")
    shown: asyncio.Queue[types.PublishDiagnosticsParams] = asyncio.Queue()
    client.feature(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS)(lambda params: shown.put_nowait(params))  # noqa: PLW0108 - it is marked, which a method cannot be
    client.feature(types.WINDOW_LOG_MESSAGE)(lambda _: None)
    await client.start_io(sys.executable, "-P", "-m", "reviewer", "lsp", "--show-quiet", env=dict(os.environ))
    await client.initialize_async(types.InitializeParams(types.ClientCapabilities(), root_uri=root.as_uri()))
    client.initialized(types.InitializedParams())
    uri = (root / "long.py").as_uri()
    client.text_document_did_open(types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, "python", 0, before)))
    await shown.get()
    text = (TYPED * (keys // len(TYPED) + 1))[:keys]
    rows = before.split("\n")
    head, tail, version = "\n".join([*rows[:at], ""]), "\n".join(rows[at:]), 0

    def press(key: str) -> None:
        nonlocal head, version
        version += 1
        head += key
        change = types.TextDocumentContentChangeWholeDocument(head + tail)
        client.text_document_did_change(
            types.DidChangeTextDocumentParams(types.VersionedTextDocumentIdentifier(version, uri), [change])
        )

    seconds = []
    for key in text:
        began = time.perf_counter()
        press(key)
        while (await shown.get()).version != version:
            pass
        seconds.append(time.perf_counter() - began)
    seconds.sort()
    print(f"{before.count(chr(10))} lines, {len(seconds)} keystrokes, each after the marks of the one before")
    print(
        f"  median {1000 * statistics.median(seconds):.0f} ms, p95 {1000 * seconds[len(seconds) * 95 // 100]:.0f} ms,"
    )
    print(f"  longest {1000 * seconds[-1]:.0f} ms; the pause before each is part of it")
    began = time.perf_counter()
    for key in text:
        press(key)
        await asyncio.sleep(0.01)
    versions: list[int] = []
    while not versions or versions[-1] != version:
        versions.append((await asyncio.wait_for(shown.get(), 60)).version or 0)
    print(f"in a row, 10 ms apart: {time.perf_counter() - began:.1f} s until the last was marked")
    print(f"  marks shown {len(versions)} times, older than others before them {_stale(versions)}, last lost 0")
    await client.shutdown_async(None)
    client.exit(None)
    await client.stop()  # type: ignore[no-untyped-call]


def _stale(versions: list[int]) -> int:
    return sum(later < earlier for earlier, later in itertools.pairwise(versions))


if __name__ == "__main__":
    main()
