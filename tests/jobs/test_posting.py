"""A review that was asked for over HTTP stands on the pull request, posted by the service as people run it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError

from tests.forges.github_standin import GitHubStandIn
from tests.git_builder import GitBuilder
from tests.jobs.processes import ROOT, Running, wait_for

AFTER = "import requests\n\n\ndef fetch(url):\n    return requests.get(url).json()\n"


@contextmanager
def serving(folder: Path, repositories: Path, environment: dict[str, str]) -> Iterator[Running]:
    """`reviewer serve` on a free port, once it is ready."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    options = ["--folder", str(folder), "--port", port, "--no-auth", "--allow-path", str(repositories)]
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "reviewer", "serve", *options],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(folder.parent), **environment},
        stderr=subprocess.DEVNULL,
    )
    service = Running(process, f"http://127.0.0.1:{port}")

    def is_ready() -> bool:
        try:
            return bool(service.get("/readyz"))
        except (URLError, OSError):
            return False

    try:
        wait_for(is_ready)
        yield service
    finally:
        service.kill()


def test_a_review_is_posted_where_its_request_says(tmp_path: Path) -> None:
    shop = GitBuilder(tmp_path / "repositories" / "shop")
    shop.commit({"app.py": "import requests\n"})
    shop.git("checkout", "-q", "-b", "feature")
    shop.commit({"app.py": AFTER})
    head = shop.git("rev-parse", "HEAD").strip()
    with GitHubStandIn(head, shop.git("diff", "main", "feature")) as github:
        environment = {
            "REVIEWER_CACHE": "off",
            "REVIEWER_GITHUB_TOKEN": "t0ken",
            "REVIEWER_GITHUB_API": github.url,
            "REVIEWER_POST_TO": "octo/shop",
        }
        with serving(tmp_path / "service", shop.root.parent, environment) as service:
            post_to = {"forge": "github", "repository": "octo/shop", "number": 7}
            asked = {"repository": str(shop.root), "base": "main", "head": "feature", "model": "offline"}
            identity = service.post("/v1/reviews", {**asked, "post_to": post_to})["id"]
            posted = wait_for(lambda: service.get(f"/v1/reviews/{identity}").get("posted"))
        assert posted["url"] == "https://127.0.0.1/octo/shop/pull/7"
        assert {(one.path, one.comments[0].place["line"]) for one in github.published()} == {("app.py", 5)}
        assert len(github.summaries()) == len(github.runs) == 1
        assert github.runs[0]["head_sha"] == head
