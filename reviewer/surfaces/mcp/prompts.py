"""The four questions as prompts that a person picks in the assistant's own menu."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

Target = Annotated[str, Field(description="path, path:line or path::Qualified.name")]

QUESTIONS = {
    "what_does_it_call": (
        "What does this code call outside itself?",
        "Tell what {target} calls outside its process: each call with its service, its line, its timeout and who "
        "handles its failure.",
    ),
    "what_if_that_is_slow_or_down": (
        "What if that is slow or down?",
        "Tell what happens in {target} when each thing that it calls is slow, and when it is down: how long it waits, "
        "what fails, who notices.",
    ),
    "where_can_it_throw": (
        "Where can it throw?",
        "Tell which exceptions can leave {target}, from which line, when, and who, if anybody, handles them.",
    ),
    "what_does_it_assume": (
        "What does it assume about its input?",
        "Tell what {target} assumes about its input and about data from outside, and what happens where that does "
        "not hold.",
    ),
}
"""Name of a prompt -> its title, and what is asked."""

_HOW = " Call explain_code with this target first and rest on its answer; say so where you add to it."


def add(server: MCPServer[Any]) -> None:
    """Offer the four questions, and all of them for a change.

    Args:
        server: where to.
    """
    from mcp.server.mcpserver.prompts.base import Prompt

    for name, (title, text) in QUESTIONS.items():
        server.add_prompt(Prompt.from_function(_asking(text), name=name, title=title, description=title))

    @server.prompt(title="May this go out?", description="Review what is not committed, and mend what is loud.")
    def may_this_go_out() -> str:
        return (
            'Call review_diff with scope "worktree". For each finding say in a sentence what may happen in production, '
            "and mend it or give the reason why it may stay. Then call it again, until nothing loud is left."
        )


def _asking(text: str) -> Any:
    def ask(target: Target) -> str:
        return text.format(target=target) + _HOW

    return ask
