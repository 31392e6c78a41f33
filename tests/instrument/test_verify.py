"""The proof finds what is wrong with a patch, whoever wrote it."""

from __future__ import annotations

import ast
import textwrap
from dataclasses import replace

import pytest

from reviewer.instrument.check import CHECKS
from reviewer.instrument.diff import applies, make_diff
from reviewer.instrument.patches import Wishes, propose, suggest
from reviewer.instrument.proposal import Field, Introduction, Place, Proposal, Voice
from reviewer.instrument.verify import Verdict, verify
from reviewer.instrument.write import Written, write
from tests.instrument.workshop import HANDLERS, instrumented, subject_of

TEXT = textwrap.dedent(
    """\
    import logging

    logger = logging.getLogger(__name__)

    def fetch(user_id: int, password: str, body: str, text: str, flag):
        path = body
        if flag:
            late = 1
        try:
            return read(user_id, password, body)
        except OSError:
            return None
    """
)
LINE = "        logger.warning('failed', extra={'user_id': user_id}, exc_info=True)\n"


def judged(after: str, before: str = TEXT, again: frozenset[str] = frozenset()) -> Verdict:
    """The verdict on a text that stands in the place of the patched one."""
    content = before.encode()
    subject = subject_of(content)
    proposals, _ = propose(subject, Wishes(HANDLERS))
    return verify(subject, content, Written(after, after.encode()), tuple(proposals), lambda _: again)


def with_line(line: str) -> str:
    return TEXT.replace("    except OSError:\n", f"    except OSError:\n        {line}\n")


def test_a_good_patch_passes_every_check() -> None:
    result = instrumented(TEXT)
    assert result.patch is not None
    assert result.patch.verified == CHECKS


@pytest.mark.parametrize(
    ("after", "failed"),
    [
        (with_line("logger.warning('x'"), "parses"),
        (with_line("return 1; nonlocal x"), "parses"),
        (TEXT.replace("return None", "return 0"), "reverts"),
        (TEXT.replace("flag):", "flag): # new"), "reverts"),
        (with_line("logger.warning('x')").replace("late = 1", "late  = 1"), "reverts"),
        (with_line("logger.warning('x')\n\n"), "reverts"),
        (with_line("if 1:\n            pass"), "reverts"),
        (with_line("os.system('x')"), "names"),
        (with_line("other.warning('x')"), "names"),
        (with_line("logger.warning('x', extra={'a': user_id.name})"), "names"),
        (with_line("logger.warning('x', extra={'a': make()})"), "names"),
        (with_line("logger.warning('x', extra={'a': f'{user_id}'})"), "names"),
        (with_line("logger.warning('x', extra={'a': late})"), "names"),
        (with_line("logger.warning('x', extra={'a': len(late)})"), "names"),
        (with_line("logger.warning('%s')"), "names"),
        (with_line("logger.warning('%d', user_id)"), "names"),
        (with_line("logger.warning(user_id)"), "names"),
        (with_line("logger.warning('x', **user_id)"), "names"),
        (with_line("user_id = 1"), "names"),
        (with_line("x = time.perf_counter()"), "names"),
        (with_line("logger.warning('x', extra={'a': password})"), "no-secrets"),
        (with_line("logger.warning('x', extra={'a': len(password)})"), "no-secrets"),
        (with_line("logger.warning('x', extra={'password': user_id})"), "no-secrets"),
        (with_line("logger.warning('x', extra={'a': body})"), "no-secrets"),
        (with_line("logger.warning('x', extra={'a': path})"), "no-secrets"),
        (with_line("logger.warning('x', extra={'a': text})"), "bounded"),
        (with_line("logger.warning('x', extra={'a': len(flag)})"), "bounded"),
        (with_line("user_id = time.perf_counter()").replace("import logging", "import logging\nimport time"), "names"),
        (TEXT.replace("import logging\n", "import logging\nimport shop.app\n"), "no-cycle"),
    ],
)
def test_a_bad_patch_fails_at_the_check_that_is_about_it(after: str, failed: str) -> None:
    assert judged(after).failed == failed


