"""`reviewer serve`: the HTTP service, with a worker in the same process."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from reviewer.errors import UsageError
from reviewer.surfaces.cli.service_options import (
    ConcurrencyOption,
    FolderOption,
    GateOption,
    HeartbeatOption,
    HostOption,
    KeepOption,
    LogLevelOption,
    ModelOption,
    PathOption,
    PrivateOption,
    SchemeOption,
    SilenceOption,
    StoreOption,
    TokensOption,
    forges_of,
    settings_of,
    start_logging,
)
from reviewer.surfaces.cli.terminal import tell

if TYPE_CHECKING:
    import socket

FINE = 0
_PATIENCE = 10
"""Seconds that open requests get when the service is told to end."""


def command(
    *,
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Listen on this address.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Listen on this port; 0 for a free one.")] = 8080,
    store: StoreOption = None,
    folder: FolderOption = None,
    no_auth: Annotated[
        bool, typer.Option("--no-auth", help="Ask for no API key; only for this machine (a loopback address).")
    ] = False,
    no_worker: Annotated[
        bool, typer.Option("--no-worker", help="Take requests only; 'reviewer worker' does the work.")
    ] = False,
    allow_path: PathOption = None,
    allow_host: HostOption = None,
    allow_scheme: SchemeOption = None,
    allow_private_addresses: PrivateOption = False,
    concurrency: ConcurrencyOption = None,
    allow_model: ModelOption = None,
    most_tokens: TokensOption = 500_000,
    rate_limit: Annotated[
        int,
        typer.Option(
            "--rate-limit",
            min=1,
            max=1_000_000,
            help="Requests a minute with one API key: to all processes that serve from one PostgreSQL together, with "
            "SQLite to each.",
        ),
    ] = 600,
    heartbeat: HeartbeatOption = 5.0,
    silence: SilenceOption = 30.0,
    keep_days: KeepOption = 90,
    gate: GateOption = None,
    log_level: LogLevelOption = "info",
) -> int:
    """Serve reviews over HTTP. Without settings everything is kept in your data directory.

    Every route but health and webhooks wants an API key: 'reviewer keys create' makes one. What forges are let in by is
    set in the environment: REVIEWER_GITHUB_TOKEN and more; the README lists them.
    """
    if no_auth and not _is_loopback(host):
        raise UsageError(f"--no-auth --host {host}: others could reach it; listen on 127.0.0.1, or make a key")
    settings = settings_of(
        store=store,
        folder=folder,
        allow_path=allow_path,
        allow_host=allow_host,
        allow_scheme=allow_scheme,
        private=allow_private_addresses,
        concurrency=concurrency,
        allow_model=allow_model,
        most_tokens=most_tokens,
        heartbeat=heartbeat,
        silence=silence,
        keep_days=keep_days,
    )
    forges = forges_of(gate)
    listening = _listen(host, port)
    start_logging(log_level)
    from reviewer.service_wiring import open_service, redelivery_of, start_worker
    from reviewer.surfaces.api.app import create_app

    with listening, open_service(settings, *forges) as service:
        if not no_auth and not service.database.keys.exist():
            tell("there is no API key yet, so nobody may ask; make one with 'reviewer keys create'")
        worker = None if no_worker else start_worker(service)
        redelivery = redelivery_of(service)
        if redelivery is not None:
            redelivery.start()
        try:
            _run(create_app(service, open_to_all=no_auth, rate_limit=rate_limit), listening)
        finally:
            if redelivery is not None:
                redelivery.stop()
            if worker is not None:
                worker.stop()
    end_now()
    return FINE


def end_now() -> None:
    """End the process without waiting for steps that are under way: they are begun again, as after a crash."""
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(FINE)


def _listen(host: str, port: int) -> socket.socket:
    """A socket to listen on, taken before anything is opened."""
    import socket

    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        raise UsageError(f"--host {host} --port {port}: {error.strerror}; listen elsewhere; 0 is any port") from error


def _run(app: object, listening: socket.socket) -> None:
    import uvicorn

    address, number = listening.getsockname()[:2]
    shown = f"[{address}]" if ":" in address else address
    tell(f"listening on http://{shown}:{number}")
    config = uvicorn.Config(
        app,  # type: ignore[arg-type]
        log_config=None,  # all of it goes where the service's own log goes
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_PATIENCE,
    )
    uvicorn.Server(config).run(sockets=[listening])


def _is_loopback(host: str) -> bool:
    import ipaddress

    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
