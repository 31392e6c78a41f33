"""What leaves functions of Cookiecutter, and what does not."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from unittest import mock

from benchmarks.escape_proofs.answers import CLOSED, response
from benchmarks.escape_proofs.proving import Proof, fails, load, program, written

USER = "get_user_config"


def user_config(path: str | None) -> object:
    """Read the configuration of a user."""
    with mock.patch("cookiecutter.config.USER_CONFIG_PATH", "/nonexistent/rc"):
        return load("cookiecutter.config").get_user_config(path)


CONTEXT = "generate_context"


def context_of(path: str, **extra: object) -> object:
    """Read the context of a template."""
    return load("cookiecutter.generate").generate_context(path, extra_context=extra)


HOOK = "run_pre_prompt_hook"


def failing_hook(work: Path) -> object:
    """Run a hook that fails."""
    program(work / "template" / "hooks" / "pre_prompt.sh", "exit 1")
    return load("cookiecutter.hooks").run_pre_prompt_hook(work / "template")


Find = Callable[[Path, str], object]
CLONE = "clone"
TEMPLATE = "determine_repo_dir"
GIT_SAYS = {
    "cookiecutter.exceptions.RepositoryNotFound": b"not found",
    "cookiecutter.exceptions.RepositoryCloneFailed": b"error: pathspec",
    "subprocess.CalledProcessError": b"no space left",
    "UnicodeDecodeError": b"\xff",
}
"""What becomes of what a failing git prints."""


def clone(work: Path, url: str) -> object:
    """Clone a repository."""
    return load("cookiecutter.vcs").clone(url, clone_to_dir=work / "clones", no_input=True)


def template(work: Path, url: str) -> object:
    """Find the directory of a template."""
    return load("cookiecutter.repository").determine_repo_dir(url, {}, work / "clones", None, True)


def unknown_type(find: Find, work: Path) -> object:
    """Find a repository whose kind the address does not tell."""
    return find(work, "https://host/a")


def with_git(find: Find, output: bytes, work: Path) -> object:
    """Find a repository with a git that prints this and fails."""
    written(work / "output", output)
    program(work / "bin" / "git", f"cat {work / 'output'}; exit 1")
    return find(work, "https://host/a.git")


def without_git(find: Find, work: Path) -> object:
    """Find a repository where no git is installed."""
    with mock.patch("cookiecutter.vcs.which", return_value=None):
        return find(work, "https://host/a.git")


def into_file(find: Find, work: Path) -> object:
    """Find a repository where a file stands in the way of its directory."""
    return find(Path(written(work / "file")), "https://host/a.git")


def late(work: Path) -> object:
    """Download from a host that does not answer in time."""
    error = load("urllib3").exceptions.ReadTimeoutError(None, "/", "late")
    with fails("urllib3.connectionpool.HTTPConnectionPool.urlopen", error):
        return template(work, "http://host/a.zip")


def broken_off(work: Path) -> object:
    """Download from a host that breaks off."""
    broken = response(body=load("urllib3").exceptions.ProtocolError("broken"))
    with mock.patch("requests.get", return_value=broken):
        return template(work, "http://host/a.zip")


PROOFS = (
    Proof(USER, "cookiecutter.exceptions.ConfigDoesNotExistException", lambda work: user_config(str(work / "missing"))),
    Proof(
        USER,
        "cookiecutter.exceptions.InvalidConfiguration",
        lambda work: user_config(written(work / "rc", "a: [")),
        translated=("yaml.YAMLError",),
    ),
    Proof(USER, "OSError", lambda work: user_config(str(work))),
    Proof(USER, "UnicodeDecodeError", lambda work: user_config(written(work / "rc", b"a: \xff"))),
    Proof(USER, "", lambda _: user_config(None), passed_over=("KeyError",)),
    Proof(
        CONTEXT,
        "cookiecutter.exceptions.ContextDecodingException",
        lambda work: context_of(written(work / "a.json", "{")),
        translated=("json.JSONDecodeError",),
    ),
    Proof(
        CONTEXT,
        "cookiecutter.exceptions.ContextDecodingException",
        lambda work: context_of(written(work / "a.json", b"\xff")),
        translated=("UnicodeDecodeError",),
    ),
    Proof(CONTEXT, "OSError", lambda work: context_of(str(work / "missing"))),
    Proof(CONTEXT, "ValueError", lambda work: context_of(written(work / "a.json", '{"a": ["b"]}'), a="c")),
    Proof(
        CONTEXT,
        "ValueError",
        lambda work: context_of(written(work / "a.json", '{"a": true}'), a="maybe"),
        translated=("rich.prompt.InvalidResponse",),
    ),
    Proof(HOOK, "OSError", lambda work: load("cookiecutter.hooks").run_pre_prompt_hook(work / "missing")),
    Proof(HOOK, "cookiecutter.exceptions.FailedHookException", failing_hook),
    *(
        Proof(function, f"cookiecutter.exceptions.{error}", partial(run, find))
        for function, find in ((CLONE, clone), (TEMPLATE, template))
        for error, run in (("UnknownRepoType", unknown_type), ("VCSNotInstalled", without_git))
    ),
    *(
        Proof(function, error, partial(with_git, find, printed))
        for function, find in ((CLONE, clone), (TEMPLATE, template))
        for error, printed in GIT_SAYS.items()
    ),
    *(
        Proof(function, "OSError", partial(into_file, find))
        for function, find in ((CLONE, clone), (TEMPLATE, template))
    ),
    Proof(TEMPLATE, "cookiecutter.exceptions.RepositoryNotFound", lambda work: template(work, "missing")),
    Proof(
        TEMPLATE,
        "cookiecutter.exceptions.InvalidZipRepository",
        lambda work: template(work, written(work / "a.zip", "no archive")),
        translated=("zipfile.BadZipFile",),
    ),
    Proof(TEMPLATE, "requests.exceptions.ConnectionError", lambda work: template(work, f"{CLOSED}/a.zip")),
    Proof(TEMPLATE, "requests.exceptions.Timeout", late),
    Proof(TEMPLATE, "requests.exceptions.ChunkedEncodingError", broken_off),
)
