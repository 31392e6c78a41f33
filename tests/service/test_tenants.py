"""One tenant tries every route to reach what belongs to another; a new route is tried too, or this fails."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from reviewer.catalog_wiring import CatalogPlace, joined, open_catalog, places
from reviewer.domain.access import SCOPES
from reviewer.domain.request import ReviewRequest, State
from reviewer.domain.service import ServiceSettings
from reviewer.service_wiring import Service, open_service
from reviewer.stores.database import tables
from reviewer.surfaces.api.app import create_app
from tests.reports import a_finding, a_report

MARKER = "ours0alone"
"""Stands in everything that belongs to the first tenant."""
FINDING = f"{MARKER}{'0' * 10}"
BODIES: dict[tuple[str, str], Any] = {
    ("POST", "/v1/reviews"): {"diff": "--- a/a.py\n+++ b/a.py\n@@ -0,0 +1 @@\n+x = 1\n"},
    ("POST", "/v1/reviews/{identity}/cancel"): None,
    ("POST", "/v1/reviews/{identity}/override"): {"environment": "production", "reason": "I want it"},
    ("POST", "/v1/explain"): {"source": "def f(x):\n    return x\n", "target": "module.py::f"},
    ("POST", "/v1/postmortems"): {"document": "# Outage\n\nIt was down.\n"},
    ("POST", "/v1/patterns/match"): {"code": "import requests\n\n\ndef f(u):\n    return requests.get(u)\n"},
    ("POST", "/v1/findings/{identity}/feedback"): {"verdict": "wrong"},
}
"""What each route that changes something is sent."""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service, with something of everything that belongs to the first tenant."""
    folder = tmp_path_factory.mktemp("tenants")
    with open_service(ServiceSettings(f"sqlite:///{folder / 'service.db'}", folder)) as opened:
        opened.catalogs.make("theirs")
        request = ReviewRequest(repository=f"/srv/{MARKER}", base="a", head="b", environment="production")
        reviews = opened.database.reviews("default")
        waiting = reviews.accept(request, MARKER).id
        finished = reviews.accept(request, MARKER).id
        report = a_report(finished, findings=[a_finding(FINDING)], repository=f"/srv/{MARKER}")
        reviews.start(finished)
        reviews.finish(finished, State.DONE, report)
        assert waiting != finished
        opened.database.postmortems("default").accept(f"{MARKER}.md", f"# {MARKER}\n", None, MARKER)
        with closing(open_catalog(CatalogPlace(opened.catalogs.place("default"), own=True))) as store:
            shipped = [open_catalog(place) for place in places(opened.catalogs.place("default"), Path())]
            pattern = joined(shipped).patterns[0]
            store.put([dataclasses.replace(pattern, id=f"{MARKER}-pattern", title=MARKER)])
        yield opened


@pytest.fixture(scope="module")
def thief(service: Service) -> TestClient:
    """Another tenant, with a key that is good for everything."""
    _, key = service.database.keys.create("theirs", "thief", SCOPES)
    return TestClient(create_app(service), headers={"Authorization": f"Bearer {key}"})


def owned(service: Service) -> list[str]:
    """Names of everything that the first tenant has."""
    found = [FINDING, f"{MARKER}-pattern"]
    with service.database.engine.connect() as connection:
        for table in (tables.review, tables.postmortem):
            found += connection.execute(select(table.c.id).where(table.c.tenant == "default")).scalars().all()
    return found


def routes() -> list[tuple[str, str]]:
    """Every route that wants a key."""
    from unittest.mock import MagicMock

    service = MagicMock()
    service.settings.concurrency, service.settings.review_bytes = 1, 1
    paths = create_app(service).openapi()["paths"]
    return [(method.upper(), path) for path, item in paths.items() for method in item if path.startswith("/v1/")]


@pytest.mark.parametrize(("method", "path"), routes(), ids=lambda one: one.strip("/").replace("/", "-"))
def test_no_route_leads_to_what_belongs_to_another_tenant(
    service: Service, thief: TestClient, method: str, path: str
) -> None:
    names = owned(service)
    assert len(names) == 5
    body = BODIES[method, path] if method == "POST" else None
    before = _state(service)
    for name in names if "{identity}" in path else [""]:
        answer = thief.request(method, path.replace("{identity}", name), json=body)
        told = answer.text.replace(name, "") if name else answer.text
        assert MARKER not in told, (path, name)
        assert not [one for one in names if one != name and one in told], (path, name)
        if name:
            assert answer.status_code == 404, (path, name, answer.text)
        else:
            assert answer.status_code < 300, answer.text
    assert _state(service) == before


def test_the_owner_reaches_all_of_it(service: Service) -> None:
    """Else the test above would say nothing."""
    _, key = service.database.keys.create("default", "owner", SCOPES)
    client = TestClient(create_app(service), headers={"Authorization": f"Bearer {key}"})
    for path in ("/v1/reviews", "/v1/audit", f"/v1/patterns/{MARKER}-pattern"):
        assert MARKER in client.get(path).text, path


def test_the_forges_of_one_tenant_are_no_other_ones(service: Service, thief: TestClient) -> None:
    post_to = {"forge": "github", "repository": "octo/shop", "number": 7}
    body = {"repository": "https://github.com/octo/shop", "base": "a", "head": "b", "post_to": post_to}
    answer = thief.post("/v1/reviews", json=body)
    assert (answer.status_code, "this tenant's" in answer.json()["detail"]) == (403, True)


def _state(service: Service) -> list[Any]:
    """Everything of the first tenant, as it stands in the database."""
    with service.database.engine.connect() as connection:
        return [
            connection.execute(select(table).where(table.c.tenant == "default")).all()
            for table in tables.metadata.sorted_tables
            if "tenant" in table.c and table.name not in ("api_key", "audit_entry")
        ]
