"""The image, as far as it can be known without an engine: its steps are read, and those that build the wheel are run."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
import yaml

from reviewer.forges.access import ForgeAccess, read_access
from reviewer.surfaces.cli.main import main

ROOT = Path(__file__).parents[2]
_STEP = re.compile(r"([A-Z]+)\s+(.*)", re.DOTALL)


def stages() -> list[list[tuple[str, str]]]:
    """The instructions of the Dockerfile, by stage."""
    lines = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.lstrip().startswith("#")]
    found: list[list[tuple[str, str]]] = []
    for text in "\n".join(lines).replace("\\\n", " ").splitlines():
        if step := _STEP.fullmatch(text.strip()):
            if step[1] == "FROM":
                found.append([])
            found[-1].append((step[1], step[2]))
    return found


def values(stage: list[tuple[str, str]], name: str) -> list[str]:
    return [text for step, text in stage if step == name]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built by the image's own steps, from the files that the image copies and no others."""
    build, _ = stages()
    source, target = tmp_path_factory.mktemp("src"), tmp_path_factory.mktemp("wheel")
    for text in values(build, "COPY"):
        *names, place = text.split()
        for name in names:
            origin = ROOT / name
            if origin.is_dir():
                shutil.copytree(origin, source / place, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                (source / place).mkdir(parents=True, exist_ok=True)
                shutil.copy(origin, source / place)
    (command,) = [text for text in values(build, "RUN") if "build.sh" in text]
    command = command.replace("/src", str(source)).replace("/wheel", str(target))
    # The network is not for tests: what builds is installed here already.
    options = "--no-build-isolation --no-index"
    environment = os.environ | {"PYTHON": sys.executable, "BUILD_OPTIONS": options}
    done = subprocess.run(["sh", "-c", command], cwd=source, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    (built,) = target.glob("*.whl")
    return built


def test_the_wheel_holds_all_that_is_read_at_run_time(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for folder in ("reviewer/prompts/", "reviewer/knowledge/libraries/", "reviewer/catalog/starter/patterns/"):
        assert [name for name in names if name.startswith(folder)], folder
    assert not [name for name in names if "__pycache__" in name or name.startswith(("tests/", "fixtures/"))]


def test_the_program_runs_from_the_wheel_alone(wheel: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "app")
    diff = "--- a/a.py\n+++ b/a.py\n@@ -0,0 +1,2 @@\n+import requests\n+requests.get('http://x').json()['a']\n"
    done = subprocess.run(
        [sys.executable, "-P", "-m", "reviewer", "review", "--diff", "-", "--format", "json"],
        input=diff.encode(),
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path / "app")},
        capture_output=True,
        check=False,
    )
    assert {item["rule"] for item in json.loads(done.stdout)["findings"]} >= {"no-timeout"}


def test_nothing_that_is_copied_is_left_out_of_what_an_engine_is_sent() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    copied = [name for text in values(stages()[0], "COPY") for name in text.split()[:-1]]
    assert copied
    assert not [name for name in copied for pattern in ignored if fnmatch.fnmatch(name, pattern)]


def test_it_runs_as_nobody_writes_one_folder_and_says_whether_it_is_well() -> None:
    *_, final = stages()
    assert values(final, "USER") == ["65534:65534"]
    assert values(final, "VOLUME") == ["/data"]
    environment = " ".join(values(final, "ENV"))
    for name in ("HOME", "XDG_DATA_HOME", "REVIEWER_CACHE", "REVIEWER_FOLDER"):
        assert f"{name}=/data" in environment
    (check,) = values(final, "HEALTHCHECK")
    assert "/healthz" in check
    assert not values(final, "ADD")


def test_its_first_process_takes_leave_of_those_that_it_inherits() -> None:
    *_, final = stages()
    (entry,) = values(final, "ENTRYPOINT")
    assert json.loads(entry) == ["tini", "--", "reviewer"]
    assert "tini" in " ".join(values(final, "RUN")).split()


def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return found


@pytest.mark.parametrize("name", ["service", "worker"])
def test_compose_takes_every_right_away_that_is_not_needed(name: str) -> None:
    part = compose()["services"][name]
    assert part["read_only"] is True
    assert part["cap_drop"] == ["ALL"]
    assert part["security_opt"] == ["no-new-privileges:true"]


@pytest.mark.parametrize("name", ["service", "worker"])
def test_what_forges_are_let_in_by_reaches_every_process(name: str) -> None:
    given = compose()["services"][name]["environment"]
    known = set(re.findall(r"`(REVIEWER_\w+)`", read_access.__doc__ or ""))
    assert len(known) == 11
    assert {one: given.get(one) for one in known} == {one: f"${{{one}:-}}" for one in known}
    assert read_access(dict.fromkeys(known, "")) == ForgeAccess()


def test_prometheus_can_ask_those_who_do_the_work() -> None:
    worker = compose()["services"]["worker"]
    port = worker["command"][worker["command"].index("--metrics-port") + 1]
    assert worker["expose"] == [port]


def test_no_password_stands_in_the_file() -> None:
    for part in compose()["services"].values():
        for name, value in part["environment"].items():
            if re.search(r"KEY|PASSWORD|STORE", name):
                assert "${" in value, name


@pytest.mark.parametrize(
    "command",
    [["serve", "--host", "0.0.0.0"], *(s["command"] for s in compose()["services"].values() if "command" in s)],
)
def test_what_is_started_is_a_command_with_options_that_exist(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command[0], "--help"]) == 0
    shown = capsys.readouterr().out
    for option in command[1:]:
        if option.startswith("--"):
            assert option in shown
