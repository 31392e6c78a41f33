"""Who may answer in a review, and what that may cost."""

from __future__ import annotations

from reviewer.domain.model import Price
from reviewer.domain.settings import ModelSettings
from reviewer.model_wiring import use_model

PRICES = {name: Price(number, number) for number, name in enumerate(("openai:a", "openai:b", "openai:c", "files:x"), 1)}


def test_only_the_prices_of_those_who_may_answer_count() -> None:
    settings = ModelSettings(fallbacks=("openai:b", "openai:unknown"), prices=PRICES)
    for spec, priced in (("openai:a", ["openai:a", "openai:b"]), ("files:x", ["files:x"])):
        use = use_model(spec, settings, None)
        assert use is not None
        assert use.allowance.prices == {name: PRICES[name] for name in priced}