@pytest.mark.parametrize(
    ("block", "instead", "failed"),
    [
        ("pass", "logger.warning('x')", None),
        ("pass  # why", "# why\n        logger.warning('x')", None),
        ("pass  # why", "logger.warning('x')", "reverts"),
        ("pass  # why", "# because\n        logger.warning('x')", "reverts"),
        ("pass  # why", "  # why\n        logger.warning('x')", "reverts"),
        ("pass", "# new\n        logger.warning('x')", "reverts"),
        ("pass", "logger.warning('x')\n\n", "reverts"),
        ("pass", "logger.warning('x'); pass", "reverts"),
        ("pass; pass", "logger.warning('x')", "reverts"),
        ("return", "logger.warning('x')", "reverts"),
    ],
)
def test_only_a_pass_that_stood_alone_may_go_and_its_comment_may_not(
    block: str, instead: str, failed: str | None
) -> None:
    clause = TEXT.replace("return None", "{}")
    assert judged(clause.format(instead), clause.format(block)).failed == failed


def test_a_patch_that_asks_for_more_at_the_same_place_is_not_settled() -> None:
    after = with_line("logger.warning('x')")
    assert judged(after).failed is None
    assert judged(after, again=frozenset({"handler:fetch:1"})).failed == "settled"


def test_a_line_in_a_hot_loop_fails() -> None:
    before = "import logging\nlogger = logging.getLogger()\n" + textwrap.dedent(
        """\
        def f(rows):
            for row in rows:
                for cell in row:
                    try:
                        int(cell)
                    except ValueError:
                        pass
            try:
                g(rows)
            except OSError:
                pass
        """
    )
    after = before.replace("except ValueError:\n", "except ValueError:\n                logger.debug('x')\n")
    assert judged(after, before).failed == "not-hot"


def test_an_import_of_the_projects_own_is_a_cycle() -> None:
    content = TEXT.replace("import logging\n\nlogger = logging.getLogger(__name__)\n", "").encode()
    subject = subject_of(content, files={"shop/log.py": "import shop.app\nlogger = 1\n"})
    voice = Voice("logger", "other", "plain", introduction=Introduction("shop.log", "logger", None, "logger"))
    proposals, _ = propose(subject, Wishes(HANDLERS))
    mine = (replace(proposals[0], voice=voice, fields=(), exception=False),)
    written = write(subject.source, content, subject.tree, mine, subject.layout)
    assert verify(subject, content, written, mine, lambda _: frozenset()).failed == "no-cycle"


@pytest.mark.parametrize(
    "values",
    [
        {"event": "Fetch failed"},
        {"event": "x'); import os; ("},
        {"event": "x_" * 60},
        {"level": "exception"},
        {"exception": True, "place": Place(1, 1, "before")},
        {"timed": True},
        {"fields": (Field("a", "name", "x"), Field("a", "name", "y"))},
    ],
)
def test_a_proposal_holds_only_what_may_be_written(values: dict[str, object]) -> None:
    good: dict[str, object] = {
        "kind": "handler",
        "unit": "f",
        "place": Place(1, 1, "handler-start"),
        "level": "error",
        "event": "fetch_failed",
        "fields": (),
        "voice": Voice("logger", "logging", "extra"),
    }
    Proposal(**good)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"\w"):
        Proposal(**(good | values))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("form", "value"),
    [
        ("name", "a.b"),
        ("name", "a()"),
        ("name", "class"),
        ("name", "é"),
        ("length", "x)"),
        ("type", 3),
        ("constant", "a\nb"),
        ("constant", "x" * 200),
        ("constant", float("inf")),
    ],
)
def test_a_field_is_a_name_or_a_short_constant(form: str, value: object) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Field("key", form, value)  # type: ignore[arg-type]


@pytest.mark.parametrize("expression", ["logger()", "logger;x", "a..b", "", "a b", "x[0]"])
def test_a_voice_speaks_through_a_dotted_name(expression: str) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        Voice(expression, "logging", "extra")


