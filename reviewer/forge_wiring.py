"""Connects the service to the forges that the environment gives access to."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from reviewer.forges.access import read_access
from reviewer.forges.poster import ForgePoster
from reviewer.ports import Forge

if TYPE_CHECKING:
    from reviewer.ports import Poster


def open_poster(environment: Mapping[str, str], observed: Callable[[Forge], Forge] | None = None) -> Poster | None:
    """What posts reviews; None where the environment gives access to no forge.

    Args:
        environment: variables as `forges.access.read_access` knows them.
        observed: puts something around a forge that counts what is asked of it.

    Raises:
        SettingsError: they do not go together.
    """
    access = read_access(environment)
    if access.github is None and access.gitlab is None:
        return None
    return ForgePoster(access, observed=observed)
