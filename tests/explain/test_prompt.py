"""Prompts are typed data: strict in form, versioned, and filled in without being looked into."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from reviewer.errors import PromptError
from reviewer.explain.failure import FAILURES
from reviewer.explain.prompt import fingerprint_of, load_prompt, parse_prompt, prompts_folder
from reviewer.explain.reply import FORMS, schema_of
from reviewer.explain.secrets.redaction import redact

NAMES = sorted(path.stem for path in prompts_folder().glob("*.md") if path.stem != "README")
TEXT = '+++\nid = "a"\nversion = "1"\nreply = "explain"\ninputs = ["code"]\n+++\nRead.\n---\n{{code}}\n'


@pytest.mark.parametrize("name", NAMES)
def test_a_prompt_is_what_its_file_says(name: str) -> None:
    prompt = load_prompt(name)
    assert prompt.id == name
    assert prompt.reply in FORMS


def test_a_changed_prompt_has_a_new_version() -> None:
    lock = tomllib.loads((prompts_folder() / "prompts.lock").read_text(encoding="utf-8"))
    now = {
        name: {
            load_prompt(name).version: fingerprint_of(
                load_prompt(name), json.dumps(schema_of(FORMS[load_prompt(name).reply]), sort_keys=True)
            )
        }
        for name in NAMES
    }
    for name, versions in now.items():
        for version, fingerprint in versions.items():
            assert lock[name].get(version) == fingerprint, (
                f"prompts/{name}.md changed; give it a new version and write [{name}] "
                f'"{version}" = "{fingerprint}" into prompts/prompts.lock'
            )


@pytest.mark.parametrize("name", NAMES)
def test_no_prompt_is_taken_for_one_that_holds_secrets(name: str) -> None:
    prompt = load_prompt(name)
    failures = "\n".join(f"  - {failure.id}: {failure.says}" for failure in FAILURES)
    sent = prompt.render(dict.fromkeys(prompt.inputs, failures))
    assert [redact(text).text for text in sent] == list(sent)


def test_a_value_is_not_looked_into() -> None:
    system, question = parse_prompt(TEXT, "a.md").render({"code": "{{code}} \\1 {{other}}"})
    assert (system, question) == ("Read.", "{{code}} \\1 {{other}}")


@pytest.mark.parametrize("values", [{}, {"code": "", "more": ""}, {"other": ""}])
def test_values_that_do_not_fit_are_told(values: dict[str, str]) -> None:
    with pytest.raises(PromptError, match="prompt a takes code"):
        parse_prompt(TEXT, "a.md").render(values)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "no head",
        TEXT.replace("+++\nRead", "Read"),
        TEXT.replace('id = "a"\n', ""),
        TEXT.replace('id = "a"', "id = "),
        TEXT.replace('id = "a"', 'id = "a"\nmore = 1'),
        TEXT.replace("\n---\n", "\n"),
        TEXT.replace("{{code}}", "{{cod}}"),
        TEXT.replace('["code"]', '["code", "more"]'),
    ],
)
def test_a_file_that_is_no_prompt_is_refused(text: str) -> None:
    with pytest.raises(PromptError, match=r"^a\.md: "):
        parse_prompt(text, "a.md")


def test_prompts_are_found_in_a_checkout() -> None:
    assert prompts_folder() == Path(__file__).parents[2] / "prompts"
