"""API keys: made, shown once, kept as salted hashes, checked, revoked.

A key is "rvw_ID_SECRET". The secret has 256 bits of chance, so that one pass of a keyed hash (BLAKE2b with a salt of
its own, RFC 7693) is enough to keep it: there is nothing to guess that a slow hash would protect.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Engine, Row, and_, insert, select, update

from reviewer.domain.access import SCOPES, ApiKey, Caller
from reviewer.errors import NotFoundError, UsageError
from reviewer.stores.database.audit import audit
from reviewer.stores.database.engine import reading, writing
from reviewer.stores.database.tables import api_key

PREFIX = "rvw"
_NOTED = timedelta(minutes=1)
"""How exact the time of last use is."""


class ApiKeys:
    """The API keys of all tenants.

    Args:
        engine: of the database.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def create(
        self, tenant: str, name: str, scopes: Collection[str], expires_at: datetime | None = None
    ) -> tuple[ApiKey, str]:
        """Make a key.

        Returns:
            The key as it is listed, and the key itself, which nobody can see again.

        Raises:
            UsageError: there is no such scope.
        """
        unknown = sorted(set(scopes) - set(SCOPES))
        if unknown or not scopes:
            raise UsageError(f"--scope {' '.join(unknown) or 'is empty'}: take {', '.join(SCOPES)}")
        identity, secret, salt = secrets.token_hex(6), secrets.token_urlsafe(32), secrets.token_bytes(16)
        now = datetime.now(UTC)
        with writing(self._engine) as connection:
            connection.execute(
                insert(api_key).values(
                    id=identity,
                    tenant=tenant,
                    name=name,
                    salt=salt,
                    hash=_hash(secret, salt),
                    scopes=" ".join(sorted(scopes)),
                    created_at=now,
                    expires_at=expires_at,
                )
            )
            audit(connection, tenant, "command line", "key.create", identity, detail=name)
        return ApiKey(identity, tenant, name, frozenset(scopes), now, expires_at), f"{PREFIX}_{identity}_{secret}"

    def list(self) -> list[ApiKey]:
        """All keys, the oldest first."""
        with reading(self._engine) as connection:
            rows = connection.execute(select(api_key).order_by(api_key.c.created_at, api_key.c.id)).all()
        return [_listed(row) for row in rows]

    def exist(self) -> bool:
        """Whether there is a key at all."""
        with reading(self._engine) as connection:
            return connection.execute(select(api_key.c.id).limit(1)).one_or_none() is not None

    def revoke(self, identity: str) -> None:
        """Make a key good for nothing, from now on.

        Raises:
            NotFoundError: there is no such key, or it is revoked already.
        """
        mine = and_(api_key.c.id == identity, api_key.c.revoked_at.is_(None))
        with writing(self._engine) as connection:
            tenant = connection.execute(
                update(api_key).where(mine).values(revoked_at=datetime.now(UTC)).returning(api_key.c.tenant)
            ).scalar_one_or_none()
            if tenant is None:
                raise NotFoundError(f"no key {identity[:40]!r} that is not revoked; 'reviewer keys list' lists them")
            audit(connection, tenant, "command line", "key.revoke", identity)

    def check(self, key: str) -> Caller | None:
        """Who a key stands for; None where it is not good."""
        prefix, _, rest = key.partition("_")
        identity, _, secret = rest.partition("_")
        if prefix != PREFIX or not secret:
            return None
        with reading(self._engine) as connection:
            row = connection.execute(select(api_key).where(api_key.c.id == identity)).one_or_none()
        now = datetime.now(UTC)
        if row is None or not hmac.compare_digest(row.hash, _hash(secret, row.salt)):
            return None
        if row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= now):
            return None
        if row.used_at is None or now - row.used_at > _NOTED:
            with writing(self._engine) as connection:
                connection.execute(update(api_key).where(api_key.c.id == identity).values(used_at=now))
        return Caller(row.tenant, f"key:{row.id}", frozenset(row.scopes.split()))


def _hash(secret: str, salt: bytes) -> bytes:
    return hashlib.blake2b(secret.encode("utf-8", "surrogateescape"), key=salt, digest_size=32).digest()


def _listed(row: Row[Any]) -> ApiKey:
    return ApiKey(
        row.id,
        row.tenant,
        row.name,
        frozenset(row.scopes.split()),
        row.created_at,
        row.expires_at,
        row.revoked_at,
        row.used_at,
    )
