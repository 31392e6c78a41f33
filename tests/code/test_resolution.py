"""What a call resolves to: imports, variables, attributes, annotations, context managers."""

from __future__ import annotations

import pytest

from tests.code.reading import callees, raises


def callee(text: str) -> str | None:
    """What the last call resolves to."""
    return callees(text)[-1][1]


@pytest.mark.parametrize(
    ("head", "call", "name"),
    [
        ("import requests", "requests.get(u)", "requests.get"),
        ("import requests as r", "r.get(u)", "requests.get"),
        ("from requests import get", "get(u)", "requests.get"),
        ("from requests import get as fetch", "fetch(u)", "requests.get"),
        ("import requests.api", "requests.get(u)", "requests.get"),
        ("import os.path", "os.path.exists(u)", "os.path.exists"),
        ("import urllib.request as q", "q.urlopen(u)", "urllib.request.urlopen"),
        ("from urllib import request", "request.urlopen(u)", "urllib.request.urlopen"),
        ("", "open(u)", "open"),
        ("", "self(u)", None),
        ("", "unknown(u)", None),
        ("", "u.get(1)", None),
        ("from shop.db import save", "save(u)", "shop.db.save"),
        ("from .db import save", "save(u)", "shop.db.save"),
        ("from . import db", "db.save(u)", "shop.db.save"),
        ("def save(u): pass", "save(u)", ".save"),
        ("class Order: pass", "Order(u)", ".Order"),
        ("class Order:\n    @classmethod\n    def make(cls): pass", "Order.make(u)", ".Order.make"),
        ("class Order:\n    def save(self): pass", "Order().save()", ".Order.save"),
        ("import requests\nfetch = requests.get", "fetch(u)", "requests.get"),
        ("import requests\nsession = requests.Session()", "session.get(u)", "requests.Session.get"),
        ("import requests\nclass A:\n    session = requests.Session()", "A.session.get(u)", "requests.Session.get"),
        ("try:\n    import requests\nexcept ImportError:\n    requests = None", "requests.get(u)", "requests.get"),
        ("try:\n    import ujson as json\nexcept ImportError:\n    import json", "json.loads(u)", "json.loads"),
        ("import json\nloads = json.loads", "loads(u)", "json.loads"),
    ],
)
def test_a_name_is_what_the_module_made_it(head: str, call: str, name: str | None) -> None:
    assert callee(f"{head}\ndef f(u):\n    {call}\n") == name


@pytest.mark.parametrize(
    ("body", "name"),
    [
        ("import requests\nrequests.get(u)", "requests.get"),
        ("from requests import get as g\ng(u)", "requests.get"),
        ("from .db import save\nsave(u)", "shop.db.save"),
        ("import requests\ns = requests.Session()\ns.get(u)", "requests.Session.get"),
        ("import requests\ns = requests.Session\ns().get(u)", "requests.Session.get"),
        ("import requests\nwith requests.Session() as s:\n    s.get(u)", "requests.Session.get"),
        ("import requests\nif (s := requests.Session()):\n    s.get(u)", "requests.Session.get"),
        ("import requests\nrequests.Session().get(u)", "requests.Session.get"),
        ("import requests\nfetch = requests.get\nfetch(u)", "requests.get"),
        ("import requests\na, b = requests.get, 1\na(u)", "requests.get"),
        ("import requests\ns: requests.Session = make()\ns.get(u)", "requests.Session.get"),
        ("import requests\nfor requests in u:\n    requests.get(u)", None),
        ("import requests\nrequests = u\nrequests.get(u)", None),
        ("open = u.open\nopen(u)", None),
        ("def open(x): pass\nopen(u)", ".f.open"),
        ("class Session: pass\nSession()", ".f.Session"),
    ],
)
def test_a_name_is_what_the_function_made_it(body: str, name: str | None) -> None:
    lines = "\n".join("    " + line for line in body.splitlines())
    assert callee(f"def f(u):\n{lines}\n") == name


def test_a_parameter_hides_an_import() -> None:
    assert callee("import requests\ndef f(requests):\n    requests.get(1)\n") is None


@pytest.mark.parametrize(
    "binding",
    [
        "async with httpx.AsyncClient() as client:\n        await client.get(u)",
        "async with (httpx.AsyncClient() as client, other()):\n        await client.get(u)",
        "client = httpx.AsyncClient()\n    await client.get(u)",
        "client: httpx.AsyncClient = make()\n    await client.get(u)",
        "await httpx.AsyncClient().get(u)",
    ],
)
def test_an_async_client_is_known_however_it_is_bound(binding: str) -> None:
    assert callee(f"import httpx\nasync def f(u):\n    {binding}\n") == "httpx.AsyncClient.get"


