"""All sorts of signs, and the signs of a unit."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.catalog.lookup.signs import amount, order, schema
from reviewer.catalog.lookup.signs.sign import ReadSigns, Sign
from reviewer.detectors.rule import View

_ALL: tuple[ReadSigns, ...] = (*amount.SIGNS, *order.SIGNS, *schema.SIGNS)


def signs_in(view: View) -> Iterator[Sign]:
    """What a unit shows, each thing once."""
    seen = set()
    for read in _ALL:
        for sign in read(view):
            if sign.says not in seen:
                seen.add(sign.says)
                yield sign
