"""Opens the adapter of a forge with the credentials that the settings give for a repository."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from reviewer.domain.posting import Destination
from reviewer.errors import UsageError
from reviewer.forges.access import ForgeAccess, unknown_forge
from reviewer.forges.waiting import Waiting

if TYPE_CHECKING:
    from reviewer.forges.github import GitHub
    from reviewer.ports import Forge

_PART = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}")


async def open_forge(access: ForgeAccess, place: Destination, waiting: Waiting) -> Forge:
    """The adapter for a place; close it after use.

    Raises:
        UsageError: there is no access to such a forge.
        ForgeError: the App is not installed there.
    """
    if place.forge == "github":
        return await open_github(access, place, waiting)
    if place.forge == "gitlab" and access.gitlab is not None:
        from reviewer.forges.gitlab import GitLab  # noqa: PLC0415 - an extra

        return GitLab(access.gitlab, url=access.gitlab_url, waiting=waiting)
    if place.forge == "local" and access.folder is not None:
        from reviewer.forges.local import LocalFolder  # noqa: PLC0415 - as the others

        return LocalFolder(_folder(access.folder, place))
    raise unknown_forge(place.forge)


async def open_github(access: ForgeAccess, place: Destination, waiting: Waiting) -> GitHub:
    """The adapter of GitHub for a repository; close it after use.

    Raises:
        UsageError: there is no access to GitHub.
        ForgeError: the App is not installed there.
    """
    if access.github is None:
        raise unknown_forge(place.forge)
    from reviewer.forges.github import GitHub  # noqa: PLC0415 - an extra
    from reviewer.forges.github_client import AppCredentials, find_installation  # noqa: PLC0415

    app = access.github
    if isinstance(app, str):
        return GitHub(app, api=access.github_api, waiting=waiting)
    installation = place.installation or await find_installation(
        app.app_id, app.private_key, place.repository, access.github_api, waiting
    )
    credentials = AppCredentials(app.app_id, app.private_key, installation)
    return GitHub(credentials, api=access.github_api, waiting=waiting)


def _folder(root: Path, place: Destination) -> Path:
    """The folder for a pull request, or for a repository's commits, always below the root."""
    parts = place.repository.split("/")
    if not all(_PART.fullmatch(part) for part in parts):
        raise UsageError(f"post_to: {place.repository[:200]!r} names no folder; use letters, digits, '_', '-' and '.'")
    return root.joinpath(*parts, str(place.number or "commits"))
