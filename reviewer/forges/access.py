"""What the one who runs the service gave it to be let in at forges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from reviewer.domain.path_pattern import matches_any
from reviewer.errors import SettingsError, UsageError

GITHUB_API = "https://api.github.com"
GITLAB_URL = "https://gitlab.com"


@dataclass(frozen=True, slots=True)
class AppKey:
    """A GitHub App.

    Attributes:
        app_id: of the App.
        private_key: PEM.
    """

    app_id: int
    private_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class ForgeAccess:
    """Credentials and addresses.

    Attributes:
        github: an App or a token; None for no GitHub.
        github_api: base address of GitHub's API.
        gitlab: a token; None for no GitLab.
        gitlab_url: address of GitLab.
        folder: where reviews are written as files instead; None for nowhere.
        repositories: patterns of repositories on which a review may be posted though it is not of their own address.
        github_webhook: secrets that may have signed a webhook of GitHub; several while one is replaced.
        gitlab_webhook: signing or secret tokens of GitLab's webhooks.
        tenant: on whose behalf all of it is used; no other tenant's reviews are let in or posted by it.
    """

    github: AppKey | str | None = field(default=None, repr=False)
    github_api: str = GITHUB_API
    gitlab: str | None = field(default=None, repr=False)
    gitlab_url: str = GITLAB_URL
    folder: Path | None = None
    repositories: tuple[str, ...] = ()
    github_webhook: tuple[str, ...] = field(default=(), repr=False)
    gitlab_webhook: tuple[str, ...] = field(default=(), repr=False)
    tenant: str = "default"

    @property
    def is_given(self) -> bool:
        """Whether there is access to any forge."""
        return self.github is not None or self.gitlab is not None or self.folder is not None

    @property
    def github_host(self) -> str:
        """The host that repositories of this GitHub are cloned from."""
        host = urlsplit(self.github_api).hostname or ""
        return "github.com" if host == "api.github.com" else host

    @property
    def gitlab_host(self) -> str:
        """The host that repositories of this GitLab are cloned from."""
        return urlsplit(self.gitlab_url).hostname or ""

    def may_post(self, forge: str, repository: str, source: str | None) -> bool:
        """Whether a review may be posted on a repository: on its own, or on one that the settings name.

        Args:
            forge: "github", "gitlab" or "local"; a file says nothing on anybody's repository.
            repository: as the forge names it.
            source: what was reviewed, a URL or a path; None for a bare diff.
        """
        if forge == "local" or matches_any(self.repositories, repository):
            return True
        parts = urlsplit(source or "")
        host = self.github_host if forge == "github" else self.gitlab_host
        path = parts.path.strip("/").removesuffix(".git")
        return parts.scheme in ("https", "http") and parts.hostname == host and path.lower() == repository.lower()


def read_access(environment: Mapping[str, str]) -> ForgeAccess:
    """The access that environment variables give.

    `REVIEWER_GITHUB_TOKEN`, or `REVIEWER_GITHUB_APP_ID` and `REVIEWER_GITHUB_APP_KEY_FILE`; `REVIEWER_GITHUB_API`;
    `REVIEWER_GITLAB_TOKEN`; `REVIEWER_GITLAB_URL`; `REVIEWER_POST_FOLDER`; `REVIEWER_POST_TO`, patterns of repositories
    parted by spaces; `REVIEWER_GITHUB_WEBHOOK_SECRET` and `REVIEWER_GITLAB_WEBHOOK_TOKEN`, several parted by spaces;
    `REVIEWER_FORGE_TENANT`. Each secret may stand in a file instead, which the same name with `_FILE` names.

    Raises:
        SettingsError: they do not go together, or a file cannot be read.
    """
    token = _secret(environment, "REVIEWER_GITHUB_TOKEN")
    app, file = environment.get("REVIEWER_GITHUB_APP_ID"), environment.get("REVIEWER_GITHUB_APP_KEY_FILE")
    github: AppKey | str | None = token or None
    if app or file:
        if token or not (app and file):
            raise SettingsError(
                "REVIEWER_GITHUB_APP_ID and REVIEWER_GITHUB_APP_KEY_FILE go together, and without REVIEWER_GITHUB_TOKEN"
            )
        if not app.isdigit():
            raise SettingsError(f"REVIEWER_GITHUB_APP_ID is no number: {app[:40]!r}")
        try:
            github = AppKey(int(app), Path(file).read_text(encoding="ascii"))
        except (OSError, ValueError):
            raise SettingsError(f"REVIEWER_GITHUB_APP_KEY_FILE: {file!r} cannot be read; name a PEM file") from None
    return ForgeAccess(
        github=github,
        github_api=environment.get("REVIEWER_GITHUB_API") or GITHUB_API,
        gitlab=_secret(environment, "REVIEWER_GITLAB_TOKEN") or None,
        gitlab_url=environment.get("REVIEWER_GITLAB_URL") or GITLAB_URL,
        folder=Path(environment["REVIEWER_POST_FOLDER"]) if environment.get("REVIEWER_POST_FOLDER") else None,
        repositories=tuple(environment.get("REVIEWER_POST_TO", "").split()),
        github_webhook=tuple(_secret(environment, "REVIEWER_GITHUB_WEBHOOK_SECRET").split()),
        gitlab_webhook=tuple(_secret(environment, "REVIEWER_GITLAB_WEBHOOK_TOKEN").split()),
        tenant=environment.get("REVIEWER_FORGE_TENANT") or "default",
    )


def _secret(environment: Mapping[str, str], name: str) -> str:
    """A secret from a variable, or from the file that the variable with `_FILE` names."""
    file = environment.get(f"{name}_FILE")
    if not file:
        return environment.get(name, "")
    if environment.get(name):
        raise SettingsError(f"{name} and {name}_FILE mean the same; set one")
    try:
        return Path(file).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        raise SettingsError(f"{name}_FILE: {file!r} cannot be read; name a file with the secret alone in it") from None


def unknown_forge(forge: object) -> UsageError:
    """A name that is none of a forge we know or have access to."""
    return UsageError(
        f"post_to: no access to a forge {str(forge)[:40]!r}; set up github, gitlab or a folder, or leave it out"
    )
