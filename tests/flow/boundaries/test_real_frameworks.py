"""What the entries say of the frameworks is what the installed frameworks do: the same text is read and run."""

from __future__ import annotations

import asyncio
import logging
import re
import textwrap
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from reviewer.domain.boundary import Retry
from tests.flow.boundaries.reading import read


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def _run(text: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "shop_example"}
    exec(compile(textwrap.dedent(text), "example.py", "exec"), names)
    return names


def _status(text: str, function: str, exception: str) -> int | None:
    """The status that the boundary tells; None where a handler or the exception itself decides."""
    boundaries, hierarchy = read(text)
    boundary = boundaries.of(function)
    assert boundary is not None
    match = re.match(r"\d{3}", boundary.outcome(exception, hierarchy))
    return int(match.group()) if match else None


FASTAPI = """
from fastapi import FastAPI, HTTPException
from fastapi.responses import PlainTextResponse

app = FastAPI()

@app.exception_handler(LookupError)
async def not_found(request, error):
    return PlainTextResponse("by not_found", status_code=418)

@app.middleware("http")
async def check(request, call_next):
    if request.url.path == "/middleware":
        raise HTTPException(403)
    return await call_next(request)

@app.get("/value")
def value():
    raise ValueError

@app.get("/key")
def key():
    raise KeyError

@app.get("/http")
def http():
    raise HTTPException(409)

@app.get("/number")
def number(n: int):
    return n
"""


def test_fastapi_answers_as_told() -> None:
    pytest.importorskip("fastapi")
    from starlette.testclient import TestClient

    client = TestClient(_run(FASTAPI)["app"], raise_server_exceptions=False)
    assert client.get("/value").status_code == _status(FASTAPI, "value", "ValueError") == 500
    assert client.get("/middleware").status_code == _status(FASTAPI, "check", "fastapi.HTTPException") == 500
    assert client.get("/number?n=x").status_code == _status(
        FASTAPI, "number", "fastapi.exceptions.RequestValidationError"
    )
    boundaries, hierarchy = read(FASTAPI)
    told = boundaries.of("key")
    assert told is not None
    assert client.get("/key").text.replace("by ", "by the handler ") in told.outcome("KeyError", hierarchy)
    assert client.get("/http").status_code == 409
    assert told.outcome("fastapi.HTTPException", hierarchy).startswith("the status that it carries")


def test_a_background_task_of_fastapi_fails_after_the_answer() -> None:
    pytest.importorskip("fastapi")
    from starlette.testclient import TestClient

    text = """
    from fastapi import BackgroundTasks, FastAPI

    app = FastAPI()
    done = []

    def fail():
        raise OSError

    @app.get("/")
    def home(tasks: BackgroundTasks):
        tasks.add_task(fail)
        tasks.add_task(done.append, 1)
        return "sent"
    """
    names = _run(text)
    assert TestClient(names["app"], raise_server_exceptions=False).get("/").status_code == 200
    assert names["done"] == []
    boundary = read(text)[0].of("fail")
    assert boundary is not None
    assert (boundary.kind, boundary.otherwise.harm) == ("background", "lost")


FLASK = """
from flask import Blueprint, Flask, abort

app = Flask("shop")
near = Blueprint("near", "shop")
far = Blueprint("far", "shop")

@far.errorhandler(KeyError)
def elsewhere(error):
    return "by elsewhere", 417

@app.errorhandler(ValueError)
def bad(error):
    return "by bad", 418

@app.errorhandler(500)
def broken(error):
    return "by broken", 500

@near.get("/key")
def key():
    raise KeyError

@far.get("/far")
def far_key():
    raise KeyError

@near.get("/value")
def value():
    raise UnicodeError

@near.get("/abort")
def gone():
    abort(410)

app.register_blueprint(near)
app.register_blueprint(far)
"""


def test_flask_answers_by_the_handlers_told() -> None:
    pytest.importorskip("flask")
    client = _run(FLASK)["app"].test_client()
    boundaries, hierarchy = read(FLASK)
    for function, path, exception in (
        ("key", "/key", "KeyError"),
        ("far_key", "/far", "KeyError"),
        ("value", "/value", "UnicodeError"),
    ):
        boundary = boundaries.of(function)
        assert boundary is not None
        assert client.get(path).text.replace("by ", "by the handler ") in boundary.outcome(exception, hierarchy)
    assert client.get("/abort").status_code == 410


AIOHTTP = """
import asyncio
from aiohttp import web

@web.middleware
async def errors(request, handler):
    try:
        return await handler(request)
    except LookupError:
        return web.Response(text="by errors", status=418)

async def key(request):
    raise KeyError

async def value(request):
    raise ValueError

async def late(request):
    raise asyncio.TimeoutError

app = web.Application(middlewares=[errors])
app.router.add_get("/key", key)
app.router.add_get("/value", value)
app.router.add_get("/late", late)
"""


