"""Patterns and lessons of the catalog as resources: the whole page, for an assistant that wants to read one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reviewer.surfaces.mcp.desk import Desk

if TYPE_CHECKING:
    from mcp.server.mcpserver import MCPServer

_TEXT = "text/plain"


def add(server: MCPServer[Any], desk: Desk) -> None:
    """Offer the catalog's patterns and lessons.

    Args:
        server: where to.
        desk: whose.
    """
    from mcp.server.mcpserver.exceptions import ResourceNotFoundError

    @server.resource("reviewer://patterns", title="All patterns", mime_type=_TEXT)
    def patterns() -> str:
        """Each pattern that is known, a line: id, state, class of failure, title."""
        from reviewer.render.safe import visible

        return "".join(visible(f"{p.id}  {p.state}  {p.failure}  {p.title}") + "\n" for p in desk.known().patterns)

    @server.resource("reviewer://patterns/{identity}", title="A pattern", mime_type=_TEXT)
    def pattern(identity: str) -> str:
        """When code fails in this way, what to write instead, where it happened, and the record of its replay."""
        from reviewer.render.pattern import pattern_page

        known = desk.known()
        for one in known.patterns:
            if one.id == identity:
                return pattern_page(one, known.lessons)
        raise ResourceNotFoundError(f"no pattern {identity!r}; reviewer://patterns lists them")

    @server.resource("reviewer://lessons/{identity}", title="A lesson", mime_type=_TEXT)
    def lesson(identity: str) -> str:
        """What an incident taught, each statement in the words of its post-mortem."""
        from reviewer.render.pattern import lesson_page

        for one in desk.known().lessons:
            if one.id == identity:
                return lesson_page(one)
        raise ResourceNotFoundError(f"no lesson {identity!r}; a pattern's page names those of its incidents")
