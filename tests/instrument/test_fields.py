"""What a log line tells, and what it never tells."""

from __future__ import annotations

import ast
import re

import pytest

from reviewer.instrument.confidential import is_laden, is_secret
from reviewer.instrument.derivation import laden_names, secret_names
from reviewer.instrument.fields import form_of, types_of
from tests.instrument.workshop import added

HEAD = "import structlog\nlog = structlog.get_logger()\n"


def line(body: str) -> str:
    (found,) = added(HEAD + body)
    return found


def test_the_example_that_everybody_has_in_mind() -> None:
    body = """
import requests

def fetch_user_profile(user_id, trace_id, password):
    for attempt in range(3):
        try:
            answer = requests.get(f"https://users/{user_id}", timeout=2.5, auth=("me", password))
        except requests.RequestException:
            continue
        return answer.json()
"""
    assert line(body) == (
        "log.warning('fetch_user_profile_failed', trace_id=trace_id, user_id=user_id, attempt=attempt, max_attempts=3, "
        "service='HTTP server', timeout=2.5, exc_info=True)"
    )


def test_only_names_that_have_a_value_on_every_path_are_told() -> None:
    body = """
def f(path, flag):
    if flag:
        job_id = 1
    else:
        user_id = 2
    if flag:
        run_id = 1
    else:
        run_id = 2
    try:
        task_id = make(path)
        go(job_id, user_id, task_id, run_id)
    except ConnectionError:
        return None
"""
    assert line(body) == "log.warning('f_failed', run_id=run_id, path=path, exc_info=True)"


@pytest.mark.parametrize(
    "name",
    [
        "password",
        "api_key",
        "apiKey",
        "access_token",
        "authToken",
        "secret",
        "cookie",
        "credentials",
        "dbPasswd",
        "email",
        "passcode",
        "mfa_code",
        "verification_code",
        "cvc",
        "pan",
        "account_number",
        "tax_id",
        "dob",
        "sessionid",
    ],
)
@pytest.mark.parametrize("kind", ["str", "int"])
def test_secrets_by_name_are_not_told(name: str, kind: str) -> None:
    assert is_secret(name)
    assert line(
        f"def f({name}: {kind}):\n    try:\n        g({name})\n    except ConnectionError:\n        pass\n"
    ) == ("log.warning('f_failed', exc_info=True)")


@pytest.mark.parametrize("name", ["user_id", "session_id", "token_id_count", "path", "keyword", "monkey", "passenger"])
def test_names_that_only_look_like_secrets_are_none(name: str) -> None:
    assert is_secret(name) is (name == "token_id_count")


@pytest.mark.parametrize(
    "made",
    [
        "os.environ['DB_PASSWORD']",
        "settings.secret",
        "getpass.getpass()",
        "load(api_key=1)",
        "f'{token}'",
        "prefix + self._auth_token",
    ],
)
def test_what_is_made_of_a_secret_is_one(made: str) -> None:
    function = ast.parse(f"def f(token):\n    name = {made}\n    path = name\n    for url in path: pass\n").body[0]
    assert isinstance(function, ast.FunctionDef)
    assert {"name", "path", "url"} <= secret_names(function)


@pytest.mark.parametrize(
    "name",
    [
        "url", "base_url", "baseURL", "urls2", "uri", "href", "link", "endpoint", "webhook", "proxy", "netloc",
        "connection_string", "conn_str", "query_string", "url_prefix", "cmd", "command_line",
        "headers", "request_headers", "header", "body", "payload",
    ],
)  # fmt: skip
@pytest.mark.parametrize("annotation", ["", ": str"])
def test_what_may_hold_a_credential_is_not_told_itself(name: str, annotation: str) -> None:
    assert is_laden(name)
    body = f"def f(path, {name}{annotation}):\n    try:\n        g({name}, path)\n    except ConnectionError:\n        pass\n"
    told = line(body)
    assert "path=path" in told
    assert re.findall(rf"(?<!len\()(?<!type\()\b{name}\b(?!_type|_length)", told) == []


def test_of_an_address_nothing_is_told_for_its_length_and_type_say_nothing() -> None:
    body = (
        "def f(url: str, cmd, path):\n    try:\n        g(url, cmd, path)\n    except ConnectionError:\n        pass\n"
    )
    assert line(body) == "log.warning('f_failed', path=path, exc_info=True)"


