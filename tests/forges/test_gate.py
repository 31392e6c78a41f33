"""The gate: the answer goes to GitHub's own address and nowhere else."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from reviewer.domain.event import DeploymentWanted
from reviewer.errors import WebhookError
from reviewer.forges.github import GitHub
from reviewer.forges.github_gate import deployment_run
from reviewer.posting.gate import Decision
from tests.forges.github_standin import GitHubStandIn
from tests.posting.reviews import DIFF, HEAD

API = "https://api.github.com"
PATH = "/repos/octo/shop/actions/runs/5/deployment_protection_rule"
WANTED = DeploymentWanted("octo/shop", "production", HEAD, API + PATH, "octocat")


def test_the_run_is_read_from_the_address() -> None:
    assert deployment_run(WANTED, API) == 5
    assert deployment_run(replace(WANTED, callback="https://api.github.com:443" + PATH), API + "/") == 5
    enterprise = "https://github.example.com/api/v3"
    assert deployment_run(replace(WANTED, callback=enterprise + PATH), enterprise) == 5


@pytest.mark.parametrize(
    "callback",
    [
        "http://169.254.169.254/latest/meta-data",
        "https://api.github.com.evil.example" + PATH,
        "https://evil.example/?" + API + PATH,
        "https://api.github.com@evil.example" + PATH,
        "https://evil@api.github.com" + PATH,
        "http://api.github.com" + PATH,
        "https://api.github.com:8443" + PATH,
        API + "/repos/octo/other/actions/runs/5/deployment_protection_rule",
        API + "/repos/octo/shop/actions/runs/5/deployment_protection_rule/../../6",
        API + "/repos/octo/shop%2F../actions/runs/5/deployment_protection_rule",
        API + PATH + "?x=1",
        "https://[::1",
        "file:///etc/passwd",
        "",
    ],
)
def test_an_address_of_another_place_is_not_used(callback: str) -> None:
    with pytest.raises(WebhookError, match="the address to answer the deployment at"):
        deployment_run(replace(WANTED, callback=callback), API)


@pytest.mark.parametrize(("approved", "state"), [(True, "approved"), (False, "rejected")])
def test_a_deployment_gets_its_answer(approved: bool, state: str) -> None:
    with GitHubStandIn(HEAD, DIFF) as server:

        async def run() -> None:
            forge = GitHub("t0ken", api=server.url)
            await forge.answer_deployment(replace(WANTED, callback=server.url + PATH), Decision(approved, "because"))
            await forge.close()

        asyncio.run(run())
        assert server.decisions == [{"run": 5, "environment_name": "production", "state": state, "comment": "because"}]
