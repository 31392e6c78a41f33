"""What leaves functions of HTTPie, and what does not."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from unittest import mock

from benchmarks.escape_proofs.answers import NAMES, asked, response
from benchmarks.escape_proofs.proving import Proof, fails, load, written

RAW = "read_raw_config"
RAW_ERROR = "httpie.config.ConfigFileError"


def raw_config(path: object) -> object:
    """Read a configuration file."""
    return load("httpie.config").read_raw_config("config", path)


TEXT = "load_text_file"
TEXT_ERROR = "httpie.cli.exceptions.ParseError"


def text_file(path: str) -> object:
    """Read a file that an argument names."""
    return load("httpie.cli.requestitems").load_text_file(SimpleNamespace(value=path, orig=f"a=@{path}"))


DOWNLOAD = "Downloader.start"


def download(status: int, output: object, **headers: str) -> object:
    """Begin a download."""
    made = load("httpie.downloads").Downloader(mock.Mock(), output, resume=True)
    return made.start("http://host/a", response(status, headers=headers))


def read_only(_: Path) -> object:
    """Begin a download into a directory that is read-only."""
    with fails("httpie.downloads.open", PermissionError("read-only")):
        return download(200, None)


PIP = "_run_pip_subprocess"


def pip(program_name: str) -> object:
    """Run pip."""
    return load("httpie.manager.compat")._run_pip_subprocess([program_name], [])


UPDATES = "_fetch_updates"


def updates(path: Path) -> object:
    """Fetch the list of versions into a file."""
    settings = SimpleNamespace(config=SimpleNamespace(version_info_file=path))
    return load("httpie.internal.update_warnings")._fetch_updates(settings)


def host_away(work: Path) -> object:
    """Fetch from a host that cannot be reached."""
    with fails(NAMES, OSError("away")):
        return updates(work / "a")


def locked(work: Path) -> object:
    """Fetch while another process writes the file."""
    with load("httpie.utils").open_with_lockfile(work / "a", "w"):
        return asked(lambda: updates(work / "a"), 200, b"{}")


PROOFS = (
    Proof(
        RAW,
        RAW_ERROR,
        lambda work: raw_config(Path(written(work / "a", "{"))),
        translated=("json.JSONDecodeError", "ValueError"),
    ),
    Proof(
        RAW, RAW_ERROR, lambda work: raw_config(Path(written(work / "a", b"\xff"))), translated=("UnicodeDecodeError",)
    ),
    Proof(RAW, RAW_ERROR, raw_config, translated=("OSError",)),
    Proof(
        RAW,
        RAW_ERROR,
        lambda _: raw_config(mock.Mock(open=mock.Mock(side_effect=PermissionError("no")))),
        translated=("PermissionError",),
    ),
    Proof(RAW, "", lambda work: raw_config(work / "missing"), passed_over=("FileNotFoundError",)),
    Proof(TEXT, TEXT_ERROR, lambda _: text_file("missing"), translated=("FileNotFoundError", "OSError")),
    Proof(TEXT, TEXT_ERROR, lambda work: text_file(written(work / "a", b"\xff")), translated=("UnicodeDecodeError",)),
    Proof(
        DOWNLOAD, "httpie.downloads.ContentRangeError", lambda _: download(206, mock.Mock()), passed_over=("KeyError",)
    ),
    Proof(DOWNLOAD, "OSError", read_only),
    Proof(PIP, "httpie.manager.compat.PipError", lambda _: pip("false"), translated=("subprocess.CalledProcessError",)),
    Proof(PIP, "OSError", lambda work: pip(str(work / "missing"))),
    Proof(UPDATES, "requests.exceptions.ConnectionError", host_away),
    Proof(UPDATES, "requests.exceptions.HTTPError", lambda work: asked(lambda: updates(work / "a"), 500, b"")),
    Proof(UPDATES, "requests.exceptions.JSONDecodeError", lambda work: asked(lambda: updates(work / "a"), 200, b"no")),
    Proof(UPDATES, "OSError", lambda work: asked(lambda: updates(work / "missing" / "a"), 200, b"{}")),
    Proof(
        UPDATES,
        "",
        lambda work: asked(lambda: updates(Path(written(work / "a", "no"))), 200, b"{}"),
        passed_over=("json.JSONDecodeError",),
    ),
    Proof(UPDATES, "httpie.utils.LockFileError", locked, translated=("FileExistsError",)),
)
