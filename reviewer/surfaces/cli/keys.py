"""`reviewer keys`: the API keys of the service."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from reviewer.surfaces.cli.service_options import FolderOption, StoreOption, settings_of
from reviewer.surfaces.cli.terminal import emit, tell

FINE = 0
app = typer.Typer(help="Make, list and revoke the API keys of the service.", rich_markup_mode=None)


@app.command("create")
def create(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What you call it: who uses it, and for what.")],
    *,
    scope: Annotated[
        list[str] | None, typer.Option("--scope", help="What it is good for; may be repeated. Default: everything.")
    ] = None,
    tenant: Annotated[str, typer.Option(help="On whose behalf it is used.")] = "default",
    days: Annotated[int | None, typer.Option(min=1, max=3650, help="Days until it expires. Default: never.")] = None,
    store: StoreOption = None,
    folder: FolderOption = None,
) -> int:
    """Make a key and show it, this once."""
    settings = settings_of(store=store, folder=folder)
    from reviewer.domain.access import SCOPES
    from reviewer.service_wiring import open_service
    from reviewer.stores.database.database import check_tenant

    check_tenant(tenant)
    expires = None if days is None else datetime.now(UTC) + timedelta(days=days)
    with open_service(settings) as service:
        service.catalogs.make(tenant)
        key, secret = service.database.keys.create(tenant, name, scope or SCOPES, expires)
    emit(f"{secret}\n")
    tell(f"this is shown only now; its id is {key.id}")
    return FINE


@app.command("list")
def list_all(*, store: StoreOption = None, folder: FolderOption = None) -> int:
    """List all keys, without what is secret."""
    settings = settings_of(store=store, folder=folder)
    from reviewer.domain.access import ApiKey
    from reviewer.render.safe import visible
    from reviewer.service_wiring import open_service

    def state(key: ApiKey) -> str:
        if key.revoked_at is not None:
            return "revoked"
        if key.expires_at is None:
            return "good"
        return "expired" if key.expires_at <= datetime.now(UTC) else f"good until {key.expires_at:%Y-%m-%d}"

    with open_service(settings) as service:
        for key in service.database.keys.list():
            used = "never used" if key.used_at is None else f"used {key.used_at:%Y-%m-%d}"
            name = visible(key.name, "utf-8")
            emit(f"{key.id}  {key.tenant}  {state(key)}  {used}  {','.join(sorted(key.scopes))}  {name}\n")
    return FINE


@app.command("revoke")
def revoke(
    identity: Annotated[str, typer.Argument(metavar="ID", help="As 'reviewer keys list' shows it.")],
    *,
    store: StoreOption = None,
    folder: FolderOption = None,
) -> int:
    """Make a key good for nothing, from now on."""
    settings = settings_of(store=store, folder=folder)
    from reviewer.service_wiring import open_service

    with open_service(settings) as service:
        service.database.keys.revoke(identity)
    return FINE
