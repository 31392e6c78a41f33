"""What an editor shows beside the pointer: the four answers, and what is known of the library's calls on the line."""

from __future__ import annotations

from collections.abc import Iterator

from reviewer.buffer_review import Explanation
from reviewer.domain.library import Callable
from reviewer.domain.report import NOTHING, Answer
from reviewer.render.summary import QUESTIONS, things

_SPECIAL = str.maketrans({sign: f"\\{sign}" for sign in r"\`*_{}[]<>()#+-.!|~&"})
_MOST_RAISED = 4


def hover_text(known: Explanation) -> str:
    """Markdown for what is known of a line; "" where there is nothing.

    Args:
        known: what is known of it.
    """
    parts = [*(text for call in known.calls for text in _call(call))]
    if known.answer is not None:
        parts += _answers(known.answer)
    return "\n\n".join(parts)


def _call(call: Callable) -> Iterator[str]:
    if call.kind is None and not call.raises_input:
        return
    yield f"**{_escaped(call.name)}**" + (f" — {_escaped(call.service)}" if call.service else "")
    rows = []
    if call.timeout is not None:
        if call.timeout.default == "none":
            rows.append("waits without limit by default")
        elif call.timeout.parameter:
            rows.append(f"takes {call.timeout.parameter}")
    raised = [name.rpartition(".")[2] for name in (*call.raises, *call.raises_input)]
    if raised:
        more = f" and {len(raised) - _MOST_RAISED} more" if len(raised) > _MOST_RAISED else ""
        rows.append(f"may raise {', '.join(raised[:_MOST_RAISED])}{more}")
    if call.returns_none:
        rows.append(f"returns None when {call.returns_none}")
    if call.note:
        rows.append(call.note)
    if rows:
        yield "\n".join(f"- {_escaped(row)}" for row in rows)


def _answers(answer: Answer) -> Iterator[str]:
    told = [(title, getattr(answer, name)) for name, title in QUESTIONS if getattr(answer, name) != NOTHING[name]]
    if told:
        yield f"**{_escaped(answer.function)}**"
        yield "\n".join(row for title, text in told for row in _answer(title, text))


def _answer(title: str, text: str) -> Iterator[str]:
    """An answer in a line, or with a line for each of the things that it names."""
    found = [_escaped(one) for one in things([" ".join(text.split())])]
    if len(found) == 1:
        yield f"- *{title}*: {found[0]}"
        return
    yield f"- *{title}*:"
    yield from (f"  - {one}" for one in found)


def _escaped(text: str) -> str:
    """Text that stands in code, and may hold anything, as Markdown that only shows it."""
    return " ".join(text.split()).translate(_SPECIAL)
