"""Each module is answered in its own way of logging."""

from __future__ import annotations

import pytest

from tests.instrument.workshop import added, code, patched, reasons

BODY = """
def fetch(user_id, path):
    try:
        return read(user_id, path)
    except ConnectionError:
        return None
"""


def lines(head: str, **others: str) -> list[str]:
    files = {name.replace("__", "/") + ".py": text for name, text in others.items()}
    return added(head + BODY, files=files)


def test_structlog_takes_fields_as_keywords() -> None:
    assert lines("import structlog\nlog = structlog.get_logger()\n") == code(
        'log.warning("fetch_failed", user_id=user_id, path=path, exc_info=True)'
    )


def test_loguru_takes_fields_by_bind() -> None:
    assert lines("from loguru import logger\n") == code(
        'logger.opt(exception=True).bind(user_id=user_id, path=path).warning("fetch_failed")'
    )


def test_the_standard_library_takes_fields_in_extra_where_nothing_speaks_against_it() -> None:
    assert lines("import logging\n_LOGGER = logging.getLogger(__name__)\n") == code(
        '_LOGGER.warning("fetch_failed", extra={"user_id": user_id, "path": path}, exc_info=True)'
    )


def test_messages_that_are_sentences_with_values_are_followed() -> None:
    head = 'import logging\nlog = logging.getLogger()\ndef f(x):\n    log.info("Read the file %s", x)\n'
    assert lines(head) == code('log.warning("Fetch failed: user_id=%s, path=%s", user_id, path, exc_info=True)')


def test_messages_that_are_events_with_values_are_followed() -> None:
    head = 'import logging\nlog = logging.getLogger()\ndef f(x):\n    log.info("read_file", x)\n'
    assert lines(head) == code('log.warning("fetch_failed user_id=%s path=%s", user_id, path, exc_info=True)')


def test_a_module_that_logs_through_the_root_logger_is_followed() -> None:
    head = 'import logging\ndef f(x):\n    logging.info("read %s", x)\n'
    assert lines(head) == code('logging.warning("Fetch failed: user_id=%s, path=%s", user_id, path, exc_info=True)')


def test_a_logger_of_the_project_is_followed_to_its_library() -> None:
    assert lines(
        "from shop.log import logger\n", shop__log="import structlog\nlogger = structlog.get_logger()\n"
    ) == code('logger.warning("fetch_failed", user_id=user_id, path=path, exc_info=True)')


def test_a_maker_of_loggers_of_the_project_is_followed_to_its_library() -> None:
    assert lines(
        "from shop.log import get_logger\nlogger = get_logger(__name__)\n",
        shop__log="import logging\ndef get_logger(name):\n    return logging.getLogger('shop.' + name)\n",
    ) == code('logger.warning("fetch_failed", extra={"user_id": user_id, "path": path}, exc_info=True)')


def test_a_logger_of_unknown_origin_is_only_called_as_it_is_called_already() -> None:
    head = 'from somewhere import logger\ndef f(x):\n    logger.error("bad %s", x)\n'
    assert lines(head) == code('logger.error("Fetch failed: user_id=%s, path=%s", user_id, path)')


def test_a_class_that_logs_through_its_own_attribute_is_followed() -> None:
    assert added(
        """
        class Shop(Base):
            def first(self):
                self.log.info("Started")

            def fetch(self, path):
                try:
                    return read(path)
                except ConnectionError:
                    return None
        """
    ) == code('self.log.info("Shop fetch failed")')


@pytest.mark.parametrize(
    ("method", "inner", "logger"),
    [
        ("def load(self):", "def inner():", "self.logger"),
        ("async def load(self):", "async def inner(path=None):", "self.logger"),
        ("def load(self):", "def inner(self):", "log"),
        ("def load(this):", "def inner():", "log"),
        ("def __getattr__(self, name):", "def inner():", "log"),
    ],
)
def test_a_function_inside_a_method_speaks_through_the_object_that_it_sees(
    method: str, inner: str, logger: str
) -> None:
    text = f"""
        import logging
        log = logging.getLogger(__name__)

        class Store:
            def open(self, path):
                self.logger.info("opened")

            {method}
                if ready():
                    {inner}
                        try:
                            read()
                        except ConnectionError:
                            return None
                    return inner
        """
    (line,) = added(text)
    assert line.startswith(f"{logger}.")


