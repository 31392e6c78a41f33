"""What the descriptions of libraries claim of values, tried on real values where no network is needed."""

from __future__ import annotations

import importlib
import io
import pathlib
from collections.abc import Callable as Function
from typing import Any

import pytest

from tests.knowledge.real_package import DESCRIBED, find

NOWHERE = pathlib.Path("/no-such-folder-anywhere/file")
FERNET = "cryptography.fernet.Fernet"


def call(name: str, *arguments: Any, **named: Any) -> Any:
    """Call the described thing; most of the libraries have no type stubs."""
    value: Any = find(name).value
    return value(*arguments, **named)


def soup(text: str) -> Any:
    return call("bs4.BeautifulSoup", text, "html.parser")


def xml(text: str) -> Any:
    return call("lxml.etree.fromstring", text)


def picture(data: bytes) -> Any:
    return call("PIL.Image.open", io.BytesIO(data))


def cut_picture() -> Any:
    whole = io.BytesIO()
    call("PIL.Image.new", "RGB", (64, 64)).save(whole, "PNG")
    return picture(whole.getvalue()[:60])


def table(text: str) -> Any:
    return call("pandas.read_csv", io.StringIO(text))


def yaml(text: str) -> Any:
    return call("ruamel.yaml.YAML").load(text)


def template(text: str) -> Any:
    return call("jinja2.Environment").from_string(text)


def ended_process() -> Any:
    return call("psutil.Process", 2**22 + 1)


def in_no_folder() -> Any:
    return call("jinja2.Environment", loader=call("jinja2.FileSystemLoader", str(NOWHERE)))


def fernet() -> Any:
    return call(FERNET, call(f"{FERNET}.generate_key"))


def expired() -> object:
    token = call("jwt.encode", {"exp": 1}, "k" * 32, algorithm="HS256")
    return call("jwt.decode", token, "k" * 32, algorithms=["HS256"])


RAISES: list[tuple[str, str, Function[[], object]]] = [
    ("PIL.Image.open", "FileNotFoundError", lambda: call("PIL.Image.open", NOWHERE)),
    ("PIL.ImageFont.truetype", "OSError", lambda: call("PIL.ImageFont.truetype", "no-such-font")),
    ("docker.from_env", "docker.errors.DockerException", lambda: call("docker.DockerClient", f"unix://{NOWHERE}")),
    ("git.Repo", "git.exc.NoSuchPathError", lambda: call("git.Repo", NOWHERE)),
    ("git.Repo", "git.exc.InvalidGitRepositoryError", lambda: call("git.Repo", "/")),
    ("jinja2.Environment.get_template", "jinja2.TemplateNotFound", lambda: in_no_folder().get_template("a")),
    ("lxml.etree.parse", "OSError", lambda: call("lxml.etree.parse", str(NOWHERE))),
    ("numpy.load", "FileNotFoundError", lambda: call("numpy.load", NOWHERE)),
    ("pandas.read_csv", "FileNotFoundError", lambda: call("pandas.read_csv", NOWHERE)),
    ("pexpect.spawn", "pexpect.ExceptionPexpect", lambda: call("pexpect.spawn", str(NOWHERE))),
    ("psutil.Process", "psutil.NoSuchProcess", ended_process),
    ("pypdf.PdfReader", "FileNotFoundError", lambda: call("pypdf.PdfReader", NOWHERE)),
    ("toml.load", "FileNotFoundError", lambda: call("toml.load", NOWHERE)),
]
"""Callable, exception, a call that meets it through the outside."""

