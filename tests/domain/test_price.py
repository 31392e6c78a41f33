"""What an answer cost."""

from __future__ import annotations

import pytest

from reviewer.domain.model import Price, Tokens, cost_of


def test_a_model_without_a_price_costs_nobody_knows_what() -> None:
    assert cost_of(Tokens(1000, 1000), None) is None


def test_each_kind_of_token_has_its_price() -> None:
    price = Price(input=3.0, output=15.0, cached=0.3, written=3.75)
    assert cost_of(Tokens(input=1_000_000), price) == pytest.approx(3.0)
    assert cost_of(Tokens(output=1_000_000), price) == pytest.approx(15.0)
    assert cost_of(Tokens(input=1_000_000, cached=1_000_000), price) == pytest.approx(0.3)
    assert cost_of(Tokens(input=1_000_000, written=1_000_000), price) == pytest.approx(3.75)
    assert cost_of(Tokens(100, 10, 40, 20), price) == pytest.approx((40 * 3 + 40 * 0.3 + 20 * 3.75 + 10 * 15) / 1e6)


def test_without_a_price_of_their_own_cached_tokens_cost_as_the_others() -> None:
    assert cost_of(Tokens(100, 0, 40, 20), Price(1.0, 2.0)) == pytest.approx(100 / 1e6)


def test_more_cached_tokens_than_there_are_cost_no_less_than_nothing() -> None:
    assert cost_of(Tokens(10, 0, 40, 20), Price(1.0, 2.0, 0.5)) == pytest.approx(5 / 1e6)


def test_a_free_model_costs_nothing() -> None:
    assert cost_of(Tokens(10, 10), Price(0.0, 0.0)) == 0.0


def test_tokens_add_up_by_kind() -> None:
    assert Tokens(1, 2, 3, 4) + Tokens(10, 20, 30, 40) == Tokens(11, 22, 33, 44)
