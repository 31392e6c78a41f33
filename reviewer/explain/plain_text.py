"""What a model wrote, as one line of harmless text for Markdown, HTML and a terminal.

A model may have been talked into anything by the code it read. Its words are shown to people and posted where mentions
notify, links lead away and references close issues. So nothing is kept that any of these readers would take for more
than text: no markup, no address but a known one, no mention, no reference, no character that cannot be seen. Only
inline code between backticks stays. What is left is still escaped by each format; nothing is escaped here.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Collection


def plain(text: str, *, limit: int, links: Collection[str] = ()) -> str:
    """One line of plain text with balanced inline code, in NFC.

    Args:
        text: what a model answered.
        limit: characters it may take at most; cut at a word, with an ellipsis.
        links: addresses that may stay, as bare text, if they are written exactly like this.

    Returns:
        Text in which CommonMark, GitHub and HTML find nothing but text and inline code. Cleaning it again changes
        nothing.
    """
    allowed = frozenset(link for link in links if _BARE.fullmatch(link))
    # Taking out one thing may join another.
    for _ in range(_PASSES):
        cleaned = _clean(text, allowed)
        if cleaned == text:
            break
        text = cleaned
    else:
        text = _strip(text)
    return _shorten(text, max(0, limit), allowed)


_PASSES = 12
_ELLIPSIS = "…"
_LONGEST = 100_000
"""Characters of an answer that are read at all."""


def _clean(text: str, allowed: frozenset[str]) -> str:
    text = _seen(text[:_LONGEST])
    text = _unblocked(text)
    parts, end = [], 0
    for span in _SPAN.finditer(text):
        code = span["code"].strip()
        parts += [_prose(text[end : span.start()], allowed), f"`{_code(code, allowed)}`" if code.strip("`") else " "]
        end = span.end()
    parts.append(_prose(text[end:], allowed))
    return _begun(" ".join("".join(parts).replace("``", "` `").split()))


# --- characters

_BREAK = re.compile(r"[\r\v\f\x1c-\x1f\x85\u2028\u2029]")
_ANSI = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-_]|\x9b[0-?]*[ -/]*[@-~]")


def _seen(text: str) -> str:
    """Only characters that can be seen, lines kept: no controls, no direction marks, nothing of no width, no halves."""
    text = _BREAK.sub("\n", _ANSI.sub("", text))
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return "".join(char for char in text if char in "\n\t " or _is_seen(char))


def _is_seen(char: str) -> bool:
    if char.isascii():
        return char.isprintable()
    # Cc, Cf (bidi, zero width, tags), Cs (halves), Co, Cn; of the spaces only the plain one.
    return char.isprintable() and not _INVISIBLE.match(char)


# Letters that are shown as nothing, and variation selectors: Unicode's Default_Ignorable_Code_Point
_INVISIBLE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]")


# --- blocks

_FENCE = re.compile(r"(?:`{3,}|~{3,})[^\n`]*")
_RULE = re.compile(r"^[ \t]*(?:[-_*=][ \t]*+){2,}+$|^(?=[^\n]{0,200}--)[ \t:|-]++$", re.MULTILINE)
_BEGIN = re.compile(
    r"^(?:[ \t]*(?:#{1,6}(?=\s|$)|>|[-+*](?=\s|$)|[0-9]{1,9}[.)](?=\s|$)|\[[ xX]\](?=\s)))+[ \t]*", re.MULTILINE
)
_ROW = re.compile(r"^[ \t]*\|(.*?)\|?[ \t]*$", re.MULTILINE)
_DEFINITION = re.compile(r"^[ \t]*\[[^\]\n]*\]:[^\n]*$", re.MULTILINE)


def _unblocked(text: str) -> str:
    """Without fences, headings, lists, quotes, tables and rules; their words stay."""
    text = _FENCE.sub(" ", text)
    text = _DEFINITION.sub(" ", text)
    text = _RULE.sub(" ", text)
    text = _ROW.sub(lambda row: row[1].replace("|", " "), text)
    return _BEGIN.sub("", text)


_LEAD = re.compile(r"[-+*=#>|~:_\s]*")
_FIRST = re.compile(r"[0-9]{1,9}[.)](?=\s|$)|\[[^\]\n]{0,200}\]:")


def _begun(text: str) -> str:
    """One line that begins no block."""
    text = text.strip()
    while True:
        lead = _LEAD.match(text)
        end = lead.end() if lead else 0
        if 0 < end < len(text) and text[end - 1] in "-+:":
            end -= 1  # a sign belongs to what follows it, as in -1
        first = _FIRST.match(text, end)
        end = first.end() if first else end
        if not end:
            return text
        text = text[end:].strip()


# --- code

_SPAN = re.compile(r"(?<!`)(?P<ticks>`{1,2})(?!`)(?P<code>[^`]+?)(?<!`)(?P=ticks)(?!`)")
"""Inline code of one kind of tick; what holds ticks itself is not kept as code."""


def _code(code: str, allowed: frozenset[str]) -> str:
    """Code is shown as it is by every reader; addresses go, for a terminal makes links of them."""
    parts, end = [], 0
    for found in _ADDRESS.finditer(code):
        parts += [code[end : found.start()].replace("://", ":"), found[0] if found[0] in allowed else "(link)"]
        end = found.end()
    parts.append(code[end:].replace("://", ":"))
    return " ".join("".join(parts).split()) or "(link)"


# --- prose

_COMMENT = re.compile(r"<!--.*?(?:-->|$)|<\?.*?(?:\?>|$)|<!\[CDATA\[.*?(?:\]\]>|$)|<![A-Za-z][^>]*>?", re.DOTALL)
_ACTIVE = re.compile(
    r"<(script|style|iframe|object|svg|math|template)\b[^<>]{0,2000}>.*?(?:</\1\s*>|$)", re.DOTALL | re.IGNORECASE
)
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,2000}>")
_BRACKETS = re.compile(
    r"!?\[(?P<text>[^\[\]]*)\](?:\((?P<to>[^()\n]{0,500}(?:\([^()\n]{0,500}\)[^()\n]{0,500}){0,3})\)|\[[^\[\]]*\])"
)
_ADDRESS = re.compile(
    r"(?:(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9+.-]{1,30}://|(?<![A-Za-z0-9])www\.|\b(?:javascript|vbscript|mailto|data:\w+/):?(?=\S))"
    r"[^\s<>`\"']*",
    re.IGNORECASE,
)
_BARE = re.compile(
    r"https?://(?:[\w./?=&%+,:;-](?<!_)|(?<=[A-Za-z0-9])_(?=[A-Za-z0-9])|#(?=[A-Za-z]))*[A-Za-z0-9/]", re.ASCII
)
_MAIL = re.compile(r"(?<=[\w.+-])@(?=[\w-])")
_MENTION = re.compile(r"@(?=\S)")
_REFERENCE = re.compile(r"\bGH-(?=[0-9])|(?<![\w./-])[\w./-]{1,100}#(?=[0-9])|#(?=[0-9])", re.IGNORECASE)
_CLOSING = re.compile(
    r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?|implement(?:s|ed)?):?\s+(?=(?:[\w./-]{1,100})?(?:GH-|#)[0-9])",
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?=#|[A-Za-z][A-Za-z0-9]*;)")
_IDENTIFIER = re.compile(
    r"(?<![\w.`*~\\])(?:[A-Za-z]\w*\.){0,8}(?:_[A-Za-z_0-9]*[A-Za-z0-9](?:__)?|[A-Za-z]\w*__)(?:\.\w*[A-Za-z0-9]){0,8}(?![\w`*~])",
    re.ASCII,
)
_MARKS = re.compile(
    r"[*~]|(?<!\w)_+(?=\S)|(?<=\S)_+(?!\w)|__+(?!\w)|\\(?=[!-/:-@\[-`{-~\s]|$)|:(?=[a-z+-][a-z0-9_+-]*:)|<(?=[A-Za-z/!?])"
)
_JOINED = re.compile(r"\](?=[(\[])")


def _prose(text: str, allowed: frozenset[str]) -> str:
    for _ in range(3 if "&" in text else 0):
        text = html.unescape(text)
    text = _ACTIVE.sub(" ", text)
    text = _COMMENT.sub(" ", text)
    kept: list[str] = []

    def keep(found: re.Match[str]) -> str:
        address = found[0].rstrip(".,;:!?)]}")
        rest = found[0][len(address) :]
        if address not in allowed:
            return f"(link){rest if '(' not in address else rest.lstrip(')')}"
        kept.append(address)
        return f"\0{len(kept) - 1}\0{rest}"

    text = _ADDRESS.sub(keep, text.replace("\0", ""))
    text = _TAG.sub(" ", text)
    text = _BRACKETS.sub(_words_of, text)
    text = _CLOSING.sub("see ", text)
    text = _REFERENCE.sub("number ", text)
    text = _MENTION.sub("", _MAIL.sub(" at ", text))
    text = _ENTITY.sub("and ", text.replace("`", "'"))
    # A name such as __init__ is emphasis to Markdown, unless it is code.
    parts, end = [], 0
    for name in _IDENTIFIER.finditer(text):
        parts += [_MARKS.sub("", text[end : name.start()]), f"`{name[0]}`"]
        end = name.end()
    text = _JOINED.sub("] ", "".join([*parts, _MARKS.sub("", text[end:])]))
    text = text.replace("://", ":")  # of what looks like no address, and might be taken for one nevertheless
    return re.sub(r"\0([0-9]+)\0", lambda found: kept[int(found[1])], text)


def _words_of(found: re.Match[str]) -> str:
    """The words of a link or image; a known address in it stays."""
    to = (found["to"] or "").split()
    return f"{found['text']} ({to[0]})" if to and to[0].startswith("\0") else found["text"]


def _strip(text: str) -> str:
    """The last resort for a text that is something else after every pass: words alone."""
    return " ".join("".join(char if char.isalnum() else " " for char in text).split())


# --- length


def _shorten(text: str, limit: int, allowed: frozenset[str]) -> str:
    """At most so many characters, at a word, with no code span cut open; still clean."""
    if len(text) <= limit:
        return text
    if limit < 1:
        return ""
    cut = text[: limit - 1]
    space = cut.rfind(" ")
    if not text[limit - 1 : limit].isspace() and space > 0:
        cut = cut[:space]
    if cut.count("`") % 2:
        cut = cut[: cut.rindex("`")]
    cut = cut.rstrip(" ,;:.(")
    short = f"{cut}{_ELLIPSIS}" if cut else _ELLIPSIS
    again = _clean(short, allowed)
    return short if again == short else _shorten(_strip(again), limit, allowed)
