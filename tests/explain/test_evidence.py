"""What is known of a unit speaks of the whole of it; whether it is asked about depends on what changed in it."""

from __future__ import annotations

from reviewer.code.limits import Limits
from reviewer.detectors.registry import all_rules
from reviewer.domain.change import ChangeKind, FileChange, Hunk
from reviewer.domain.evidence import UnitEvidence
from reviewer.file_review import review_file
from reviewer.flow.reading import Surroundings
from reviewer.knowledge.lookup import Knowledge

SHOP = """\
import requests

PRICES = requests.get("https://prices", timeout=3).json()
LIMIT = 3


class Shop:
    rates = requests.get(
        "https://rates",
        timeout=3,
    )
    size = 4

    def price(self, key):
        unit = "EUR"
        return requests.get(f"https://prices/{key}", timeout=3), unit
"""


def evidence(first: int, last: int | None = None, content: str = SHOP) -> dict[str, UnitEvidence]:
    """The units that a change of some lines touches."""
    hunk = Hunk(first - 1, first, (), tuple(content.split("\n")[first - 1 : last or first]))
    file = FileChange("shop.py", ChangeKind.MODIFIED, hunks=(hunk,), content=content.encode())
    reviewed = review_file(file, all_rules(), Surroundings(Knowledge(), Limits()), evidence=True)
    return {unit.function: unit for unit in reviewed.evidence}


def test_a_module_or_class_is_risky_where_what_changed_in_it_is() -> None:
    assert evidence(3)["<module>"].risky
    assert not evidence(1)["<module>"].risky
    assert not evidence(4)["<module>"].risky
    assert evidence(10)["Shop"].risky
    assert not evidence(12)["Shop"].risky


def test_a_function_is_risky_as_a_whole() -> None:
    assert evidence(15)["Shop.price"].risky
    assert evidence(15)["Shop.price"].changed == (15,)


NESTED = """\
@route("/")
@open
def outer(a):
    def inner(b):
        c = b[0]
        d = c
        return d
    return inner(a)
"""


def test_a_unit_is_mostly_new_whatever_is_defined_in_it_and_without_its_decorators() -> None:
    assert evidence(3, 8, NESTED)["outer"].changed == (3, 8)
    assert evidence(3, 8, NESTED)["outer"].mostly_new
    assert not evidence(4, 8, NESTED)["outer"].mostly_new
    assert not evidence(5, 6, NESTED)["outer.inner"].mostly_new
