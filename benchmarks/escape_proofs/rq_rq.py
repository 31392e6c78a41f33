"""What leaves functions of RQ, and what does not."""

from __future__ import annotations

import urllib.error
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

from benchmarks.escape_proofs.answers import http_error
from benchmarks.escape_proofs.proving import Proof, fails, load, written

ARGUMENT = "parse_function_arg"


def argument(text: str) -> object:
    """Parse an argument of the command line."""
    return load("rq.cli.helpers").parse_function_arg(text, 1)


def send_webhook(error: BaseException, _: Path) -> object:
    """Send a webhook whose connection fails like this."""
    hook = load("rq.webhook").Webhook("http://host/", "finished")
    with fails("rq.webhook.urlopen", error), mock.patch("rq.webhook.logger"):
        return hook.send(SimpleNamespace(id="1"))


FAILURES = {
    "urllib.error.URLError": urllib.error.URLError("away"),
    "urllib.error.HTTPError": http_error(500),
    "TimeoutError": TimeoutError("late"),
    "ValueError": ValueError("strange"),
    "OSError": OSError("full"),
}
GROUPS = "Group.all"


def groups(*members: object) -> object:
    """List the groups, their set with these members, none of them alive."""
    server = mock.Mock()
    server.smembers.return_value, server.exists.return_value = set(members), 0
    return load("rq.group").Group.all(server)


PROOFS = (
    Proof(ARGUMENT, "click.exceptions.BadParameter", lambda _: argument(":{"), translated=("json.JSONDecodeError",)),
    Proof(ARGUMENT, "click.exceptions.BadParameter", lambda _: argument("%["), translated=("SyntaxError",)),
    Proof(ARGUMENT, "click.exceptions.FileError", lambda _: argument("@missing"), translated=("FileNotFoundError",)),
    Proof(ARGUMENT, "OSError", lambda work: argument(f"@{work}")),
    Proof(ARGUMENT, "UnicodeDecodeError", lambda work: argument("@" + written(work / "a", b"\xff"))),
    Proof(
        "parse_timeout",
        "rq.exceptions.TimeoutFormatError",
        lambda _: load("rq.utils").parse_timeout("1x"),
        translated=("ValueError", "KeyError"),
    ),
    Proof(
        "import_job_class",
        "ValueError",
        lambda _: load("rq.utils").import_job_class("unheard.of"),
        translated=("KeyError",),
        passed_over=("ImportError", "ModuleNotFoundError"),
    ),
    *(Proof("Webhook.send", "", partial(send_webhook, error), passed_over=(name,)) for name, error in FAILURES.items()),
    Proof(
        GROUPS,
        "redis.exceptions.RedisError",
        lambda _: load("rq.group").Group.all(load("redis").Redis("127.0.0.1", 1, retry=None)),
    ),
    Proof(GROUPS, "UnicodeDecodeError", lambda _: groups(b"\xff")),
    Proof(GROUPS, "ValueError", lambda _: groups(1)),
    Proof(GROUPS, "", lambda _: groups(b"a"), passed_over=("rq.exceptions.NoSuchGroupError",)),
)
