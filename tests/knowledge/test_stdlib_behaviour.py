"""What the standard library descriptions claim of values, tried on real values."""

from __future__ import annotations

import ast
import base64
import collections
import configparser
import csv
import datetime
import decimal
import enum
import gzip
import importlib
import importlib.metadata
import importlib.util
import io
import ipaddress
import json
import os
import pathlib
import pickle
import random
import re
import shlex
import shutil
import statistics
import struct
import subprocess
import tarfile
import time
import tomllib
import uuid
import xml.etree.ElementTree
import zipfile
import zlib
import zoneinfo
from collections.abc import Callable as Function
from typing import Any

import pytest

from tests.knowledge.real_package import DESCRIBED, find

NOWHERE = pathlib.Path("/no-such-folder-anywhere/file")
# Without type stubs, hence not by an import statement.
yaml: Any = importlib.import_module("yaml")
XML = xml.etree.ElementTree.fromstring("<a/>")


class Colour(enum.Enum):
    RED = "red"


RAISES: list[tuple[str, str, Function[[], object]]] = [
    ("open", "FileNotFoundError", lambda: NOWHERE.open(encoding="utf-8")),
    ("pathlib.Path.read_text", "FileNotFoundError", lambda: NOWHERE.read_text(encoding="utf-8")),
    ("pathlib.Path.mkdir", "FileNotFoundError", NOWHERE.mkdir),
    ("pathlib.Path.iterdir", "FileNotFoundError", lambda: list(NOWHERE.iterdir())),
    ("pathlib.Path.stat", "FileNotFoundError", NOWHERE.stat),
    ("pathlib.Path.unlink", "FileNotFoundError", NOWHERE.unlink),
    ("shutil.rmtree", "FileNotFoundError", lambda: shutil.rmtree(NOWHERE)),
    ("subprocess.run", "FileNotFoundError", lambda: subprocess.run([str(NOWHERE)], check=False)),
    ("subprocess.Popen", "FileNotFoundError", lambda: subprocess.Popen([str(NOWHERE)])),
]
"""Callable, exception, a call that meets it through the outside."""

RAISES_INPUT: list[tuple[str, str, Function[[], object]]] = [
    ("int", "ValueError", lambda: int("1.5")),
    ("float", "ValueError", lambda: float("1,5")),
    ("max", "ValueError", lambda: max([])),
    ("next", "StopIteration", lambda: next(iter([]))),
    ("dict", "ValueError", lambda: dict(json.loads("[[1, 2, 3]]"))),
    ("dict.pop", "KeyError", lambda: dict[str, str]().pop("a")),
    ("list.pop", "IndexError", lambda: list[str]().pop()),
    ("list.index", "ValueError", lambda: list[str]().index("a")),
    ("str.index", "ValueError", lambda: "a".index("b")),
    ("str.format", "KeyError", "{a}".format),
    ("str.encode", "UnicodeEncodeError", "\ud800".encode),
    ("bytes.decode", "UnicodeDecodeError", b"\xff".decode),
    ("bytes.fromhex", "ValueError", lambda: bytes.fromhex("x")),
    ("json.loads", "json.JSONDecodeError", lambda: json.loads("")),
    ("json.loads", "UnicodeDecodeError", lambda: json.loads(b'"\xff"')),
    ("json.dumps", "TypeError", lambda: json.dumps(datetime.datetime.now(tz=datetime.UTC))),
    ("tomllib.loads", "tomllib.TOMLDecodeError", lambda: tomllib.loads("a =")),
    ("yaml.safe_load", "yaml.YAMLError", lambda: yaml.safe_load("a: b: c")),
    ("yaml.safe_dump", "yaml.representer.RepresenterError", lambda: yaml.safe_dump(Colour.RED)),
    ("xml.etree.ElementTree.fromstring", "xml.etree.ElementTree.ParseError", lambda: find_element("")),
    ("datetime.datetime.strptime", "ValueError", lambda: datetime.datetime.strptime("x", "%Y")),
    ("datetime.datetime.fromisoformat", "ValueError", lambda: datetime.datetime.fromisoformat("yesterday")),
    ("datetime.datetime.fromtimestamp", "ValueError", lambda: datetime.datetime.fromtimestamp(1.7e12)),
    ("datetime.datetime.fromtimestamp", "OverflowError", lambda: datetime.datetime.fromtimestamp(1e30)),
    ("datetime.datetime.replace", "ValueError", lambda: datetime.datetime(2024, 2, 29).replace(year=2025)),
    ("datetime.timedelta", "OverflowError", lambda: datetime.timedelta(days=1e12)),
    ("time.strptime", "ValueError", lambda: time.strptime("x", "%Y")),
    ("time.sleep", "ValueError", lambda: time.sleep(-1)),
    ("decimal.Decimal", "decimal.InvalidOperation", lambda: decimal.Decimal("1,5")),
    ("uuid.UUID", "ValueError", lambda: uuid.UUID("x")),
    ("enum.Enum", "ValueError", lambda: Colour("blue")),
    ("re.compile", "re.error", lambda: re.compile("(")),
    ("base64.b64decode", "binascii.Error", lambda: base64.b64decode("a")),
    ("base64.b64decode", "ValueError", lambda: base64.b64decode("ä")),
    ("struct.unpack", "struct.error", lambda: struct.unpack("<I", b"")),
    ("struct.pack", "struct.error", lambda: struct.pack("<B", 256)),
    ("zipfile.ZipFile", "zipfile.BadZipFile", lambda: zipfile.ZipFile(io.BytesIO(b"x"))),
    ("tarfile.open", "tarfile.ReadError", lambda: tarfile.TarFile.open(fileobj=io.BytesIO(b"x"))),
    ("gzip.decompress", "gzip.BadGzipFile", lambda: gzip.decompress(b"xx")),
    ("gzip.decompress", "EOFError", lambda: gzip.decompress(gzip.compress(b"x")[:12])),
    ("zlib.decompress", "zlib.error", lambda: zlib.decompress(b"x")),
    ("pickle.loads", "EOFError", lambda: pickle.loads(b"")),
    ("pickle.loads", "pickle.UnpicklingError", lambda: pickle.loads(b"x")),
    ("ast.literal_eval", "ValueError", lambda: ast.literal_eval("a")),
    ("ast.parse", "SyntaxError", lambda: ast.parse("(")),
    ("importlib.import_module", "ModuleNotFoundError", lambda: importlib.import_module("no_such_module_anywhere")),
    ("importlib.metadata.version", "importlib.metadata.PackageNotFoundError", lambda: importlib.metadata.version("no")),
    ("configparser.RawConfigParser.get", "configparser.NoSectionError", lambda: config().get("no", "no")),
    ("configparser.RawConfigParser.get", "configparser.NoOptionError", lambda: config().get("a", "no")),
    ("configparser.RawConfigParser.getint", "ValueError", lambda: config().getint("a", "b", fallback=3)),
    ("csv.reader", "csv.Error", lambda: list(csv.reader(["x" * 200_000]))),
    ("zoneinfo.ZoneInfo", "zoneinfo.ZoneInfoNotFoundError", lambda: zoneinfo.ZoneInfo("Moon/Base")),
    ("zoneinfo.ZoneInfo", "ValueError", lambda: zoneinfo.ZoneInfo("/etc/localtime")),
    ("ipaddress.ip_address", "ValueError", lambda: ipaddress.ip_address("1.2.3")),
    ("ipaddress.IPv4Address", "ipaddress.AddressValueError", lambda: ipaddress.IPv4Address("1.2.3")),
    ("collections.deque.popleft", "IndexError", lambda: collections.deque[str]().popleft()),
    ("shlex.split", "ValueError", lambda: shlex.split("'")),
    ("random.choice", "IndexError", lambda: random.choice([])),
    ("statistics.mean", "statistics.StatisticsError", lambda: statistics.mean([])),
]
"""Callable, exception, a call that meets it through its argument's value."""

