"""Connects the service to the forges that the environment gives access to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from reviewer.ports import Poster
    from reviewer.telemetry.metric import Metrics


def open_poster(environment: Mapping[str, str], metrics: Metrics) -> Poster | None:
    """What posts reviews; None where the environment gives access to no forge.

    Args:
        environment: variables as `forges.access.read_access` knows them.
        metrics: where it is counted what a forge is asked.

    Raises:
        SettingsError: the variables do not go together.
    """
    from reviewer.forges.access import read_access  # noqa: PLC0415 (start-up)
    from reviewer.forges.poster import ForgePoster  # noqa: PLC0415
    from reviewer.telemetry.forge import ObservedForge  # noqa: PLC0415

    access = read_access(environment)
    if access.github is None and access.gitlab is None:
        return None
    return ForgePoster(access, observed=lambda forge: ObservedForge(forge, metrics))
