"""From a webhook of GitLab to discussions on the lines of a merge request."""

from __future__ import annotations

import base64
from pathlib import Path

from fastapi.testclient import TestClient

from reviewer.domain.service import RepositoryPolicy, ServiceSettings
from reviewer.forges.access import ForgeAccess
from reviewer.service_wiring import open_service, start_worker
from reviewer.surfaces.api.app import create_app
from tests.diff.http_git import serving
from tests.forges.gitlab_standin import GitLabStandIn
from tests.forges.test_events import merge_request
from tests.git_builder import GitBuilder
from tests.jobs.processes import wait_for
from tests.service.world import CALL, WAITING


def test_a_merge_request_is_reviewed_against_its_target_branch(tmp_path: Path) -> None:
    shop = GitBuilder(tmp_path / "git" / "group" / "sub" / "shop.git")
    shop.commit({"app.py": "x = 1\n"})
    shop.git("checkout", "-q", "-b", "release")
    shop.commit({"old.py": CALL})
    shop.git("checkout", "-q", "-b", "feature")
    head = shop.commit({"new.py": CALL})
    with serving(tmp_path / "git") as git, GitLabStandIn(head, shop.git("diff", "release...feature") + "\n") as gitlab:
        assert isinstance(gitlab, GitLabStandIn)
        policy = RepositoryPolicy(hosts=("127.0.0.1",), schemes=("http",), private_addresses=True)
        settings = ServiceSettings(f"sqlite:///{tmp_path / 's.db'}", tmp_path / "service", policy, poll_seconds=0.05)
        access = ForgeAccess(gitlab="t0ken", gitlab_url=gitlab.url, gitlab_webhook=("token",))
        with open_service(settings, access) as service:
            client = TestClient(create_app(service))
            worker = start_worker(service, waiting=WAITING)
            try:
                body = merge_request(target_branch="release", last_commit={"id": head})
                url = f"{git.url}/group/sub/shop.git"
                body["object_attributes"]["target"] = {**body["project"], "git_http_url": url}
                headers = {"X-Gitlab-Event": "Merge Request Hook", "X-Gitlab-Token": "token"}
                answer = client.post("/webhooks/gitlab", json=body, headers=headers)
                assert answer.json()["result"] == "accepted", answer.text
                wait_for(lambda: gitlab.state.statuses)
            finally:
                worker.stop()
        notes = [one.notes[0] for one in gitlab.state.discussions if not one.individual]
        assert {(note.position or {}).get("new_path") for note in notes} == {"new.py"}
        assert set(git.authorisations) == {"Basic " + base64.b64encode(b"oauth2:t0ken").decode()}