def test_aiohttp_answers_as_told() -> None:
    pytest.importorskip("aiohttp")
    from aiohttp.test_utils import TestClient, TestServer

    async def ask() -> dict[str, int]:
        async with TestClient(TestServer(_run(AIOHTTP)["app"])) as client:
            return {name: (await client.get(f"/{name}")).status for name in ("key", "value", "late")}

    answers = asyncio.run(ask())
    assert answers["value"] == _status(AIOHTTP, "value", "ValueError") == 500
    assert answers["late"] == _status(AIOHTTP, "late", "TimeoutError") == 504
    assert answers["key"] == 418
    assert _status(AIOHTTP, "key", "KeyError") is None


CLICK = """
import click

@click.command()
@click.argument("what")
def tell(what):
    raise {
        "click.exceptions.UsageError": click.UsageError("x"),
        "click.exceptions.ClickException": click.ClickException("x"),
        "click.exceptions.Abort": click.Abort(),
        "ValueError": ValueError(),
        "EOFError": EOFError(),
    }[what]
"""


def test_click_exits_as_told() -> None:
    pytest.importorskip("click")
    from click.testing import CliRunner

    boundaries, hierarchy = read(CLICK)
    boundary = boundaries.of("tell")
    assert boundary is not None
    command = _run(CLICK)["tell"]
    for exception in ("click.exceptions.UsageError", "click.exceptions.ClickException", "click.exceptions.Abort",
                      "ValueError", "EOFError"):  # fmt: skip
        code = CliRunner().invoke(command, [exception]).exit_code
        assert boundary.outcome(exception, hierarchy).endswith(f"exit status {code}")


CELERY = """
import celery

app = celery.Celery("shop", broker="memory://", backend="cache+memory://", set_as_current=False)
runs = []

@app.task(autoretry_for=(OSError,), dont_autoretry_for=(FileNotFoundError,), max_retries=2, default_retry_delay=0)
def sync(kind):
    runs.append(kind)
    raise kind()
"""


def test_celery_retries_what_is_told() -> None:
    pytest.importorskip("celery")
    boundaries, hierarchy = read(CELERY)
    boundary = boundaries.of("sync")
    assert boundary is not None
    for kind in (ConnectionError, FileNotFoundError, ValueError):
        names = _run(CELERY)
        assert names["sync"].apply((kind,)).state == "FAILURE"
        again = len(names["runs"]) - 1
        ending = boundary.ending(kind.__name__, hierarchy)
        assert (ending.harm == "retried") == (again > 0)
        assert again == 0 or f"retried {again} times" in ending.words


RETRIES = """
import backoff
import tenacity
from tenacity import retry, retry_if_exception_type, retry_if_not_exception_type, retry_if_result, stop_after_attempt

@retry(stop=stop_after_attempt(2))
def wrapped(error):
    raise error

@retry(stop=stop_after_attempt(2), retry=retry_if_exception_type((KeyError, EOFError)))
def some(error):
    raise error

@retry(stop=stop_after_attempt(2), reraise=True)
def itself(error):
    raise error

@retry(stop=stop_after_attempt(2), retry=retry_if_not_exception_type(OSError), retry_error_callback=lambda state: 1)
def quiet(error):
    raise error

@retry(stop=stop_after_attempt(2), retry=retry_if_result(lambda found: found is None))
def by_result(error):
    raise error

@backoff.on_exception(backoff.constant, (OSError, EOFError), max_tries=2, interval=0)
def backed(error):
    raise error

@backoff.on_exception(backoff.constant, OSError, max_tries=2, interval=0, raise_on_giveup=False)
def dropped(error):
    raise error
"""


@pytest.mark.parametrize("function", ["wrapped", "some", "itself", "quiet", "by_result", "backed", "dropped"])
@pytest.mark.parametrize("kind", [KeyError, EOFError, ConnectionError, SystemExit])
def test_a_decorator_lets_out_what_is_told(function: str, kind: type[BaseException]) -> None:
    tenacity = pytest.importorskip("tenacity")
    pytest.importorskip("backoff")
    boundaries, hierarchy = read(RETRIES)
    [retry] = boundaries.retries(function)
    assert isinstance(retry, Retry)
    left: str | None = None
    try:
        _run(RETRIES)[function](kind())
    except (KeyError, EOFError, OSError, SystemExit, tenacity.RetryError) as error:
        left = type(error).__name__
    told = retry.wraps(kind.__name__, hierarchy)
    assert (told or "").rpartition(".")[2] == (left or "")


def test_a_thread_ends_and_the_program_goes_on() -> None:
    text = """
    import threading

    def work():
        raise OSError

    thread = threading.Thread(target=work)
    """
    boundary = read(text)[0].of("work")
    assert boundary is not None
    assert boundary.otherwise.harm == "lost"
    seen: list[type[BaseException]] = []
    before = threading.excepthook
    threading.excepthook = lambda args: seen.append(args.exc_type)
    try:
        thread = _run(text)["thread"]
        thread.start()
        thread.join()
    finally:
        threading.excepthook = before
    assert seen == [OSError]


def test_a_task_group_raises_a_group_where_it_is_left() -> None:
    text = """
    import asyncio

    async def work():
        raise OSError

    async def start():
        async with asyncio.TaskGroup() as group:
            group.create_task(work())
    """
    boundary = read(text)[0].of("work")
    assert boundary is not None
    assert "exception group" in boundary.otherwise.words
    with pytest.raises(ExceptionGroup):
        asyncio.run(_run(text)["start"]())
