"""Brings the tables of a database to what this version of the reviewer knows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock
from sqlalchemy import Connection, Engine

from reviewer.errors import StoreError
from reviewer.stores.database.engine import told

if TYPE_CHECKING:
    from alembic.config import Config

_SCRIPTS = Path(__file__).parent / "migrations"
_VERSIONS = "reviewer_schema"
_LOCK = 5_014_233_127_106
"""The key of the lock in PostgreSQL under which tables are changed; any number that nobody else uses."""


def migrate(engine: Engine) -> str:
    """Bring the tables to the newest revision; several machines may try at once.

    Returns:
        The revision.

    Raises:
        StoreError: the database failed, or was made by a later version.
    """
    if engine.dialect.name == "sqlite":
        with FileLock(f"{engine.url.database}.migration.lock"), told(), engine.connect() as connection:
            return _upgrade(connection)
    with told(), engine.connect() as connection:
        connection.exec_driver_sql(f"SELECT pg_advisory_lock({_LOCK})")
        connection.commit()
        try:
            return _upgrade(connection)
        finally:
            connection.rollback()
            connection.exec_driver_sql(f"SELECT pg_advisory_unlock({_LOCK})")
            connection.commit()


def is_current(engine: Engine) -> bool:
    """Whether the tables are those that this version knows.

    Raises:
        StoreError: the database failed.
    """
    with told(), engine.connect() as connection:
        return _revision(connection) == newest()


def newest() -> str:
    """The newest revision that this version knows."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 (heavy)

    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def _upgrade(connection: Connection) -> str:
    from alembic import command  # noqa: PLC0415 (heavy)
    from alembic.script import ScriptDirectory  # noqa: PLC0415
    from alembic.util import CommandError  # noqa: PLC0415

    config = _config()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    present = _revision(connection)
    if present is not None and present not in known:
        raise StoreError("the database was made by a later version of the reviewer; update this one")
    connection.rollback()
    if present != newest():
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise StoreError(f"the tables cannot be changed ({error}); restore a backup and report it") from error
        connection.commit()
    return newest()


def _revision(connection: Connection) -> str | None:
    from alembic.runtime.migration import MigrationContext  # noqa: PLC0415 (heavy)

    return MigrationContext.configure(connection, opts={"version_table": _VERSIONS}).get_current_revision()


def _config() -> Config:
    from alembic.config import Config  # noqa: PLC0415 (heavy)

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["version_table"] = _VERSIONS
    return config