@pytest.mark.parametrize(
    "name", ["url_count", "link_id", "host", "proxy_port", "command_name", "urls_length", "header_index", "path"]
)
def test_names_of_a_harmless_part_of_it_are_told(name: str) -> None:
    assert not is_laden(name)


@pytest.mark.parametrize(
    "made",
    [
        "url",
        "f'{base_url}/x'",
        "self.base_url + '/x'",
        "'%s/x' % (url,)",
        "urljoin(base_url, '/x')",
        "str(url).rstrip('/')",
        "'{}/x'.format(url)",
        "os.environ['DATABASE_URL']",
        "os.getenv('DATABASE_URL', '')",
        "config.get('connection_string')",
        "config['proxy']",
        "url or 'x'",
        "url if x else y",
        "urls[0]",
        "payload.decode()",
        "x or get('x', url)",
    ],
)
def test_what_is_made_of_the_text_of_an_address_may_hold_a_credential_too(made: str) -> None:
    function = ast.parse(f"def f(url, base_url):\n    name = {made}\n    path = name\n    for i in path: pass\n").body[
        0
    ]
    assert isinstance(function, ast.FunctionDef)
    assert {"name", "path", "i"} <= laden_names(function)
    told = line(
        f"def f(url, base_url):\n    path = {made}\n    try:\n        g(path)\n    except ConnectionError:\n        pass\n"
    )
    assert not re.search(r"=path\b", told)


@pytest.mark.parametrize("made", ["urlsplit(url).hostname", "requests.get(url)", "len(url)", "body['id']", "url.host"])
def test_a_part_of_an_address_and_what_came_from_there_is_another_thing(made: str) -> None:
    function = ast.parse(f"def f(url):\n    name = {made}\n").body[0]
    assert isinstance(function, ast.FunctionDef)
    assert laden_names(function) == {"url"}


def test_a_secret_by_annotation_is_one() -> None:
    function = ast.parse("def f(name: SecretStr, path: str):\n    pass\n").body[0]
    assert isinstance(function, ast.FunctionDef)
    assert secret_names(function) == {"name"}


@pytest.mark.parametrize(
    ("name", "kind", "form"),
    [
        ("path", None, "name"),
        ("path", "str", "name"),
        ("body", "str", "length"),
        ("body", None, "type"),
        ("count", "int", "name"),
        ("body", "int", "name"),
        ("url", None, "type"),
        ("url", "str", "length"),
        ("urls", "list", "length"),
        ("connection_string", "str", "length"),
        ("orders", "list", "length"),
        ("order", "Order", "type"),
        ("model", None, "type"),
        ("model", "str", "name"),
        ("text", "str", "length"),
        ("url", "yarl.URL", "type"),
        ("order_id", "OrderId", "name"),
    ],
)
def test_what_may_be_long_is_told_by_its_length_or_type(name: str, kind: str | None, form: str) -> None:
    assert form_of(name, kind) == form


def test_a_type_holds_only_where_all_values_have_it() -> None:
    function = ast.parse(
        "def f(a: str, b: str = None, c: int | None = 1, d: 'list[int]' = ()):\n"
        "    e = 'x'\n    e = 1\n    g = []\n    h = len(a)\n    for i in range(3): pass\n    with x as j: pass\n"
    ).body[0]
    assert isinstance(function, ast.FunctionDef)
    assert types_of(function) == {"a": "str", "d": "list", "g": "list", "h": "int", "i": "int"}


def test_keys_that_the_standard_library_keeps_for_itself_are_renamed() -> None:
    (found,) = added(
        "import logging\nlogger = logging.getLogger()\n"
        "def f(name: str, filename: str):\n    try:\n        g(name, filename)\n    except ConnectionError:\n        pass\n"
    )
    assert found == (
        "logger.warning('f_failed', extra={'name_value': name, 'filename_value': filename}, exc_info=True)"
    )


@pytest.mark.parametrize("hidden", ["len, type", "*, len=None, type=None"])
def test_a_length_or_type_is_not_told_where_its_function_means_something_else(hidden: str) -> None:
    body = f"def f(body: str, order, {hidden}):\n    try:\n        g(body, order)\n    except ConnectionError:\n        pass\n"
    assert line(body) == "log.warning('f_failed', exc_info=True)"


def test_a_module_that_calls_something_else_type_has_none() -> None:
    body = (
        "from shop import type\ndef f(order):\n    try:\n        g(order)\n    except ConnectionError:\n        pass\n"
    )
    assert line(body) == "log.warning('f_failed', exc_info=True)"