@pytest.mark.parametrize(
    "path",
    ["a.py", "a b/c.py", "-x.py", "tab\there.py", 'quote".py', "new\nline.py", "é/ü.py", "\udcff.py", "back`tick$.py"],
)
@pytest.mark.parametrize(
    ("old", "new"), [(b"a\n", b"a\nb\n"), (b"a", b"a\nb"), (b"", b"x\n"), (b"a\r\nb", b"c\r\na\r\nb")]
)
def test_git_applies_what_is_written_for_any_name(path: str, old: bytes, new: bytes) -> None:
    assert applies(path, old, new, make_diff(path, old, new))


@pytest.mark.parametrize("path", ["../x.py", "/tmp/x.py", "a/../x.py", ".git/hooks/x.py", "a/.GIT/x.py", "", "a//b.py"])
def test_a_path_out_of_the_repository_is_refused(path: str) -> None:
    assert not applies(path, b"a\n", b"b\n", make_diff(path, b"a\n", b"b\n"))


def test_a_patch_for_one_line_stands_by_itself() -> None:
    text = TEXT + TEXT[TEXT.index("def fetch") :].replace("fetch", "again")
    found = suggest(subject_of(text.encode()), text.encode(), [11])
    assert list(found) == [11]
    assert [one.unit for one in found[11].proposals] == ["fetch"]
    ast.parse(found[11].content)


def test_an_import_may_not_give_a_name_another_meaning() -> None:
    before = TEXT.replace("import logging\n", "import logging\nfrom mine import clock as time\n")
    after = before.replace("import logging\n", "import logging\nimport time\n")
    assert judged(after, before).failed == "names"


@pytest.mark.parametrize(
    "module",
    [
        # In a class `__log` is `_Shop__log`.
        "__log = logging.getLogger(__name__)\nclass Shop:\n    {}",
        # It is called before the logger is made.
        "{}\nPRICE = load('1')\nlog = logging.getLogger(__name__)\nlog.info('ready')",
        "if DEBUG:\n    log = logging.getLogger(__name__)\n    log.info('ready')\n{}",
        "try:\n    from mine import log\nexcept ImportError:\n    log = None\n{}\n    log.info('loaded')",
        "log = None\ndef begin():\n    global log\n    log = logging.getLogger('x')\n    log.info('begun')\n{}",
        "log = logging.getLogger(__name__)\nlog.info('ready')\n{}\ndel log",
        "log = logging.getLogger(__name__)\nlog.info('ready')\n{}\nfor log in []: pass",
        "log = logging.getLogger(__name__)\nlog.info('ready')\n{}\ndef log(): pass",
        "from aiologger import Logger\nlog = Logger()\nasync def other():\n    await log.info('x')\n{}",
    ],
)
def test_a_logger_that_may_not_be_there_or_wants_to_be_awaited_is_not_spoken_through(module: str) -> None:
    indent = "    " if "class" in module else ""
    lines = ["def load(text):", "    try:", "        return int(text)", "    except ValueError:", "        return 0"]
    text = module.format(f"\n{indent}".join(lines))
    assert instrumented(f"import logging\n{text}\n").patch is None


@pytest.mark.parametrize(
    "owner",
    [
        "def __init__(self):\n        self.log = None\n    def begin(self):\n        self.log = logging.getLogger('x')",
        "log = None\n    def begin(self):\n        self.log = logging.getLogger('x')",
        "def begin(self):\n        self.log = logging.getLogger('x')\n    def end(self):\n        del self.log",
    ],
)
def test_an_object_that_may_have_no_logger_does_not_speak_through_it(owner: str) -> None:
    text = (
        f"import logging\nclass Shop:\n    {owner}\n"
        "    def run(self):\n        self.log.info('a')\n        self.log.info('b')\n"
        "    def load(self, text):\n        try:\n            return int(text)\n"
        "        except ValueError:\n            return 0\n"
    )
    assert instrumented(text).patch is None