RAISES_INPUT: list[tuple[str, str, Function[[], object]]] = [
    ("PIL.Image.open", "PIL.UnidentifiedImageError", lambda: picture(b"x")),
    ("PIL.Image.Image.load", "OSError", lambda: cut_picture().load()),
    ("bs4.BeautifulSoup", "bs4.FeatureNotFound", lambda: call("bs4.BeautifulSoup", "", "no-such-parser")),
    (FERNET, "ValueError", lambda: call(FERNET, b"secret")),
    (f"{FERNET}.decrypt", "cryptography.fernet.InvalidToken", lambda: fernet().decrypt(b"x")),
    ("dateutil.parser.parse", "dateutil.parser.ParserError", lambda: call("dateutil.parser.parse", "no date")),
    ("dateutil.parser.isoparse", "ValueError", lambda: call("dateutil.parser.isoparse", "no date")),
    ("frontmatter.loads", "yaml.YAMLError", lambda: call("frontmatter.loads", "---\na: b: c\n---\n")),
    ("jinja2.Template", "jinja2.TemplateSyntaxError", lambda: template("{{")),
    ("jinja2.Template.render", "jinja2.UndefinedError", lambda: template("{{ a.b.c }}").render()),
    ("jsonschema.validate", "jsonschema.ValidationError", lambda: call("jsonschema.validate", 1, {"type": "string"})),
    ("jsonschema.validate", "jsonschema.SchemaError", lambda: call("jsonschema.validate", 1, {"type": "no"})),
    ("jwt.decode", "jwt.exceptions.InvalidTokenError", lambda: call("jwt.decode", "x", "k" * 32, algorithms=["HS256"])),
    ("jwt.decode", "jwt.exceptions.ExpiredSignatureError", expired),
    ("jwt.get_unverified_header", "jwt.exceptions.DecodeError", lambda: call("jwt.get_unverified_header", "x")),
    ("lxml.etree.fromstring", "lxml.etree.XMLSyntaxError", lambda: xml("")),
    ("lxml.etree.fromstring", "ValueError", lambda: xml('<?xml version="1.0" encoding="utf-8"?><a/>')),
    ("lxml.html.fromstring", "lxml.etree.ParserError", lambda: call("lxml.html.fromstring", "")),
    ("msgpack.unpackb", "ValueError", lambda: call("msgpack.unpackb", b"\x93\x01")),
    ("msgpack.unpackb", "ValueError", lambda: call("msgpack.unpackb", b"\x01\x01")),
    ("msgpack.packb", "TypeError", lambda: call("msgpack.packb", {1, 2})),
    ("numpy.load", "EOFError", lambda: call("numpy.load", io.BytesIO(b""))),
    ("numpy.load", "ValueError", lambda: call("numpy.load", io.BytesIO(b"x"))),
    ("numpy.max", "ValueError", lambda: call("numpy.max", [])),
    ("numpy.concatenate", "ValueError", lambda: call("numpy.concatenate", [])),
    ("numpy.linalg.inv", "numpy.linalg.LinAlgError", lambda: call("numpy.linalg.inv", [[0, 0], [0, 0]])),
    ("orjson.loads", "orjson.JSONDecodeError", lambda: call("orjson.loads", "")),
    ("orjson.dumps", "TypeError", lambda: call("orjson.dumps", {1, 2})),
    ("packaging.version.Version", "packaging.version.InvalidVersion", lambda: call("packaging.version.Version", "dev")),
    (
        "packaging.requirements.Requirement",
        "packaging.requirements.InvalidRequirement",
        lambda: call("packaging.requirements.Requirement", "-r other.txt"),
    ),
    ("pandas.read_csv", "pandas.errors.EmptyDataError", lambda: table("")),
    ("pandas.read_csv", "pandas.errors.ParserError", lambda: table("a\n1\n1,2,3\n")),
    ("pandas.read_json", "ValueError", lambda: call("pandas.read_json", io.StringIO(""))),
    ("pandas.to_datetime", "ValueError", lambda: call("pandas.to_datetime", "no date")),
    ("pandas.to_numeric", "ValueError", lambda: call("pandas.to_numeric", ["no number"])),
    ("pandas.concat", "ValueError", lambda: call("pandas.concat", [])),
    ("pydantic_core.from_json", "ValueError", lambda: call("pydantic_core.from_json", "")),
    (
        "pydantic_core.to_json",
        "pydantic_core.PydanticSerializationError",
        lambda: call("pydantic_core.to_json", object()),
    ),
    (
        "pygments.lexers.get_lexer_by_name",
        "pygments.util.ClassNotFound",
        lambda: call("pygments.lexers.get_lexer_by_name", "no such language"),
    ),
    ("pypdf.PdfReader", "pypdf.errors.PdfReadError", lambda: call("pypdf.PdfReader", io.BytesIO(b""))),
    ("rich.text.Text.from_markup", "rich.errors.MarkupError", lambda: call("rich.text.Text.from_markup", "[/etc]")),
    ("ruamel.yaml.YAML.load", "ruamel.yaml.error.YAMLError", lambda: yaml("a: b: c")),
    ("ruamel.yaml.YAML.load", "ruamel.yaml.constructor.DuplicateKeyError", lambda: yaml("a: 1\na: 2\n")),
    ("tiktoken.get_encoding", "ValueError", lambda: call("tiktoken.get_encoding", "no-such-encoding")),
    ("tiktoken.encoding_for_model", "KeyError", lambda: call("tiktoken.encoding_for_model", "no-such-model")),
    ("toml.loads", "toml.TomlDecodeError", lambda: call("toml.loads", "a =")),
    ("tomli.loads", "tomli.TOMLDecodeError", lambda: call("tomli.loads", "a =")),
    ("tomlkit.parse", "tomlkit.exceptions.ParseError", lambda: call("tomlkit.parse", "a =")),
    ("tornado.escape.json_decode", "json.JSONDecodeError", lambda: call("tornado.escape.json_decode", "")),
]
"""Callable, exception, a call that meets it through its argument's value."""

