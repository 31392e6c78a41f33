"""What the standard library descriptions claim of values, tried on real values."""

from __future__ import annotations

import ast
import base64
import calendar
import collections
import configparser
import csv
import ctypes
import ctypes.util
import datetime
import decimal
import difflib
import email.utils
import enum
import fractions
import grp
import gzip
import hashlib
import http.cookiejar
import http.cookies
import importlib
import importlib.metadata
import importlib.util
import inspect
import io
import ipaddress
import json
import linecache
import marshal
import mimetypes
import os
import pathlib
import pickle
import pkgutil
import plistlib
import random
import re
import runpy
import secrets
import shlex
import shutil
import signal
import statistics
import struct
import subprocess
import tarfile
import tempfile
import termios
import textwrap
import time
import tokenize
import tomllib
import unicodedata
import uuid
import wave
import weakref
import webbrowser
import xml.dom.minidom
import xml.etree.ElementTree
import xmlrpc.client
import zipfile
import zlib
import zoneinfo
from collections.abc import Callable as Function
from email.header import decode_header
from email.message import EmailMessage
from typing import Any, get_type_hints

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
    ("ctypes.CDLL", "OSError", lambda: ctypes.CDLL(str(NOWHERE))),
    (
        "http.cookiejar.FileCookieJar.load",
        "FileNotFoundError",
        lambda: http.cookiejar.MozillaCookieJar(str(NOWHERE)).load(),
    ),
    ("inspect.getsource", "OSError", lambda: inspect.getsource(eval("lambda: 0"))),
    ("pkgutil.get_data", "OSError", lambda: pkgutil.get_data("json", "no-such-file")),
    ("runpy.run_path", "OSError", lambda: runpy.run_path(str(NOWHERE))),
    ("termios.tcgetattr", "termios.error", lambda: with_descriptor(termios.tcgetattr)),
    ("tokenize.open", "FileNotFoundError", lambda: tokenize.open(str(NOWHERE))),  # noqa: SIM115
    ("os.get_terminal_size", "OSError", lambda: with_descriptor(os.get_terminal_size)),
    ("os.getpgid", "ProcessLookupError", lambda: os.getpgid(2**22 + 1)),
    ("webbrowser.get", "webbrowser.Error", lambda: webbrowser.get("no-such-browser")),
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
    ("calendar.monthrange", "calendar.IllegalMonthError", lambda: calendar.monthrange(2024, 13)),
    ("email.header.decode_header", "email.errors.HeaderParseError", lambda: decode_header("=?utf-8?b?a?=")),
    ("email.message.EmailMessage.get_content", "KeyError", lambda: multipart().get_content()),
    ("email.utils.parsedate_to_datetime", "ValueError", lambda: email.utils.parsedate_to_datetime("yesterday")),
    ("fractions.Fraction", "ValueError", lambda: fractions.Fraction("a")),
    ("fractions.Fraction", "ZeroDivisionError", lambda: fractions.Fraction("1/0")),
    ("grp.getgrnam", "KeyError", lambda: grp.getgrnam("no-such-group-anywhere")),
    ("hashlib.new", "ValueError", lambda: hashlib.new("no-such-algorithm")),
    ("http.cookies.SimpleCookie", "http.cookies.CookieError", lambda: http.cookies.SimpleCookie({"a b": "c"})),
    ("inspect.getsource", "TypeError", lambda: inspect.getsource(len)),
    ("inspect.signature", "ValueError", lambda: inspect.signature(min)),
    ("marshal.loads", "EOFError", lambda: marshal.loads(b"")),
    ("plistlib.loads", "plistlib.InvalidFileException", lambda: plistlib.loads(b"x")),
    ("plistlib.loads", "xml.parsers.expat.ExpatError", lambda: plistlib.loads(b"<plist>")),
    ("random.sample", "ValueError", lambda: random.sample([1], 2)),
    ("secrets.choice", "IndexError", lambda: secrets.choice([])),
    ("signal.Signals", "ValueError", lambda: signal.Signals(1000)),
    (
        "tokenize.generate_tokens",
        "tokenize.TokenError",
        lambda: list(tokenize.generate_tokens(io.StringIO("(").readline)),
    ),
    ("typing.get_type_hints", "NameError", lambda: get_type_hints(type("A", (), {"__annotations__": {"a": "No"}}))),
    ("unicodedata.name", "ValueError", lambda: unicodedata.name("\n")),
    ("unicodedata.lookup", "KeyError", lambda: unicodedata.lookup("no such character")),
    ("wave.open", "wave.Error", lambda: wave.open(io.BytesIO(b"x" * 100))),  # noqa: SIM115
    ("wave.open", "EOFError", lambda: wave.open(io.BytesIO(b""))),  # noqa: SIM115
    ("xml.dom.minidom.parseString", "xml.parsers.expat.ExpatError", lambda: xml.dom.minidom.parseString("")),
    ("xmlrpc.client.loads", "xml.parsers.expat.ExpatError", lambda: xmlrpc.client.loads("<a")),
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
    ("ast.get_docstring", lambda: ast.get_docstring(ast.parse(""))),
    ("ctypes.util.find_library", lambda: ctypes.util.find_library("no-such-library-anywhere")),
    ("email.message.Message.get", lambda: EmailMessage().get("Subject")),
    ("email.message.Message.get_filename", lambda: EmailMessage().get_filename()),
    ("email.utils.parsedate", lambda: email.utils.parsedate("yesterday")),
    ("inspect.getdoc", lambda: inspect.getdoc(config)),
    ("mimetypes.guess_extension", lambda: mimetypes.guess_extension("no/such-type")),
    ("weakref.ref.__call__", weakref.ref(set[int]())),
]
"""Callable, a call of it that gives None."""

EMPTY: list[tuple[str, Function[[], object]]] = [
    ("pathlib.Path.glob", lambda: list(NOWHERE.glob("*"))),
    ("os.walk", lambda: list(os.walk(NOWHERE))),
    ("configparser.RawConfigParser.read", lambda: configparser.ConfigParser().read(NOWHERE, encoding="utf-8")),
    ("io.TextIOWrapper.read", lambda: io.TextIOWrapper(io.BytesIO(b""), encoding="utf-8").read()),
    ("str.splitlines", "".splitlines),
    ("difflib.get_close_matches", lambda: difflib.get_close_matches("a", ["b"])),
    ("difflib.unified_diff", lambda: list(difflib.unified_diff(["a"], ["a"]))),
    ("linecache.getline", lambda: linecache.getline(str(NOWHERE), 1)),
    ("textwrap.wrap", lambda: textwrap.wrap("  ")),
]
"""Callable, a call of it that gives nothing, without an exception."""


def with_descriptor(call: Function[[int], object]) -> object:
    with tempfile.TemporaryFile() as file:
        return call(file.fileno())


def multipart() -> EmailMessage:
    message = EmailMessage()
    message.make_mixed()
    return message


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
