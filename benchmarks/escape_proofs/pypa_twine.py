"""What leaves functions of twine, and what does not."""

from __future__ import annotations

import zipfile
from pathlib import Path
from types import SimpleNamespace

from benchmarks.escape_proofs.answers import NAMES, asked
from benchmarks.escape_proofs.proving import Proof, archive, directory, fails, load, written

SDIST = "TarGzSDist.read"
PACKAGE = "PackageFile.from_filename"


def read_sdist(path: str) -> object:
    """Read the metadata of an sdist."""
    return load("twine.sdist").TarGzSDist(path).read()


def read_package(path: str) -> object:
    """Read a distribution."""
    return load("twine.package").PackageFile.from_filename(path, None)


def strange_metadata(work: Path) -> object:
    """Read a wheel whose metadata have no such version."""
    with zipfile.ZipFile(work / "a.whl", "w") as wheel:
        wheel.writestr("a.dist-info/METADATA", "Metadata-Version: new\nName: a\nVersion: 1\n")
    return read_package(str(work / "a.whl"))


GPG = "PackageFile.run_gpg"


def sign(*command: str) -> object:
    """Run a command for signing."""
    return load("twine.package").PackageFile.run_gpg(command)


CONFIG = "get_repository_from_config"


def repository_of(path: str, url: str | None = None) -> object:
    """Read a repository from a file or an address."""
    return load("twine.utils").get_repository_from_config(path, "a", url)


UPLOADED = "Repository.package_is_uploaded"


def is_uploaded() -> object:
    """Ask the index whether it has a package."""
    made = load("twine.repository").Repository("https://upload.example.org/legacy/", None, None)
    return made.package_is_uploaded(SimpleNamespace(safe_name="a", version="1", basefilename="a.whl"))


def index_away(_: Path) -> object:
    """Ask an index that cannot be reached."""
    with fails(NAMES, OSError("away")):
        return is_uploaded()


PROOFS = (
    Proof(SDIST, "twine.exceptions.InvalidDistribution", lambda work: read_sdist(archive(work / "a.tar.gz", "a", "b"))),
    Proof(
        SDIST,
        "twine.exceptions.InvalidDistribution",
        lambda work: read_sdist(archive(work / "a.tar.gz", "a/b")),
        passed_over=("KeyError",),
    ),
    Proof(SDIST, "tarfile.TarError", lambda work: read_sdist(written(work / "a.tar.gz", "no archive"))),
    Proof(SDIST, "OSError", lambda work: read_sdist(directory(work / "a.tar.gz"))),
    Proof(SDIST, "EOFError", lambda work: read_sdist(archive(work / "a.tar.gz", *map(str, range(999)), end=2000))),
    Proof(SDIST, "ValueError", lambda work: read_sdist(archive(work / "a.tar.gz"))),
    Proof(PACKAGE, "twine.exceptions.InvalidDistribution", lambda work: read_package(str(work / "a.exe"))),
    Proof(
        PACKAGE,
        "twine.exceptions.InvalidDistribution",
        lambda work: read_package(archive(work / "a.tar.gz", *map(str, range(999)), end=2000)),
        translated=("EOFError",),
    ),
    Proof(PACKAGE, "tarfile.TarError", lambda work: read_package(written(work / "a.tar.gz", "no archive"))),
    Proof(PACKAGE, "zipfile.BadZipFile", lambda work: read_package(written(work / "a.whl", "no archive"))),
    Proof(PACKAGE, "OSError", lambda work: read_package(directory(work / "a.whl"))),
    Proof(PACKAGE, "ValueError", lambda work: read_package(archive(work / "a.tar.gz"))),
    Proof(PACKAGE, "packaging.version.InvalidVersion", strange_metadata),
    Proof(GPG, "subprocess.CalledProcessError", lambda _: sign("false")),
    Proof(
        GPG,
        "twine.exceptions.InvalidSigningExecutable",
        lambda _: sign("unheard-of"),
        translated=("FileNotFoundError",),
    ),
    Proof(GPG, "OSError", lambda work: sign(written(work / "not-executable"))),
    Proof(
        CONFIG,
        "twine.exceptions.UnreachableRepositoryURLDetected",
        lambda _: repository_of("unread", "host"),
        translated=("rfc3986.exceptions.RFC3986Exception",),
    ),
    Proof(
        CONFIG,
        "twine.exceptions.InvalidConfiguration",
        lambda work: repository_of(str(work / "missing")),
        translated=("FileNotFoundError", "OSError"),
    ),
    Proof(
        CONFIG,
        "twine.exceptions.InvalidConfiguration",
        lambda work: repository_of(written(work / "pypirc", "no section")),
        translated=("configparser.Error",),
    ),
    Proof(
        CONFIG,
        "twine.exceptions.UnableToReadConfigurationFile",
        lambda work: repository_of(written(work / "pypirc", b"\xff")),
        translated=("UnicodeDecodeError",),
    ),
    Proof(
        CONFIG,
        "ValueError",
        lambda work: repository_of(
            written(work / "pypirc", "[distutils]\nindex-servers=a\n[a]\nrepository=http://[::1\nusername=b\n")
        ),
    ),
    Proof(UPLOADED, "requests.exceptions.ConnectionError", index_away),
    Proof(UPLOADED, "requests.exceptions.JSONDecodeError", lambda _: asked(is_uploaded, 200, b"no JSON")),
    Proof(UPLOADED, "", lambda _: asked(is_uploaded, 500, b""), passed_over=("requests.exceptions.HTTPError",)),
)