@pytest.mark.parametrize(
    ("given", "after", "logger"),
    [
        ("logger", "", "logger"),
        ("*, logger=None", "", "logger"),
        ("", "logger = made()", "logger"),
        ("logger", "del logger", "log"),
        ("ready", "if ready:\n                logger = made()", "log"),
        ("logger", "def other():\n                nonlocal logger; logger = None", "log"),
    ],
)
def test_a_function_speaks_through_the_logger_of_the_one_around_it(given: str, after: str, logger: str) -> None:
    text = f"""
        import logging
        log = logging.getLogger(__name__)

        def store(path, {given}):
            {after}
            logger.info("storing")
            def inner():
                try:
                    read()
                except ConnectionError:
                    return None
            return inner
        """
    (line,) = added(text)
    assert line.startswith(f"{logger}.")


def test_a_logger_of_unknown_origin_that_formats_by_braces_is_given_no_values() -> None:
    text = """
        def store(path, logger):
            logger.warning("storing {} and {}", path, 1)
            try:
                read(path)
            except ConnectionError:
                return None
        """
    assert added(text) == code('logger.warning("Store failed")')


def test_a_logger_that_an_object_must_be_given_is_used() -> None:
    text = """
        def start(log):
            log.warning("Starting")

        class Shop:
            def __init__(self, path, log{}):
                self.log = log

            def fetch(self, path):
                try:
                    return read(path)
                except ConnectionError:
                    return None
        """
    assert added(text.format("")) == code('self.log.warning("Shop fetch failed")')
    assert "logger = logging.getLogger(__name__)" in added(text.format("=None"))


def test_a_logger_of_a_class_is_used_by_the_name_of_the_class_where_the_module_does_so() -> None:
    assert added(
        """
        import logging

        class Shop:
            logger = logging.getLogger(__name__)

            class Item:
                def close(self, path):
                    Shop.logger.info("Closing %s", path)

                def fetch(self, path):
                    try:
                        return read(path)
                    except ConnectionError:
                        return None
        """
    ) == code('Shop.logger.warning("Item fetch failed: path=%s", path, exc_info=True)')


def test_an_attribute_is_not_trusted_before_it_is_made() -> None:
    assert added(
        """
        import logging

        class Shop:
            def __init__(self, path):
                try:
                    self.data = read(path)
                except ConnectionError:
                    self.data = None
                self.logger = logging.getLogger("shop")

            def first(self):
                self.logger.info("started")
        """
    ) == code(
        "logger = logging.getLogger(__name__)",
        'logger.warning("shop_init_failed", extra={"path": path}, exc_info=True)',
    )


def test_a_logger_that_is_a_parameter_is_used() -> None:
    assert added(
        """
        import logging

        def fetch(path, logger: logging.Logger):
            logger.info("starting")
            try:
                return read(path)
            except ConnectionError:
                return None
        """
    ) == code('logger.warning("fetch_failed path=%s", path, exc_info=True)')


def test_a_logger_that_is_hidden_by_another_name_is_not_used() -> None:
    text = """
        import logging
        log = logging.getLogger(__name__)

        def history(git, log):
            try:
                return git(log)
            except ConnectionError:
                return None
        """
    assert added(text) == []
    assert reasons(text) == ["the module's logger cannot be reached from there"]


def test_a_name_that_is_taken_is_not_given_to_the_new_logger() -> None:
    assert "log = logging.getLogger(__name__)" in lines("logger = open('log')\n")


def test_a_module_of_that_name_that_is_something_else_is_not_touched() -> None:
    assert lines("from shop import logging\n")[:2] == code(
        "from logging import getLogger", "logger = getLogger(__name__)"
    )


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (
            "import structlog\nlog = structlog.get_logger()\n",
            ["import structlog", "logger = structlog.get_logger(__name__)"],
        ),
        ("from loguru import logger\n", ["from loguru import logger"]),
        ("import logging\nlog = logging.getLogger()\n", ["import logging", "logger = logging.getLogger(__name__)"]),
    ],
)
def test_a_module_that_logs_nothing_does_as_its_neighbours_do(other: str, expected: list[str]) -> None:
    assert lines("", shop__other=other)[: len(expected)] == expected


def test_an_import_for_type_checkers_is_no_logger() -> None:
    text = patched(
        """
        from typing import TYPE_CHECKING

        if TYPE_CHECKING:
            from loguru import logger

        def fetch(path):
            try:
                return read(path)
            except ConnectionError:
                return None
        """
    )
    assert "logger.opt" not in text


def test_a_logger_whose_maker_lies_out_of_sight_is_used_by_what_all_loggers_can() -> None:
    head = "from elsewhere.logs import get_logger\nlogger = get_logger(__name__)\n"
    assert lines(head) == code('logger.warning("fetch_failed", exc_info=True)')


def test_a_module_of_another_library_that_is_a_logger_is_used_and_the_standard_one_makes_a_logger() -> None:
    assert lines("from absl import logging\n") == code('logging.warning("fetch_failed", exc_info=True)')
    assert lines("import logging\n")[0] == "logger = logging.getLogger(__name__)"


