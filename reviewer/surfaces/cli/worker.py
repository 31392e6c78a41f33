"""`reviewer worker`: a machine more that works on what was asked for over HTTP."""

from __future__ import annotations

import signal
import threading
from typing import TYPE_CHECKING, Annotated

import typer

from reviewer.errors import UsageError
from reviewer.surfaces.cli.serve import end_now
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
    from reviewer.service_wiring import Service

FINE = 0


def command(
    *,
    store: StoreOption = None,
    folder: FolderOption = None,
    allow_path: PathOption = None,
    allow_host: HostOption = None,
    allow_scheme: SchemeOption = None,
    allow_private_addresses: PrivateOption = False,
    concurrency: ConcurrencyOption = None,
    allow_model: ModelOption = None,
    most_tokens: TokensOption = 500_000,
    heartbeat: HeartbeatOption = 5.0,
    silence: SilenceOption = 30.0,
    keep_days: KeepOption = 90,
    gate: GateOption = None,
    log_level: LogLevelOption = "info",
    metrics_port: Annotated[
        int | None,
        typer.Option("--metrics-port", min=1, max=65535, help="Tell Prometheus of this process here."),
    ] = None,
) -> int:
    """Work on the reviews that were asked for over HTTP, until it is told to end.

    What this process has begun when it ends, or dies, is taken over by the others.
    """
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
    start_logging(log_level)
    from reviewer.service_wiring import open_service, start_worker

    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with open_service(settings, *forges) as service:
        if metrics_port is not None:
            _tell_metrics(service, metrics_port)
        worker = start_worker(service)
        tell(f"working as {worker.id}")
        ended.wait()
        worker.stop()
    end_now()
    return FINE


def _tell_metrics(service: Service, port: int) -> None:
    """Answer Prometheus, on the addresses of this machine.

    Raises:
        UsageError: somebody else listens there.
    """
    try:
        service.observation.metrics.serve(port)
    except OSError as error:
        raise UsageError(f"--metrics-port {port}: {error.strerror}; take another port") from error
