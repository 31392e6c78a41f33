"""The exact text of patches."""

from __future__ import annotations

import textwrap

import pytest

from tests.instrument.workshop import CALLS, HANDLERS, instrumented, patched


def same(actual: str, expected: str) -> None:
    assert actual == textwrap.dedent(expected).lstrip("\n")


def test_a_module_without_a_logger_gets_the_import_in_its_place_and_the_logger_behind_the_imports() -> None:
    same(
        patched(
            '''
            """Orders."""

            from __future__ import annotations

            import json
            import os

            import requests


            def load(path):
                try:
                    return json.loads(path.read_text())
                except ValueError:
                    return None
            '''
        ),
        '''
        """Orders."""

        from __future__ import annotations

        import json
        import logging
        import os

        import requests

        logger = logging.getLogger(__name__)


        def load(path):
            try:
                return json.loads(path.read_text())
            except ValueError:
                logger.debug("load_failed", extra={"path": path})
                return None
        ''',
    )


def test_a_module_without_imports_gets_a_section_behind_its_docstring() -> None:
    same(
        patched(
            '''
            """Orders."""


            def load(order):
                try:
                    return order.load()
                except Exception:
                    return None
            '''
        ),
        '''
        """Orders."""

        import logging

        logger = logging.getLogger(__name__)


        def load(order):
            try:
                return order.load()
            except Exception:
                logger.exception(
                    "load_failed",
                    extra={"order_type": type(order).__name__},
                )
                return None
        ''',
    )


@pytest.mark.parametrize(
    ("last", "blanks"), [("class Row: ...", 2), ("def row(): ...", 2), ("Row = dict", 1), ("from shop import Row", 1)]
)
def test_the_logger_stands_apart_from_a_block_of_imports_as_far_as_its_last_statement_asks(
    last: str, blanks: int
) -> None:
    head = f"from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n    from shop import Order\n\n    {last}\n"
    body = "\n\ndef load(order):\n    try:\n        return order.load()\n    except OSError:\n        return None\n"
    text = patched(head + body)
    assert f"    {last}\n{blanks * chr(10)}logger = logging.getLogger(__name__)\n\n\ndef load" in text


def test_a_clause_on_one_line_is_opened_and_keeps_its_comment() -> None:
    same(
        patched(
            """
            import logging

            logger = logging.getLogger(__name__)


            def close(port: int):
                try:
                    shut(port)
                except ConnectionError: pass  # noqa: E701
                finally: done()
            """
        ),
        """
        import logging

        logger = logging.getLogger(__name__)


        def close(port: int):
            try:
                shut(port)
            except ConnectionError:  # noqa: E701
                logger.warning("close_failed", extra={"port": port}, exc_info=True)
            finally: done()
        """,
    )


def test_a_statement_is_timed_with_its_comment_left_above_it() -> None:
    same(
        patched(
            """
            import logging
            import requests

            logger = logging.getLogger(__name__)


            def price(sku):
                check(sku)

                # the shop's own price
                answer = requests.get(f"https://prices/{sku}", timeout=5)
                return answer.json()
            """,
            CALLS,
        ),
        """
        import logging
        import requests
        import time

        logger = logging.getLogger(__name__)


        def price(sku):
            check(sku)

            # the shop's own price
            started = time.perf_counter()
            answer = requests.get(f"https://prices/{sku}", timeout=5)
            elapsed = time.perf_counter() - started
            logger.debug("price_get_done", extra={"service": "HTTP server", "timeout": 5, "elapsed": elapsed})
            return answer.json()
        """.replace(
            'logger.debug("price_get_done", extra={"service": "HTTP server", "timeout": 5, "elapsed": elapsed})',
            """logger.debug(
                "price_get_done",
                extra={
                    "service": "HTTP server",
                    "timeout": 5,
                    "sku_type": type(sku).__name__,
                    "elapsed": elapsed,
                },
            )""",
        ).replace("import requests\n        import time", "import time\n        import requests"),
    )


def test_a_message_that_is_too_long_for_a_line_goes_on_in_the_next() -> None:
    text = patched(
        """
        import logging

        logger = logging.getLogger(__name__)


        def render_and_create(order_id: int, unrendered_directory, output_directory, unfinished_name, attempt):
            logger.info("Rendering %s", order_id)
            try:
                make(order_id, unrendered_directory, output_directory, unfinished_name, attempt)
            except ConnectionError:
                return None
        """
    )
    assert (
        "        logger.warning(\n"
        '            "Render and create failed: order_id=%s, unrendered_directory=%s, "\n'
        '            "output_directory=%s, unfinished_name=%s, attempt=%s",\n'
        "            order_id,\n"
    ) in text


