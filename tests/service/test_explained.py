"""Code of a private repository is explained to who may have it reviewed, and to nobody else."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import pytest
from fastapi.testclient import TestClient

from reviewer.domain.access import SCOPES, Scope
from reviewer.surfaces.api.app import create_app
from tests.service.world import CALL, World

TOKEN = "Basic " + base64.b64encode(b"x-access-token:installed").decode()


def explain(world: World, tenant: str, scopes: Sequence[Scope]) -> tuple[int, set[str | None]]:
    """How a key is answered, and with what its repository was asked for."""
    _, key = world.service.database.keys.create(tenant, "tests", scopes)
    client = TestClient(create_app(world.service), headers={"Authorization": f"Bearer {key}"})
    body = {"repository": world.clone_url, "head": world.push({"app.py": CALL}), "target": "app.py::fetch"}
    world.git.authorisations.clear()
    return client.post("/v1/explain", json=body).status_code, set(world.git.authorisations)


def test_a_key_that_may_have_it_reviewed_reads_it_with_the_credentials_of_its_tenant(world: World) -> None:
    world.begin({})
    assert explain(world, "default", ("reviews:read", "reviews:write")) == (200, {TOKEN})


@pytest.mark.parametrize(("tenant", "scopes"), [("default", ("reviews:read",)), ("theirs", SCOPES)])
def test_any_other_key_reads_what_is_open_to_all(world: World, tenant: str, scopes: Sequence[Scope]) -> None:
    world.begin({})
    assert explain(world, tenant, scopes) == (200, {None})
    world.git.password = "closed to all but the App"
    status, shown = explain(world, tenant, scopes)
    world.git.password = None
    assert (status, shown) == (400, {None})
