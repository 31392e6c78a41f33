"""What an answer cost."""

from __future__ import annotations

from reviewer.domain.model import Price, Tokens

_MILLION = 1_000_000


def cost(tokens: Tokens, price: Price | None) -> float | None:
    """US dollars; None where the price is not known, for a guess would be taken for a fact.

    Args:
        tokens: as the provider counted them.
        price: of the model that answered.
    """
    if price is None:
        return None
    cached = min(tokens.cached, tokens.input)
    written = min(tokens.written, tokens.input - cached)
    plain = tokens.input - cached - written
    return (
        plain * price.input
        + cached * (price.input if price.cached is None else price.cached)
        + written * (price.input if price.written is None else price.written)
        + tokens.output * price.output
    ) / _MILLION