CLASS = """
import logging
log = logging.getLogger(__name__)

class Store:
    {table}
    def __init__(self, path, {given}):
        {kept}

    def other(self):
        {other}

    def load(self):
        try:
            read()
        except ConnectionError:
            return None
"""


def of_class(given: str = "", kept: str = "pass", other: str = "pass", table: str = "") -> str:
    """The logger that a method of a class speaks through."""
    (line,) = added(CLASS.format(given=given, kept=kept, other=other, table=table))
    return line.partition(".warning(")[0].partition(".info(")[0]


@pytest.mark.parametrize(
    ("given", "kept", "logger"),
    [
        ("logger", "self.logger = logger", "self.logger"),
        ("*, logger", "self._log = logger", "self._log"),
        ("logger: Logger", "self.logger: Logger = logger", "self.logger"),
        ("to=log", "self.logger = to", "self.logger"),
        ("*, to=log", "self.logger = to", "self.logger"),
        ("", "self.logger = logging.getLogger('store')", "self.logger"),
        ("logger=None", "self.logger = logger", "log"),
        ("logger: Logger | None", "self.logger = logger", "log"),
        ("logger", "self.target = logger", "log"),
        ("", "self.logger = made()", "log"),
    ],
)
def test_a_silent_class_speaks_through_the_logger_that_its_objects_keep(given: str, kept: str, logger: str) -> None:
    assert of_class(given, kept) == logger


def test_a_silent_class_speaks_through_the_logger_in_its_body() -> None:
    assert of_class(table="logger = logging.getLogger('store')") == "self.logger"
    assert of_class(table="logger: logging.Logger = log.getChild('store')") == "self.logger"


@pytest.mark.parametrize(
    ("given", "kept", "other", "logger"),
    [
        ("shop", "self._shop = shop", "self._shop.logger.info('other')", "self._shop.logger"),
        ("shop: Shop | None", "self._shop = shop", "self._shop.logger.info('other')", "log"),
        ("shop=None", "self._shop = shop", "self._shop.logger.info('other')", "log"),
        ("shop", "self._shop = shop", "self._shop.logger.info('other'); self._shop = None", "log"),
        ("shop", "if shop: self._shop = shop", "self._shop.logger.info('other')", "log"),
    ],
)
def test_a_class_that_speaks_through_another_object_is_followed_where_it_is_always_there(
    given: str, kept: str, other: str, logger: str
) -> None:
    assert of_class(given, kept, other) == logger


@pytest.mark.parametrize(
    "other",
    [
        "if self.logger: self.logger.info('other')",
        "self.logger and self.logger.info('other')",
        "if not self.logger: return\n        self.logger.info('other')",
        "while self.logger is not None: self.logger.info('other')",
        "self.logger.info('other') if self.logger else None",
    ],
)
def test_a_logger_that_may_be_missing_is_not_used(other: str) -> None:
    assert of_class("logger", "self.logger = logger", other) == "log"


def test_a_logger_that_is_asked_for_once_and_used_everywhere_is_there() -> None:
    asked = "if self.logger is None: self.logger = made()"
    assert of_class("logger", "pass", f"{asked}\n        " + 3 * "self.logger.info('other');") == "self.logger"
    assert of_class("logger", "pass", f"{asked}\n        " + 2 * "self.logger.info('other');") == "log"


@pytest.mark.parametrize(
    ("given", "is_used"),
    [
        ("path, logger", True),
        ("path, *, logger: 'Logger'", True),
        ("path, logger: Callable[[str], None]", False),
        ("path, logger: str", False),
        ("path, logger=None", False),
        ("path, log", False),
    ],
)
def test_a_parameter_that_is_called_a_logger_is_one_where_nothing_speaks_against_it(given: str, is_used: bool) -> None:
    text = f"def fetch({given}):\n    try:\n        read(path)\n    except ConnectionError:\n        return None\n"
    found = added(text)
    assert found[-1].startswith(("logger.", "log."))
    assert any("getLogger" in line for line in found) is not is_used


def test_where_the_root_logger_is_set_up_no_line_sets_it_up_before() -> None:
    """The first `logging.info()` does, and `basicConfig` is silent then: the log file of the program stays empty."""
    text = """
        import logging
        def load(path):
            try:
                return read(path)
            except OSError:
                {}return None
        def main():
            logging.basicConfig(filename=load("shop.cfg"))
            logging.info("begun")
        """
    assert any("logger.debug('load_failed'" in line for line in added(text.format("")))
    assert any("logging.debug(" in line for line in added(text.replace("read(path)", "logging.info(path)").format("")))
