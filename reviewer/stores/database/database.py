"""The service's database as the rest of the service sees it.

What belongs to a tenant is reached through its tenant only.
"""

from __future__ import annotations

import re

from sqlalchemy import select

from reviewer.errors import UsageError
from reviewer.stores.database import schema
from reviewer.stores.database.audit_log import AuditLog
from reviewer.stores.database.deliveries import Deliveries
from reviewer.stores.database.engine import open_engine, read_url, reading
from reviewer.stores.database.executors import Executors
from reviewer.stores.database.feedback import FeedbackStore
from reviewer.stores.database.inbox import Inbox
from reviewer.stores.database.keys import ApiKeys
from reviewer.stores.database.leases import Leases
from reviewer.stores.database.overrides import Overrides
from reviewer.stores.database.postmortems import Postmortems
from reviewer.stores.database.rates import Rates
from reviewer.stores.database.reviews import Reviews

DEFAULT_TENANT = "default"
_TENANT = re.compile(r"[a-z][a-z0-9_]{0,47}")


def check_tenant(tenant: str) -> str:
    """A tenant's name.

    Raises:
        UsageError: it is no name of a tenant.
    """
    if not _TENANT.fullmatch(tenant):
        raise UsageError(f"tenant {tenant[:60]!r}: a name has up to 48 of a-z, 0-9 and _, and begins with a letter")
    return tenant


class Database:
    """The database of the service; it may be used by several threads. Close it after use.

    Args:
        url: "sqlite:///FILE" or "postgresql+psycopg://USER:PASSWORD@HOST/NAME".
        connections: most connections at once.

    Raises:
        UsageError: the URL names no store.
        StoreError: its driver is not installed.
    """

    def __init__(self, url: str, *, connections: int = 10) -> None:
        self.url = read_url(url)
        self.place = self.url.render_as_string(hide_password=True)
        self.engine = open_engine(self.url, connections=connections)
        self.executors = Executors(self.engine)
        self.keys = ApiKeys(self.engine)
        self.deliveries = Deliveries(self.engine)
        self.inbox = Inbox(self.engine)
        self.leases = Leases(self.engine)
        self.rates = Rates(self.engine)

    @property
    def is_shared(self) -> bool:
        """Whether it is made for several machines; SQLite is one machine's, and has one writer at a time."""
        return self.engine.dialect.name != "sqlite"

    def migrate(self) -> str:
        """Bring the tables to what this version knows; the revision.

        Raises:
            StoreError: the database failed, or was made by a later version.
        """
        return schema.migrate(self.engine)

    def is_current(self) -> bool:
        """Whether the tables are those that this version knows.

        Raises:
            StoreError: the database failed.
        """
        return schema.is_current(self.engine)

    def ping(self) -> None:
        """See that the database answers.

        Raises:
            StoreError: it does not.
        """
        with reading(self.engine) as connection:
            connection.execute(select(1))

    def reviews(self, tenant: str) -> Reviews:
        """The reviews of a tenant."""
        return Reviews(self.engine, tenant)

    def postmortems(self, tenant: str) -> Postmortems:
        """The post-mortems of a tenant."""
        return Postmortems(self.engine, tenant)

    def feedback(self, tenant: str) -> FeedbackStore:
        """What a tenant's people have said of findings."""
        return FeedbackStore(self.engine, tenant)

    def overrides(self, tenant: str) -> Overrides:
        """Who let deployments of a tenant go on against a review."""
        return Overrides(self.engine, tenant)

    def audit_log(self, tenant: str) -> AuditLog:
        """Who did what on behalf of a tenant."""
        return AuditLog(self.engine, tenant)

    def close(self) -> None:
        """Let go of the connections."""
        self.engine.dispose()
