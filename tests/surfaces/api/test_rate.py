"""How often one key may ask."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from reviewer.errors import TooManyRequestsError
from reviewer.surfaces.api.app import create_app
from reviewer.surfaces.api.rate import OwnBuckets, RateLimiter
from tests.surfaces.api.conftest import Api


def test_a_bucket_empties_fills_with_time_and_holds_no_more_than_a_minute() -> None:
    now = 0.0
    limiter = RateLimiter(60, OwnBuckets(lambda: now))
    assert [limiter.take("a").left for _ in range(60)] == list(range(59, -1, -1))
    with pytest.raises(TooManyRequestsError) as caught:
        limiter.take("a")
    assert caught.value.after == 1
    assert limiter.take("b").left == 59
    now = 1.0
    assert limiter.take("a").left == 0
    now = 10_000.0
    assert (limiter.take("a").left, limiter.take("a").full_after) == (59, 2)


def test_a_key_that_asks_too_often_is_told_when_to_come_back_and_others_are_not_held_up(idle: Api) -> None:
    _, other = idle.service.database.keys.create("default", "other", ["reviews:read"])
    client = TestClient(create_app(idle.service, rate_limit=2), headers=dict(idle.client.headers))
    first = client.get("/v1/reviews")
    assert (first.headers["ratelimit"], first.headers["ratelimit-policy"]) == ('"key";r=1;t=30', '"key";q=2;w=60')
    assert client.get("/v1/reviews/x").status_code == 404
    answer = client.get("/v1/reviews")
    assert (answer.status_code, answer.json()["type"]) == (429, "urn:reviewer:problem:rate-limit")
    assert 0 < int(answer.headers["retry-after"]) <= 30
    assert client.get("/v1/reviews", headers={"Authorization": f"Bearer {other}"}).status_code == 200
    assert client.get("/healthz").status_code == 200
