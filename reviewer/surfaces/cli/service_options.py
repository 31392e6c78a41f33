"""The options that the commands of the service share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from reviewer.domain.service import ServiceSettings
    from reviewer.forges.access import ForgeAccess
    from reviewer.posting.gate import GatePolicy

_IN_HAND = 16
"""Reviews that one process has begun and not ended, at least."""
_LEVELS = ("debug", "info", "warning", "error")

StoreOption = Annotated[
    str | None,
    typer.Option(
        "--store",
        metavar="URL",
        envvar="REVIEWER_STORE",
        help="sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME. Default: a file in your data directory.",
    ),
]
FolderOption = Annotated[
    Path | None,
    typer.Option("--folder", metavar="DIR", envvar="REVIEWER_FOLDER", help="For clones. Default: your data directory."),
]
PathOption = Annotated[
    list[Path] | None,
    typer.Option("--allow-path", metavar="DIR", help="Review repositories below this folder; may be repeated."),
]
HostOption = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-host", metavar="HOST", help="Clone from this host. Default: github.com, gitlab.com; may be repeated."
    ),
]
SchemeOption = Annotated[
    list[str] | None,
    typer.Option("--allow-scheme", metavar="NAME", help="https (the default), http or file; may be repeated."),
]
PrivateOption = Annotated[
    bool, typer.Option("--allow-private-addresses", help="Clone from hosts of private networks too.")
]
ConcurrencyOption = Annotated[
    int | None,
    typer.Option("--concurrency", min=1, max=256, help="Reviews worked on at once. Default: one a processor."),
]
ModelOption = Annotated[
    list[str] | None,
    typer.Option(
        "--allow-model",
        metavar="PATTERN",
        help="Ask this model where a client or a repository names it. Default: anthropic:*, openai:*; may be repeated.",
    ),
]
TokensOption = Annotated[
    int,
    typer.Option(
        "--most-tokens", min=0, envvar="REVIEWER_MOST_TOKENS", help="For one review, whatever its repository says."
    ),
]
HeartbeatOption = Annotated[
    float, typer.Option("--heartbeat", min=0.1, max=600, help="Seconds between two signs of life.")
]
SilenceOption = Annotated[
    float,
    typer.Option("--silence", min=0.5, max=3600, help="Seconds of silence after which a worker's jobs are taken over."),
]
KeepOption = Annotated[
    int,
    typer.Option(
        "--keep-days",
        min=0,
        max=36_500,
        envvar="REVIEWER_KEEP_DAYS",
        help="Delete finished reviews after so many days; 0 keeps them for ever. The same for all workers.",
    ),
]

LogLevelOption = Annotated[
    str, typer.Option("--log-level", metavar="LEVEL", help="Log this and worse to stderr: debug, info, warning, error.")
]


def start_logging(level: str) -> None:
    """Log as JSON to stderr.

    Raises:
        UsageError: there is no such level.
    """
    import sys

    from reviewer.errors import UsageError
    from reviewer.telemetry.log import configure_logging

    if level not in _LEVELS:
        raise UsageError(f"--log-level {level}: take {', '.join(_LEVELS)}")
    configure_logging(sys.stderr, level.upper())


GateOption = Annotated[
    Path | None,
    typer.Option(
        "--gate", metavar="FILE", envvar="REVIEWER_GATE", help="Which verdict stops a deployment where (TOML)."
    ),
]


def forges_of(gate: Path | None) -> tuple[ForgeAccess, GatePolicy]:
    """Access to forges and the policy of deployments. Secrets come from the environment: options are seen by others.

    Raises:
        SettingsError: they do not go together, or cannot be read.
    """
    import os

    from reviewer.forges.access import read_access
    from reviewer.posting.gate import GatePolicy
    from reviewer.posting.gate_settings import read_gate_policy

    return read_access(os.environ), read_gate_policy(gate) if gate is not None else GatePolicy()


def settings_of(
    *,
    store: str | None,
    folder: Path | None,
    allow_path: list[Path] | None = None,
    allow_host: list[str] | None = None,
    allow_scheme: list[str] | None = None,
    private: bool = False,
    concurrency: int | None = None,
    allow_model: list[str] | None = None,
    most_tokens: int = 500_000,
    heartbeat: float = 5.0,
    silence: float = 30.0,
    keep_days: int = 90,
) -> ServiceSettings:
    """Settings out of options.

    Raises:
        UsageError: they do not go together, or what the service needs is not installed.
    """
    from reviewer.domain.service import ModelPolicy, RepositoryPolicy, ServiceSettings
    from reviewer.errors import UsageError
    from reviewer.service_wiring import usual_concurrency, usual_folder, usual_store

    _check_installed()
    for scheme in allow_scheme or ():
        if scheme not in ("https", "http", "file"):
            raise UsageError(f"--allow-scheme {scheme}: take https, http or file")
    if silence < 3 * heartbeat:
        raise UsageError("--silence: a worker would count as dead too soon; take at least three times --heartbeat")
    usual = RepositoryPolicy()
    place = folder or usual_folder()
    processors = concurrency or usual_concurrency()
    return ServiceSettings(
        store=store or usual_store(place),
        folder=place,
        repositories=RepositoryPolicy(
            paths=tuple(path.absolute() for path in allow_path or ()),
            hosts=tuple(allow_host) if allow_host else usual.hosts,
            schemes=tuple(allow_scheme) if allow_scheme else usual.schemes,
            private_addresses=private,
        ),
        models=ModelPolicy(tuple(allow_model) if allow_model else ModelPolicy().allowed, most_tokens),
        concurrency=processors,
        # As many again may wait for a model or a host.
        in_hand=max(_IN_HAND, 2 * processors),
        heartbeat_seconds=heartbeat,
        silence_seconds=silence,
        keep_days=keep_days,
    )


def _check_installed() -> None:
    import importlib.util

    from reviewer.domain.distribution import install_extra
    from reviewer.errors import UsageError

    for name in ("fastapi", "uvicorn", "sqlalchemy", "alembic", "dbos"):
        if importlib.util.find_spec(name) is None:
            raise UsageError(f"the service is an extra; install it with: {install_extra('service')}")
