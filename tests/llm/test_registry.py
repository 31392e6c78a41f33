"""Which adapter a person gets, and that start-up pays for none."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from reviewer.errors import UsageError
from reviewer.llm.anthropic import AnthropicModel
from reviewer.llm.files import FilesModel
from reviewer.llm.openai import OpenAIModel
from reviewer.llm.registry import open_model, split_spec
from tests.llm.asking import ask
from tests.llm.scripted_server import ScriptedServer


@pytest.mark.parametrize(
    ("spec", "kind"),
    [
        ("anthropic:claude-sonnet-5", AnthropicModel),
        ("openai:org/model:7b", OpenAIModel),
        ("files:some/folder", FilesModel),
    ],
)
def test_a_spec_opens_its_adapter_under_its_own_name(spec: str, kind: type) -> None:
    model = open_model(spec)
    assert isinstance(model, kind)
    assert model.name == spec


@pytest.mark.parametrize("spec", ["", "gpt", "gpt:4", "openai", "openai:", "openai: ", "files:", "openai:a\nb", ":x"])
def test_a_spec_that_names_no_model_is_wrong_usage(spec: str) -> None:
    with pytest.raises(UsageError) as caught:
        open_model(spec)
    assert str(caught.value) == f"--model {spec}: take offline, anthropic:NAME, openai:NAME or files:DIR"


def test_offline_is_a_spec_without_a_model() -> None:
    assert split_spec("offline") is None
    with pytest.raises(UsageError, match="asks nobody"):
        open_model("offline")


def test_address_and_key_are_handed_on(server: ScriptedServer) -> None:
    ask(open_model("anthropic:m", base_url=server.url, api_key="given"))
    ask(open_model("openai:m", base_url=f"{server.url}/v1", api_key="given"))
    assert {request.headers["authorization"] for request in server.requests} == {"Bearer given"}


@pytest.mark.parametrize(
    "code",
    [
        "import reviewer.llm.registry",
        "from reviewer.llm.registry import open_model; open_model('anthropic:m'); open_model('openai:m')",
        "import reviewer.llm.patient",
    ],
)
def test_no_sdk_is_loaded_before_the_first_question(code: str) -> None:
    check = (
        "import sys; assert not {'anthropic', 'openai', 'httpx2', 'pydantic'} & set(sys.modules), sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", f"{code}\n{check}"], check=True, cwd=Path(__file__).parents[2])