def test_names_that_mean_something_are_not_taken_for_the_time() -> None:
    text = patched(
        """
        import logging
        import time
        import requests

        logger = logging.getLogger(__name__)

        def price(started):
            answer = requests.get("https://prices", timeout=5)
            return answer, started
        """,
        CALLS,
    )
    assert "started_1 = time.perf_counter()\n" in text
    assert "elapsed_1 = time.perf_counter() - started_1\n" in text


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("indent", ["    ", "\t", "  "])
@pytest.mark.parametrize("last", ["", "\n", "\n\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_indentation_and_marks_stay_as_they_are(end: str, indent: str, last: str, mark: bytes) -> None:
    lines = [
        "import logging",
        "logger = logging.getLogger(__name__)",
        "def load(path):",
        "\ttry:",
        "\t\treturn open(path)",
        "\texcept ConnectionError:",
        "\t\treturn None",
    ]
    content = mark + (end.join(line.replace("\t", indent) for line in lines) + last.replace("\n", end)).encode()
    result = instrumented(content)
    assert result.patch is not None
    new = f'{indent * 2}logger.warning("load_failed", extra={{"path": path}}, exc_info=True)'
    expected = [line.replace("\t", indent) for line in [*lines[:6], new, lines[6]]]
    assert result.patch.content == mark + (end.join(expected) + last.replace("\n", end)).encode()


def test_text_in_another_encoding_keeps_it() -> None:
    content = "# coding: latin-1\nimport logging\nlogger = logging.getLogger()\n# é\ndef f(x):\n    try:\n        g(x)\n    except ConnectionError:\n        pass  # ü\n".encode(
        "latin-1"
    )
    result = instrumented(content)
    assert result.patch is not None
    assert "        # ü\n".encode("latin-1") in result.patch.content


def test_nested_functions_decorators_async_and_match_are_written_into() -> None:
    text = patched(
        """
        import logging

        logger = logging.getLogger(__name__)


        class Shop:
            @property
            def outer(self):
                @wraps
                async def inner(order_id, kind):
                    match kind:
                        case "a":
                            async with self.lock:
                                try:
                                    await self.send(order_id)
                                except* ConnectionError:
                                    result = None
                                else:
                                    pass
                return inner
        """
    )
    assert (
        "                        except* ConnectionError:\n"
        "                            logger.warning(\n"
        '                                "outer_inner_failed",\n'
    ) in text


def test_a_file_whose_own_quotes_are_single_gets_single_ones() -> None:
    text = patched(
        """
        import logging

        logger = logging.getLogger('shop')
        KEYS = ['a', 'b']

        def load(path):
            try:
                return open(path)
            except ConnectionError:
                return None
        """
    )
    assert "logger.warning('load_failed', extra={'path': path}, exc_info=True)\n" in text


def test_statements_that_share_a_line_are_left_alone() -> None:
    result = instrumented(
        """
        import logging
        import requests
        logger = logging.getLogger(__name__)
        def ask(url):
            a = 1; answer = requests.get(url, timeout=3); b = 2
            if a: answer = requests.get(url, timeout=3)
            return answer
        """,
        CALLS | HANDLERS,
    )
    assert result.patch is None
    assert {withheld.reason for withheld in result.withheld} == {"shares its line with other statements"}


@pytest.mark.parametrize(
    ("head", "parameter"), [("from time import time\n", "x"), ("time = 3\n", "x"), ("import time\n", "time")]
)
def test_a_statement_is_not_timed_where_time_is_something_else(head: str, parameter: str) -> None:
    text = patched(
        "import logging\nimport requests\n" + head + "logger = logging.getLogger()\n"
        f"def f({parameter}):\n    answer = requests.get('https://x', timeout=3)\n    return answer\n",
        CALLS,
    )
    assert "perf_counter" not in text
    assert "f_get_done" in text


CLAUSE = (
    "import logging\n\nlogger = logging.getLogger(__name__)\n\n\ndef f():\n    try:\n        g()\n    except Missing:\n"
)


@pytest.mark.parametrize(
    ("block", "expected"),
    [
        ("pass", 'logger.debug("f_failed")'),
        ("...", 'logger.debug("f_failed")'),
        ("# it is gone\n        pass", '# it is gone\n        logger.debug("f_failed")'),
        ("pass  # it is gone", '# it is gone\n        logger.debug("f_failed")'),
        ("pass\n        # it is gone", 'logger.debug("f_failed")\n        # it is gone'),
        ("# first\n        pass  # then", '# first\n        # then\n        logger.debug("f_failed")'),
    ],
)
def test_a_line_takes_the_place_of_a_pass_and_its_comment_stays(block: str, expected: str) -> None:
    for end in ("\n", ""):
        same(patched(f"{CLAUSE}        {block}{end}"), f"{CLAUSE}        {expected}{end}")


@pytest.mark.parametrize("block", ["pass  # noqa: S110", "pass  # pragma: no cover", "pass; pass", "return"])
def test_what_a_comment_tells_a_program_about_and_what_is_no_filler_stays_below_the_line(block: str) -> None:
    same(patched(f"{CLAUSE}        {block}\n"), f'{CLAUSE}        logger.debug("f_failed")\n        {block}\n')
