"""A review that was asked for over HTTP stands on the pull request, posted by the service as people run it."""

from __future__ import annotations

from pathlib import Path

from tests.forges.github_standin import GitHubStandIn
from tests.git_builder import GitBuilder
from tests.jobs.processes import ended, start, wait_for

AFTER = "import requests\n\n\ndef fetch(url):\n    return requests.get(url).json()\n"


def test_a_review_is_posted_where_its_request_says(tmp_path: Path) -> None:
    shop = GitBuilder(tmp_path / "repositories" / "shop")
    shop.commit({"app.py": "import requests\n"})
    shop.git("checkout", "-q", "-b", "feature")
    shop.commit({"app.py": AFTER})
    head = shop.git("rev-parse", "HEAD").strip()
    with GitHubStandIn(head, shop.git("diff", "main", "feature")) as github:
        environment = {
            "REVIEWER_GITHUB_TOKEN": "t0ken",
            "REVIEWER_GITHUB_API": github.url,
            "REVIEWER_POST_TO": "octo/shop",
        }
        options = ("--port", "0", "--no-auth", "--allow-path", str(shop.root.parent))
        service = start("serve", tmp_path / "service", *options, environment=environment)
        with ended([service]):
            post_to = {"forge": "github", "repository": "octo/shop", "number": 7}
            asked = {"repository": str(shop.root), "base": "main", "head": "feature", "model": "offline"}
            identity = service.post("/v1/reviews", {**asked, "post_to": post_to})["id"]
            posted = wait_for(lambda: service.get(f"/v1/reviews/{identity}").get("posted"))
        assert posted["url"] == "https://127.0.0.1/octo/shop/pull/7"
        assert {(one.path, one.comments[0].place["line"]) for one in github.published()} == {("app.py", 5)}
        assert len(github.summaries()) == len(github.runs) == 1
        assert github.runs[0]["head_sha"] == head
