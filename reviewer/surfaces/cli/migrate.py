"""`reviewer migrate`: brings the tables of the service to this version."""

from __future__ import annotations

from reviewer.surfaces.cli.service_options import FolderOption, StoreOption, settings_of
from reviewer.surfaces.cli.terminal import emit

FINE = 0


def command(*, store: StoreOption = None, folder: FolderOption = None) -> int:
    """Bring the tables of the service to this version; 'reviewer serve' does so by itself."""
    settings = settings_of(store=store, folder=folder)
    from reviewer.service_wiring import open_service

    with open_service(settings) as service:
        emit(f"{service.database.place}: revision {service.version}\n")
    return FINE