@pytest.mark.parametrize("head", ["@staticmethod\n    def load(self):", "def load(self):\n        self = self.raw"])
def test_what_is_called_self_and_is_no_object_of_the_class_has_no_logger(head: str) -> None:
    text = (
        "import logging\nclass Shop:\n    def __init__(self):\n        self.log = logging.getLogger('x')\n"
        f"    def run(self):\n        self.log.info('a')\n    {head}\n"
        "        try:\n            return int(self)\n        except ValueError:\n            return 0\n"
    )
    patch = instrumented(text).patch
    assert patch is None or "+            self.log" not in patch.diff


def test_a_package_keeps_the_names_of_its_modules() -> None:
    """`from shop import logger` would give the logger and not the module."""
    text = "def load(text):\n    try:\n        return int(text)\n    except ValueError:\n        return 0\n"
    files = {"shop/logger.py": "x = 1\n", "shop/logging/__init__.py": "x = 1\n"}
    patch = instrumented(text, path="shop/__init__.py", files=files).patch
    assert patch is not None
    lines = {line for line in patch.content.decode().splitlines() if not line.startswith(" ")}
    assert {"from logging import getLogger", "log = getLogger(__name__)"} <= lines
    patch = instrumented(text, path="shop/app.py", files=files).patch
    assert patch is not None
    assert "logger = logging.getLogger(__name__)" in patch.content.decode()


def test_where_no_room_is_left_nothing_is_logged() -> None:
    text = "def deep(n):\n    try:\n        return deep(n + 1)\n    except {}:\n        return n\n"
    assert instrumented(text.format("RecursionError")).patch is None
    assert instrumented(text.format("(MemoryError, OSError)")).patch is None
    assert instrumented(text.format("OSError")).patch is not None


def test_the_length_of_what_may_be_a_query_is_not_asked_for() -> None:
    text = (
        "def total(rows: Sequence[int]):\n    try:\n        return sum(rows)\n    except OSError:\n        return 0\n"
    )
    patch = instrumented(text).patch
    assert patch is not None
    assert "len(" not in patch.diff


def test_where_a_type_error_is_handled_no_length_is_asked_for() -> None:
    """`len` of what the caller gave would raise the same error again, out of the handler."""
    text = (
        "import logging\nlog = logging.getLogger(__name__)\n"
        "def total(items: list[int]):\n    try:\n        return sum(items)\n    except TypeError:\n        {}return 0\n"
    )
    patch = instrumented(text.format("")).patch
    assert patch is not None
    assert "type(items)" in patch.diff
    assert "len(items)" not in patch.diff
    forged = text.format("log.debug('x', extra={'items_length': len(items)})\n        ")
    assert judged(forged, text.format("")).failed == "bounded"


def test_a_clock_is_left_out_where_the_function_sees_its_own_names_or_time_may_be_another() -> None:
    call = (
        "import requests\n{}\ndef load(user_id: int):\n    page = requests.get('http://x', timeout=3)\n    return {}\n"
    )
    for above, given in (
        ("", "'{page}'.format(**locals())"),
        ("from mine import *", "page"),
        ("import time", "page\ndel time"),
        ("for time in [1]: pass", "page"),
        ("import time", "page\nwith open('x') as time: pass"),
        ("if (time := 3): pass", "page"),
        ("match 1:\n    case time: pass", "page"),
    ):
        patch = instrumented(call.format(above, given), frozenset({"call"})).patch
        assert patch is not None, above
        assert "perf_counter" not in patch.diff, above


@pytest.mark.parametrize(
    "hooked",
    [
        "class Remote(logging.Handler):\n    def emit(self, record):\n        send(record)",
        "from logging import Filter as F\nclass Remote(F):\n    def filter(self, record):\n        return send(record)",
        "from loguru import logger\nlogger.add(send)",
        "def ship(logger, method, event):\n    return send(event)\nimport structlog\n"
        "structlog.configure(processors=[ship])",
    ],
)
def test_what_logging_calls_logs_nothing_itself(hooked: str) -> None:
    text = (
        "import logging\nimport requests\n"
        "def post(text):\n    try:\n        requests.post('http://x', data=text, timeout=3)\n"
        "    except requests.RequestException:\n        pass\n"
        "def send(record):\n    post(str(record))\n"
    )
    assert instrumented(f"{text}{hooked}\n").patch is None
    assert instrumented(text).patch is not None