NONE: list[tuple[str, Function[[], object]]] = [
    ("dict.get", lambda: dict[str, str]().get("a")),
    ("re.match", lambda: re.match("a", "b")),
    ("re.Pattern.search", lambda: re.compile("a").search("b")),
    ("os.getenv", lambda: os.getenv("NO_SUCH_VARIABLE_ANYWHERE")),
    ("shutil.which", lambda: shutil.which("no-such-program-anywhere")),
    ("yaml.safe_load", lambda: yaml.safe_load("# nothing")),
    ("xml.etree.ElementTree.Element.find", lambda: XML.find("b")),
    ("xml.etree.ElementTree.Element.findtext", lambda: XML.findtext("b")),
    ("xml.etree.ElementTree.Element.get", lambda: XML.get("b")),
    ("importlib.util.find_spec", lambda: importlib.util.find_spec("no_such_module_anywhere")),
]
"""Callable, a call of it that gives None."""

EMPTY: list[tuple[str, Function[[], object]]] = [
    ("pathlib.Path.glob", lambda: list(NOWHERE.glob("*"))),
    ("os.walk", lambda: list(os.walk(NOWHERE))),
    ("configparser.RawConfigParser.read", lambda: configparser.ConfigParser().read(NOWHERE, encoding="utf-8")),
    ("io.TextIOWrapper.read", lambda: io.TextIOWrapper(io.BytesIO(b""), encoding="utf-8").read()),
    ("str.splitlines", "".splitlines),
]
"""Callable, a call of it that gives nothing, without an exception."""


def find_element(text: str) -> object:
    return xml.etree.ElementTree.fromstring(text)


def config() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read_string("[a]\nb = x\n")
    return parser


@pytest.mark.parametrize(("name", "exception", "call"), RAISES, ids=[f"{name}-{error}" for name, error, _ in RAISES])
def test_a_described_failure_of_the_outside_happens(name: str, exception: str, call: Function[[], object]) -> None:
    _check_raises(exception, call)
    described = DESCRIBED.callable(name)
    assert described is not None
    assert exception in described.raises


@pytest.mark.parametrize(
    ("name", "exception", "call"), RAISES_INPUT, ids=[f"{name}-{error}" for name, error, _ in RAISES_INPUT]
)
def test_a_described_failure_of_the_value_happens(name: str, exception: str, call: Function[[], object]) -> None:
    _check_raises(exception, call)
    described = DESCRIBED.callable(name)
    assert described is not None
    assert exception in described.raises_input


@pytest.mark.parametrize(("name", "call"), NONE, ids=[name for name, _ in NONE])
def test_a_described_none_happens(name: str, call: Function[[], object]) -> None:
    described = DESCRIBED.callable(name)

    assert call() is None
    assert described is not None
    assert described.returns_none


@pytest.mark.parametrize(("name", "call"), EMPTY, ids=[name for name, _ in EMPTY])
def test_a_described_empty_result_happens(name: str, call: Function[[], object]) -> None:
    described = DESCRIBED.callable(name)

    assert not call()
    assert described is not None
    assert described.returns_empty


def _check_raises(exception: str, call: Function[[], object]) -> None:
    expected = find(exception).value
    assert isinstance(expected, type)
    assert issubclass(expected, BaseException)
    with pytest.raises(expected):
        call()