NONE: list[tuple[str, Function[[], object]]] = [
    ("bs4.Tag.find", lambda: soup("<p>").find("a")),
    ("bs4.Tag.select_one", lambda: soup("<p>").select_one("a")),
    ("bs4.Tag.get", lambda: soup("<p>").p.get("class")),
    ("bs4.Tag.string", lambda: soup("<p>").p.string),
    ("dateutil.tz.gettz", lambda: call("dateutil.tz.gettz", "Moon/Base")),
    ("lxml.etree.HTML", lambda: call("lxml.etree.HTML", "")),
    ("lxml.etree._Element.find", lambda: xml("<a/>").find("b")),
    ("lxml.etree._Element.text", lambda: xml("<a/>").text),
    ("pexpect.which", lambda: call("pexpect.which", "no-such-program-anywhere")),
    ("ruamel.yaml.YAML.load", lambda: yaml("# nothing")),
]
"""Callable or attribute, an expression with it that gives None."""

EMPTY: list[tuple[str, Function[[], object]]] = [
    ("bs4.Tag.find_all", lambda: soup("<p>").find_all("a")),
    ("dotenv.dotenv_values", lambda: call("dotenv.dotenv_values", NOWHERE)),
    ("lxml.etree._Element.xpath", lambda: xml("<a/>").xpath("b")),
]
"""Callable, a call of it that gives nothing, without an exception."""


@pytest.mark.parametrize(("name", "exception", "try_it"), RAISES, ids=[f"{name}-{error}" for name, error, _ in RAISES])
def test_a_described_failure_of_the_outside_happens(name: str, exception: str, try_it: Function[[], object]) -> None:
    _check_raises(exception, try_it)
    described = DESCRIBED.callable(name)
    assert described is not None
    assert exception in described.raises


@pytest.mark.parametrize(
    ("name", "exception", "try_it"), RAISES_INPUT, ids=[f"{name}-{error}" for name, error, _ in RAISES_INPUT]
)
def test_a_described_failure_of_the_value_happens(name: str, exception: str, try_it: Function[[], object]) -> None:
    _check_raises(exception, try_it)
    described = DESCRIBED.callable(name)
    assert described is not None
    assert any(DESCRIBED.covers(known, exception) for known in described.raises_input)


@pytest.mark.parametrize(("name", "try_it"), NONE, ids=[name for name, _ in NONE])
def test_a_described_none_happens(name: str, try_it: Function[[], object]) -> None:
    function, attribute = DESCRIBED.callable(name), DESCRIBED.attribute(name)

    assert try_it() is None
    assert (function and function.returns_none) or (attribute and attribute.none)


@pytest.mark.parametrize(("name", "try_it"), EMPTY, ids=[name for name, _ in EMPTY])
def test_a_described_empty_result_happens(name: str, try_it: Function[[], object]) -> None:
    described = DESCRIBED.callable(name)

    assert not try_it()
    assert described is not None
    assert described.returns_empty


def test_a_missing_environment_file_is_passed_over_in_silence() -> None:
    assert call("dotenv.load_dotenv", NOWHERE) is False


def test_repaired_text_without_any_json_is_an_empty_text() -> None:
    assert importlib.import_module("json_repair").loads("nothing here") == ""


def _check_raises(exception: str, try_it: Function[[], object]) -> None:
    expected = find(exception).value
    assert isinstance(expected, type)
    assert issubclass(expected, BaseException)
    with pytest.raises(expected):
        try_it()
