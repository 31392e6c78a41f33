"""What a file learns of the other files of its project, and what it does not read."""

from __future__ import annotations

from collections.abc import Mapping

from reviewer.code.limits import Limits
from reviewer.code.neighbours import Neighbours
from reviewer.code.project import Project
from reviewer.code.source import decode
from reviewer.code.unit import read_units
from reviewer.domain.fact import Call, Value
from tests.code.files_in_memory import Files
from tests.code.reading import knowledge


def probed(files: Mapping[str, str], path: str) -> list[Value]:
    """What is known of the argument of each `probe(…)` in one of the files, the others at hand."""
    sources = Files(files)
    project = Project(sources, knowledge(), Limits())
    project.begin()
    source = decode(path, sources.files[path])
    code = read_units(source, None, knowledge(), elsewhere=Neighbours(project, path))
    assert code.failures == ()
    calls = [fact for unit in code.units for fact in unit.facts if isinstance(fact, Call)]
    return [call.arguments[0].value for call in calls if call.text == "probe"]


ORDERS = """
    from shop.base import Stored

    LIMIT = 30

    class Order(Stored):
        parent: "Order | None" = None

    def find(name):
        if name:
            return Order()
        return None

    def load(name) -> Order:
        return Order()

    async def fetch(name) -> str:
        return name
    """
BASE = """
    class Stored:
        def save(self) -> bytes:
            return b""
    """


def shop(main: str, **more: str) -> dict[str, str]:
    return {
        "src/shop/__init__.py": "from .orders import Order as PublicOrder, load\n",
        "src/shop/orders.py": ORDERS,
        "src/shop/base.py": BASE,
        "src/shop/main.py": main,
    } | {f"src/shop/{name}.py": text for name, text in more.items()}


def test_a_function_of_another_file_gives_what_its_annotation_says() -> None:
    [value] = probed(shop("from shop.orders import load\nprobe(load('a'))\n"), "src/shop/main.py")
    assert (value.type, value.made_by, value.none) == ("shop.orders.Order", "shop.orders.load", None)


def test_a_function_of_another_file_that_returns_none_on_some_path_may_give_none() -> None:
    [value] = probed(shop("from .orders import find\nprobe(find('a'))\n"), "src/shop/main.py")
    assert (value.none, value.type) == ("find returns None on some path", "shop.orders.Order")


def test_what_a_package_hands_on_is_known_by_the_name_of_where_it_is_defined() -> None:
    [value] = probed(shop("from shop import PublicOrder\nprobe(PublicOrder)\n"), "src/shop/main.py")
    assert value.symbol == "shop.orders.Order"


def test_a_method_is_found_in_the_base_of_a_class_of_another_file() -> None:
    [method, result] = probed(
        shop("from shop import load\nprobe(load('a').save)\nprobe(load('a').save())\n"), "src/shop/main.py"
    )
    assert method.symbol == "shop.base.Stored.save"
    assert result.type == "bytes"


def test_an_attribute_that_starts_as_none_may_be_none_elsewhere_too() -> None:
    [value] = probed(shop("from shop import load\nprobe(load('a').parent)\n"), "src/shop/main.py")
    assert value.none == "parent is None until it is set"


def test_a_constant_of_another_file_is_known() -> None:
    [value] = probed(shop("from shop.orders import LIMIT\nprobe(LIMIT)\n"), "src/shop/main.py")
    assert value.literal == "30"


def test_a_star_import_brings_what_the_module_defines() -> None:
    [value] = probed(shop("from shop.orders import *\nprobe(load)\n"), "src/shop/main.py")
    assert value.symbol == "shop.orders.load"


def test_star_imports_in_a_circle_end() -> None:
    files = shop("from shop.a import *\nprobe(lost)\n", a="from shop.b import *\n", b="from shop.a import *\n")
    [value] = probed(files, "src/shop/main.py")
    assert value.symbol is None


def test_an_import_circle_ends_with_what_each_file_says_itself() -> None:
    files = shop(
        "from shop.a import first\nprobe(first())\n",
        a="from shop.b import second\ndef first():\n    return second()\n",
        b="from shop.a import first\ndef second():\n    return first()\n",
    )
    [value] = probed(files, "src/shop/main.py")
    assert value.made_by == "shop.a.first"


