"""Where each tenant's catalog is: a database of its own, or a schema of its own in the service's PostgreSQL."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import create_engine

from reviewer.stores.database.engine import read_url, told


class Catalogs:
    """The catalogs of the tenants.

    Args:
        store: URL of the service's database.
    """

    def __init__(self, store: str) -> None:
        self._url = read_url(store)

    def place(self, tenant: str) -> str:
        """URL of a tenant's catalog; what is there belongs to nobody else."""
        if self._url.get_backend_name() == "sqlite":
            file = Path(self._url.database or "")
            return str(self._url.set(database=str(file.with_name(f"{file.stem}-catalog-{tenant}.db"))))
        own = self._url.update_query_dict({"options": f"-csearch_path={_schema(tenant)}"})
        return own.render_as_string(hide_password=False)

    def make(self, tenant: str) -> None:
        """Make room for a tenant's catalog where there is none yet.

        Raises:
            StoreError: the database failed.
        """
        if self._url.get_backend_name() == "sqlite":
            return
        engine = create_engine(self._url)
        try:
            with told(), engine.begin() as connection:
                connection.exec_driver_sql(f'CREATE SCHEMA IF NOT EXISTS "{_schema(tenant)}"')
        finally:
            engine.dispose()


def _schema(tenant: str) -> str:
    return f"catalog_{tenant}"