@pytest.mark.parametrize(
    ("annotation", "name"),
    [
        ("httpx.Client", "httpx.Client.get"),
        ('"httpx.Client"', "httpx.Client.get"),
        ("Optional[httpx.Client]", "httpx.Client.get"),
        ("httpx.Client | None", "httpx.Client.get"),
        ("None | httpx.Client", "httpx.Client.get"),
        ('"httpx.Client | None"', "httpx.Client.get"),
        ("Union[httpx.Client, None]", "httpx.Client.get"),
        ("Annotated[httpx.Client, 1]", "httpx.Client.get"),
        ("httpx.Client | int", None),
        ("Any", None),
        ('"not python("', None),
        ("list[httpx.Client]", "list.get"),
        ("make()", None),
    ],
)
def test_an_annotation_says_the_type_of_a_parameter(annotation: str, name: str | None) -> None:
    head = "import httpx\nfrom typing import Annotated, Any, Optional, Union\n"
    assert callee(f"{head}def f(client: {annotation}):\n    client.get(1)\n") == name


def test_type_comments_are_ignored() -> None:
    assert callee("import httpx\ndef f(client):\n    # type: (httpx.Client) -> None\n    client.get(1)\n") is None


@pytest.mark.parametrize(
    "body",
    [
        "    def __init__(self):\n        self.client = httpx.Client()\n",
        "    def __init__(self, client: httpx.Client):\n        self.client = client\n",
        "    def __init__(self, client: httpx.Client | None = None):\n        self.client = client\n",
        "    def __init__(self, client=None):\n        self.client = client or httpx.Client()\n",
        "    def __init__(self, client=None):\n        self.client = client if client else httpx.Client()\n",
        "    def __init__(self):\n        if a:\n            self.client: httpx.Client = make()\n",
        "    client = httpx.Client()\n",
        "    client: httpx.Client\n",
        "    client: httpx.Client | None = None\n",
        "    @property\n    def client(self) -> httpx.Client:\n        return make()\n",
    ],
)
def test_an_attribute_of_self_has_the_type_it_was_given(body: str) -> None:
    text = f"import httpx\nclass A:\n{body}    def f(self):\n        self.client.get(1)\n"
    assert callee(text) == "httpx.Client.get"


def test_an_attribute_of_a_base_class_in_the_file_is_inherited() -> None:
    text = """\
    import httpx
    class Base:
        def __init__(self):
            self.client = httpx.Client()
        def save(self): pass
    class Order(Base):
        def f(self):
            self.client.get(1)
            self.save()
            super().save()
    """
    assert callees(text)[1:3] == [(8, "httpx.Client.get"), (9, ".Base.save")]


def test_a_method_of_a_library_base_class_is_inherited() -> None:
    text = "import requests\nclass Mine(requests.Session):\n    def f(self):\n        self.get(1)\n"
    assert callee(text) == "requests.Session.get"


def test_an_instance_of_a_class_of_the_file_has_its_methods() -> None:
    text = """\
    class Order:
        def save(self): pass
    def f():
        order = Order()
        order.save()
    def g(order: Order):
        order.save()
    def h(order: "Order | None"):
        order.save()
    """
    assert callees(text) == [(4, ".Order"), (5, ".Order.save"), (7, ".Order.save"), (9, ".Order.save")]


def test_classes_that_inherit_from_each_other_are_no_trap() -> None:
    text = "class A(B): pass\nclass B(A):\n    def f(self):\n        self.g()\n"
    assert callees(text) == [(4, None)]


def test_names_defined_by_themselves_are_no_trap() -> None:
    assert callees("a = b\nb = a\nc = c.d()\ndef f():\n    a()\n    c()\n")[-2:] == [(5, None), (6, None)]


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("raise ValueError", "ValueError"),
        ("raise ValueError('a') from None", "ValueError"),
        ("raise requests.Timeout('a')", "requests.exceptions.Timeout"),
        ("raise Mine()", ".Mine"),
        ("raise Mine", ".Mine"),
        ("raise make()", None),
        ("raise unknown", None),
        ("e = ValueError()\n    raise e", "ValueError"),
    ],
)
def test_what_is_raised_is_named(statement: str, name: str | None) -> None:
    text = f"import requests\nclass Mine(Exception): pass\ndef f():\n    {statement}\n"
    assert raises(text)[-1][1] == name


@pytest.mark.parametrize("name", ["made", "_made", "__made"])
def test_what_a_function_makes_is_raised_and_not_the_function(name: str) -> None:
    text = f"class Mine(Exception): pass\ndef {name}() -> Mine:\n    return Mine()\ndef f():\n    raise {name}()\n"
    assert raises(text)[-1][1] == ".Mine"