def test_a_type_that_is_made_of_itself_ends() -> None:
    files = shop("from shop.a import Node\nprobe(Node().next.next.next)\n", a="class Node:\n    next: 'Node'\n")
    [value] = probed(files, "src/shop/main.py")
    assert value.type == "shop.a.Node"


def test_a_module_that_makes_its_names_at_run_time_tells_nothing() -> None:
    files = shop("from shop.a import lazy\nprobe(lazy())\n", a="def __getattr__(name):\n    return name\n")
    [value] = probed(files, "src/shop/main.py")
    assert (value.type, value.none) == (None, None)


def test_a_module_beside_a_script_is_found_but_not_one_inside_a_package() -> None:
    script = {"tools/run.py": "from lib_a import f\nprobe(f())\n", "tools/lib_a.py": "def f() -> int: ...\n"}
    assert [value.type for value in probed(script, "tools/run.py")] == ["int"]
    package = {
        "app/__init__.py": "",
        "app/redis2.py": "def f() -> int: ...\n",
        "app/run.py": "from redis2 import f\nprobe(f())\n",
    }
    assert [value.type for value in probed(package, "app/run.py")] == [None]


def test_only_what_is_reached_is_read() -> None:
    sources = Files(shop("from shop.base import Stored\nprobe(Stored)\n"))
    project = Project(sources, knowledge(), Limits())
    project.begin()
    assert Neighbours(project, "src/shop/main.py").canonical("shop.base.Stored") == "shop.base.Stored"
    assert "src/shop/orders.py" not in sources.given


def test_a_reviewed_file_is_outlined_once_for_itself_and_for_those_that_lead_back_to_it() -> None:
    sources = Files(shop(""))
    project = Project(sources, knowledge(), Limits())
    path = "src/shop/orders.py"
    _, own = project.outline(path, sources.files[path])
    led = project.file(path)
    assert led is not None
    assert led.outline is own


def test_a_reviewed_text_that_is_not_yet_in_the_project_is_not_taken_for_what_is() -> None:
    sources = Files(shop(""))
    project = Project(sources, knowledge(), Limits())
    path = "src/shop/orders.py"
    _, own = project.outline(path, b"def unsaved(): pass\n")
    led = project.file(path)
    assert led is not None
    assert (list(own.definitions), "find" in led.outline.definitions) == (["unsaved"], True)


def test_a_file_that_is_no_python_is_as_good_as_none() -> None:
    files = shop("from shop.a import f\nprobe(f())\n", a="def f(:\n")
    [value] = probed(files, "src/shop/main.py")
    assert value.type is None


def test_names_that_no_file_can_have_lead_nowhere() -> None:
    project = Project(Files({}), knowledge(), Limits())
    project.begin()
    for name in ("", "...", "a..b", "../etc.passwd", "a b.c", ".".join("a" * 50)):
        assert project.locate(name, "a.py") is None


def test_files_of_a_name_are_found_in_the_folders_around_the_nearest_first() -> None:
    sources = Files({"a.cfg": "1", "b.toml": "2", "src/b.toml": "3", "src/shop/a.cfg": "4", "lib/a.cfg": "5"})
    project = Project(sources, knowledge(), Limits())
    project.begin()
    assert list(project.beside(("a.cfg", "b.toml"), "src/shop/main.py")) == [
        ("src/shop/a.cfg", b"4"),
        ("src/b.toml", b"3"),
        ("a.cfg", b"1"),
        ("b.toml", b"2"),
    ]
    assert "lib/a.cfg" not in sources.given


def test_the_file_that_makes_the_application_is_found_above_its_routes() -> None:
    files = {
        "shop/app.py": "APP = 1\n",
        "shop/web/routes/v1/items.py": "x = 1\n",
        "shop/web/routes/near.py": "APP = 2\n",
    }
    project = Project(Files(files), knowledge(), Limits())
    project.begin()
    path = "shop/web/routes/v1/items.py"
    assert [file.path for file in project.mentioning("APP", path)] == ["shop/web/routes/near.py"]
    assert [file.path for file in project.mentioning("APP", path, above=True)] == [
        "shop/web/routes/near.py",
        "shop/app.py",
    ]
