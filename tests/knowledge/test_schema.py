"""Library descriptions: what they may say, and how a bad one is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reviewer.domain.library import Attribute, ErrorStatus, Fallback, TextMode, Timeout
from reviewer.errors import KnowledgeError
from reviewer.knowledge.schema import read_library

HEAD = 'distribution = "acme"\nsource = "https://acme.example/docs"\n'


def test_every_part_of_a_description_arrives_typed() -> None:
    library = read_library(
        "acme",
        HEAD
        + """
[aliases]
"acme.api.get" = "acme.get"
[classes]
"acme.DownError" = ["acme.Error", "TimeoutError"]
[attributes."acme.Answer.text"]
type = "str"
boundary = "http response"
none = "the answer has no body"
[[call]]
names = ["acme.get"]
kind = "http"
service = "Acme service"
blocking = true
timeout = { parameter = "timeout", position = 1, default = 2.5, constructor = "wait" }
status = { attributes = ["code"], methods = ["check"], raises = "acme.Error" }
fallback = { parameter = "default", position = 4 }
text = { position = 2, mode_parameter = "mode", mode_position = 1 }
returns = "acme.Answer"
releases = ["close"]
groups = true
child = "work"
[call.raises]
"acme.DownError" = "the service is down"
""",
    )

    call = library.callables["acme.get"]
    assert (library.module, library.distribution) == ("acme", "acme")
    assert library.aliases == {"acme.api.get": "acme.get"}
    assert library.classes == {"acme.DownError": ("acme.Error", "TimeoutError")}
    assert library.attributes == {
        "acme.Answer.text": Attribute("acme.Answer.text", "str", "http response", "the answer has no body")
    }
    assert call.timeout == Timeout("timeout", 1, 2.5, "wait")
    assert call.status == ErrorStatus(attributes=("code",), methods=("check",), raises="acme.Error")
    assert call.text == TextMode(position=2, mode_parameter="mode", mode_position=1)
    assert call.fallback == Fallback("default", 4)
    assert call.releases == ("close",)
    assert (call.groups, call.child) == (True, "work")
    assert call.raises == {"acme.DownError": "the service is down"}


def test_an_entry_has_the_source_of_its_file_unless_it_names_its_own() -> None:
    library = read_library(
        "acme",
        HEAD + '[[call]]\nnames = ["acme.a"]\n[[call]]\nnames = ["acme.b"]\nsource = "https://acme.example/b"\n',
    )

    assert library.callables["acme.a"].source == "https://acme.example/docs"
    assert library.callables["acme.b"].source == "https://acme.example/b"


def test_a_table_with_several_names_describes_each_of_them() -> None:
    library = read_library("acme", HEAD + '[[call]]\nnames = ["acme.a", "acme.b"]\nblocking = true\n')

    assert {name: call.blocking for name, call in library.callables.items()} == {"acme.a": True, "acme.b": True}
    assert library.callables["acme.b"].name == "acme.b"


def test_extends_copies_an_earlier_callable_and_changes_what_is_named() -> None:
    library = read_library(
        "acme",
        HEAD
        + '[[call]]\nnames = ["acme.get"]\nkind = "http"\nidempotent = true\n'
        + '[[call]]\nnames = ["acme.post"]\nextends = "acme.get"\nidempotent = false\n',
    )

    post = library.callables["acme.post"]
    assert (post.name, post.kind, post.idempotent) == ("acme.post", "http", False)
    assert library.callables["acme.get"].idempotent is True


def test_extends_keeps_the_source_of_the_callable_it_copies() -> None:
    library = read_library(
        "acme",
        HEAD
        + '[[call]]\nnames = ["acme.get"]\nsource = "https://acme.example/get"\n'
        + '[[call]]\nnames = ["acme.post"]\nextends = "acme.get"\n',
    )

    assert library.callables["acme.post"].source == "https://acme.example/get"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("distribution = ", "Invalid value"),
        ('source = "x"\n', "distribution is missing"),
        ("distribution = 3\n", "top level: distribution must be str, not 3"),
        ('distribution = ""\n', "distribution is missing"),
        (HEAD + "call = 3\n", "top level: call must be list, not 3"),
        (HEAD + "call = [3]\n", r"a \[\[call\]\] must be a table, not 3"),
        (HEAD + "attributes = { a = 3 }\n", "a: an attribute must be a table, not 3"),
        (HEAD + 'colour = "red"\n', "top level: unknown field 'colour'"),
        (HEAD + "[[call]]\nblocking = true\n", r"a \[\[call\]\] without names: \['blocking'\]"),
        (HEAD + '[[call]]\nnames = "acme.get"\n', r"a \[\[call\]\] without names"),
        (HEAD + '[[call]]\nnames = ["acme.get"]\nblokcing = true\n', "acme.get: unknown field 'blokcing'"),
        (HEAD + '[[call]]\nnames = ["acme.get"]\nkind = "web"\n', "acme.get: kind 'web' is none of"),
        (HEAD + '[[call]]\nnames = ["acme.get"]\nboundary = "web"\n', "acme.get: boundary 'web' is none of"),
        (
            HEAD + '[[call]]\nnames = ["acme.get"]\nextends = "acme.put"\n',
            "acme.get extends 'acme.put', which does not",
        ),
        (HEAD + '[[call]]\nnames = ["acme.get", "acme.get"]\n', "acme.get is described twice"),
        (HEAD + '[[call]]\nnames = ["acme.get"]\ntimeout = { default = "long" }\n', "acme.get: timeout default 'long'"),
        (HEAD + '[[call]]\nnames = ["acme.get"]\ntimeout = { after = 3 }\n', "acme.get: .*'after'"),
        (HEAD + '[[call]]\nnames = ["acme.get"]\nstatus = { code = "x" }\n', "acme.get: .*'code'"),
        (HEAD + '[[call]]\nnames = ["acme.get"]\ntext = { codec = "x" }\n', "acme.get: .*'codec'"),
        (HEAD + '[[call]]\nnames = ["acme.get"]\nblocking = "yes"\n', "acme.get: blocking must be bool, not 'yes'"),
        (HEAD + '[[call]]\nnames = ["acme.get"]\nreturns = 3\n', "acme.get: returns must be str, not 3"),
        (HEAD + '[[call]]\nnames = ["acme.get"]\nreleases = "close"\n', "acme.get: releases must be list, not 'close'"),
        (HEAD + '[[call]]\nnames = ["acme.get"]\nraises = ["OSError"]\n', "acme.get: raises must be dict"),
        (HEAD + '[[call]]\nnames = ["acme.get"]\nholds = "door"\n', "acme.get: holds 'door' is none of"),
        (HEAD + '[attributes."acme.x"]\nblocking = true\n', "acme.x: unknown field 'blocking'"),
        (HEAD + '[attributes."acme.x"]\nboundary = "web"\n', "acme.x: boundary 'web' is none of"),
        (HEAD + '[classes]\n"acme.E" = "OSError"\n', "acme.E: bases must be a list"),
        (HEAD + '[aliases]\n"acme.E" = ["OSError"]\n', "acme.E: an alias stands for one name"),
    ],
)
def test_a_bad_description_is_refused_with_the_place_and_the_reason(text: str, reason: str) -> None:
    with pytest.raises(KnowledgeError, match=reason) as caught:
        read_library("acme", text)

    assert str(caught.value).startswith("knowledge/acme.toml: ")


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_by_our_own_error(text: str) -> None:
    try:
        read_library("acme", text)
    except KnowledgeError as error:
        assert str(error).startswith("knowledge/acme.toml: ")
