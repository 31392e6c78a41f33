"""What leaves functions of pre-commit, and what does not."""

from __future__ import annotations

import http.client
import io
import os
import subprocess
import urllib.error
from pathlib import Path
from unittest import mock

from benchmarks.escape_proofs.answers import http_error
from benchmarks.escape_proofs.proving import Proof, archive, load, program, written

ROOT = "get_root"
NOT_FOUND = "pre_commit.parse_shebang.ExecutableNotFoundError"
CALLED = "pre_commit.util.CalledProcessError"


def no_git(work: Path) -> object:
    """Look for the root where no git is installed."""
    os.environ["PATH"] = str(work)
    return load("pre_commit.git").get_root()


def strange_root(work: Path) -> object:
    """Look for the root with a git that prints no UTF-8."""
    program(work / "git", r"printf '\377'")
    return load("pre_commit.git").get_root()


UPDATE = "RevInfo.update"


def update(repository: str) -> object:
    """Look for a newer revision of a repository of hooks."""
    return load("pre_commit.commands.autoupdate").RevInfo(repository, "v1").update(tags_only=False, freeze=False)


def update_without_git(work: Path) -> object:
    """Update where no git is installed."""
    os.environ["PATH"] = str(work)
    return update(str(work))


def no_manifest(work: Path) -> object:
    """Update from a repository without a manifest."""
    git = ("git", "-C", str(work), "-c", "user.name=a", "-c", "user.email=a@b")
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "commit", "-q", "--allow-empty", "-m", "a"], check=True)
    return update(str(work))


def strange_revision(work: Path) -> object:
    """Update with a git that prints no UTF-8."""
    program(work / "git", r"printf '\377'")
    return update(str(work))


def no_temporary_directory(work: Path) -> object:
    """Update where no temporary directory can be made."""
    with mock.patch("tempfile.tempdir", str(work / "missing")):
        return update(str(work))


MIGRATE = "migrate_config"


def migrate(path: str) -> object:
    """Migrate a configuration."""
    return load("pre_commit.commands.migrate_config").migrate_config(path)


GO = "_install_go"


def install_go(work: Path, answer: object, version: str = "1.21") -> object:
    """Install Go from what the host answers, which may be a failure."""
    settings = {"side_effect": answer} if isinstance(answer, BaseException) else {"return_value": answer}
    with mock.patch("urllib.request.urlopen", **settings):
        return load("pre_commit.languages.golang")._install_go(version, str(work))


UNSTAGED = "_unstaged_changes_cleared"


def clear(work: Path, script: str, patches: str) -> object:
    """Clear unstaged changes with a git that runs this script; its arguments begin with the subcommand."""
    program(work / "bin" / "git", script)
    with load("pre_commit.staged_files_only")._unstaged_changes_cleared(patches):
        return None


CHANGED = 'test "$1" = diff-index && echo changed && exit 1; exit 0'


def clear_without_git(work: Path) -> object:
    """Clear where no git is installed."""
    os.environ["PATH"] = str(work)
    with load("pre_commit.staged_files_only")._unstaged_changes_cleared(str(work)):
        return None


PROOFS = (
    Proof(ROOT, "pre_commit.errors.FatalError", lambda _: load("pre_commit.git").get_root(), translated=(CALLED,)),
    Proof(ROOT, "pre_commit.errors.FatalError", no_git, passed_over=(NOT_FOUND,)),
    Proof(ROOT, "UnicodeDecodeError", strange_root),
    Proof(UPDATE, CALLED, lambda work: update(str(work / "missing"))),
    Proof(UPDATE, CALLED, update_without_git, passed_over=(NOT_FOUND,)),
    Proof(
        UPDATE,
        "pre_commit.commands.autoupdate.RepositoryCannotBeUpdatedError",
        no_manifest,
        translated=("pre_commit.clientlib.InvalidManifestError",),
    ),
    Proof(UPDATE, "UnicodeDecodeError", strange_revision),
    Proof(UPDATE, "OSError", no_temporary_directory),
    Proof(
        MIGRATE,
        "pre_commit.clientlib.InvalidConfigError",
        lambda work: migrate(written(work / "a.yaml", "a: [")),
        translated=("cfgv.ValidationError", "yaml.YAMLError"),
    ),
    Proof(MIGRATE, "OSError", lambda work: migrate(str(work / "missing"))),
    Proof(MIGRATE, "UnicodeDecodeError", lambda work: migrate(written(work / "a.yaml", b"\xff"))),
    Proof(GO, "ValueError", lambda work: install_go(work, http_error(404))),
    Proof(GO, "urllib.error.HTTPError", lambda work: install_go(work, http_error(500))),
    Proof(GO, "urllib.error.URLError", lambda work: install_go(work, urllib.error.URLError("away"))),
    Proof(GO, "json.JSONDecodeError", lambda work: install_go(work, io.BytesIO(b"no JSON"), "default")),
    Proof(GO, "tarfile.TarError", lambda work: install_go(work, io.BytesIO(b"no archive"))),
    Proof(
        GO,
        "http.client.HTTPException",
        lambda work: install_go(work, mock.Mock(read=mock.Mock(side_effect=http.client.IncompleteRead(b"")))),
    ),
    Proof(GO, "OSError", lambda work: install_go(work, io.BytesIO(Path(archive(work / "a.tar.gz", "a")).read_bytes()))),
    Proof(UNSTAGED, CALLED, lambda work: clear(work, "exit 1", str(work))),
    Proof(
        UNSTAGED,
        "pre_commit.errors.FatalError",
        lambda work: clear(work, 'test "$1" = diff-index && exit 128; exit 0', str(work)),
    ),
    Proof(UNSTAGED, "UnicodeDecodeError", lambda work: clear(work, r"printf '\377'", str(work))),
    Proof(UNSTAGED, "OSError", lambda work: clear(work, CHANGED, written(work / "file") + "/patches")),
    Proof(UNSTAGED, CALLED, clear_without_git, passed_over=(NOT_FOUND,)),
)
