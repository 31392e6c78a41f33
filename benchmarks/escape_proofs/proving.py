"""What a proof is, how it is judged, and what proofs are made from.

This module and those of the projects run in the environment of the projects: they import nothing else of the package.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock


@dataclass(frozen=True)
class Proof:
    """A function run with a fault.

    Attributes:
        function: qualified name in escapes.json.
        leaves: the exception that leaves it; "" where it returns.
        run: runs the function in an empty directory that it is given.
        translated: exceptions that the one that leaves was made from: they must stand in its chain.
        passed_over: exceptions that were raised inside and end there.
    """

    function: str
    leaves: str
    run: Callable[[Path], object]
    translated: tuple[str, ...] = ()
    passed_over: tuple[str, ...] = ()


def judge(proof: Proof) -> str:
    """Run a proof in a directory of its own; what is wrong with it, "" when it holds."""
    with tempfile.TemporaryDirectory() as work, contextlib.chdir(work), mock.patch.dict(os.environ):
        return _outcome(proof, Path(work))


def _outcome(proof: Proof, work: Path) -> str:
    try:
        # A real file: some projects ask for its descriptor when they are imported.
        with Path(os.devnull).open("w") as null, contextlib.redirect_stdout(null), contextlib.redirect_stderr(null):
            proof.run(work)
    except Exception as error:  # noqa: BLE001 - which exception it is, is the question
        if not proof.leaves:
            return f"{type(error).__name__} leaves: {error}"
        if not isinstance(error, resolve(proof.leaves)):
            return f"{type(error).__name__} leaves instead: {error}"
        if any(type(error) is resolve(name) for name in (*proof.translated, *proof.passed_over)):
            return f"{type(error).__name__} is not caught"
        earlier = list(_chain(error))
        for name in proof.translated:
            if not any(isinstance(cause, resolve(name)) for cause in earlier):
                return f"{name} did not happen: {earlier}"
        return ""
    return f"nothing leaves, not even {proof.leaves}" if proof.leaves else ""


def _chain(error: BaseException) -> Iterator[BaseException]:
    """The exceptions that an exception was raised from."""
    cause = error.__cause__ or error.__context__
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def resolve(name: str) -> type[BaseException]:
    """The class with a dotted name."""
    module, _, attribute = name.rpartition(".")
    found: type[BaseException] = getattr(load(module or "builtins"), attribute)
    return found


def load(name: str) -> Any:
    """A module by its name; the projects are there only where the proofs run."""
    return importlib.import_module(name)


def fails(target: str, error: BaseException) -> contextlib.AbstractContextManager[object]:
    """Make a thing, by its dotted name, raise an exception when it is called."""
    return mock.patch(target, side_effect=error, create=True)


def written(path: Path, content: bytes | str = b"") -> str:
    """A file with this content."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return str(path)


def directory(path: Path) -> str:
    """A directory where a file is expected."""
    path.mkdir()
    return str(path)


def archive(path: Path, *members: str, end: int | None = None) -> str:
    """A compressed archive with empty members, cut off at a byte."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as made:
        for name in members:
            made.addfile(tarfile.TarInfo(name))
    return written(path, packed.getvalue()[:end])


def program(path: Path, script: str) -> Path:
    """A shell script that is found before all other programs."""
    written(path, f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    os.environ["PATH"] = f"{path.parent}{os.pathsep}{os.environ['PATH']}"
    return path
