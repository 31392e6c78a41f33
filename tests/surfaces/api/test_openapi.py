"""The description at `/openapi.json` is true: nothing is answered that it does not tell, and nothing breaks."""

from __future__ import annotations

from fastapi import FastAPI

from tests.surfaces.api.conftest import Api
from tests.surfaces.api.conversation import ask_everything
from tests.surfaces.api.seeding import seed_store


def test_every_answer_is_one_that_the_description_tells(idle: Api) -> None:
    app = idle.client.app
    assert isinstance(app, FastAPI)
    app.openapi()
    known = seed_store(idle.service.database)
    heard = ask_everything(app, {"Authorization": idle.client.headers["Authorization"]}, known, examples=3)
    assert list(heard.wrong) == []
    assert len(heard.statuses) == sum(len(methods) for methods in app.openapi()["paths"].values())
    assert all(statuses.total() for statuses in heard.statuses.values())


def test_the_description_has_an_example_of_what_each_route_takes(idle: Api) -> None:
    schemas = idle.client.get("/openapi.json").json()["components"]["schemas"]
    bodies = [name for name in schemas if name.endswith("Body")]
    assert bodies
    assert [name for name in bodies if not {"example", "examples"} & set(schemas[name])] == []
