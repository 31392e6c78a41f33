"""Secrets that are known by their name: values assigned, passed, mapped, compared or written beside it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator

from reviewer.explain.secrets.span import CODE, SearchedText, SecretSpan, fixed_spans
from reviewer.explain.secrets.value import MASK, Strength, is_secret, looks_random, without_templates

_KEY_WORDS = [
    "api",
    "access",
    "private",
    "secret",
    "encryption",
    "encrypt",
    "signing",
    "sign",
    "master",
    "account",
    "auth",
    "subscription",
    "consumer",
    "service",
    "license",
    "storage",
    "hmac",
    "deploy",
    "ssh",
    "app",
    "application",
    "shared",
    "server",
    "fernet",
]
# A branch begins with plain characters, so that the search skips what begins no name; it looks back afterwards.
_NAMES: dict[str, tuple[str, ...]] = {
    "passphrase": ("passphrase", "mnemonic", "seed[_ -]?phrase", "recovery[_ -]?phrase"),
    "password": (
        *("passw(?:or)?ds?", "pass(?<![a-z]pass)(?![a-z])", "pwd", "pw(?<![a-z]pw)(?![a-z])", "passcode"),
        *("passwort", "kennwort", "contrase(?:ñ|n)a", "mot[_ -]de[_ -]passe"),
    ),
    "key": (*(f"{word}[_.-]?keys?(?:[_-](?:id|data))?" for word in _KEY_WORDS), "client-key-data"),
    "secret": ("secrets?",),
    "credential": ("credentials?",),
    "session": ("session(?:_?id)?", "sid(?<![a-z]sid)", "phpsessid", "jsessionid", "csrf", "xsrf"),
    "token": ("tokens?",),
    "weak": (
        *("keys?", "auth", "cookies?", "salt", "seed", "nonce", "dsn", "bearer", "jwt", "hmac"),
        *(f"{word}(?<![a-z]{word})(?![a-z])" for word in ("pat", "otp", "sig", "iv")),
    ),
}
_NAME = re.compile("|".join(pattern for patterns in _NAMES.values() for pattern in patterns))
_GROUPS = {group: re.compile("|".join(patterns)) for group, patterns in _NAMES.items()}
_STRENGTHS: dict[str, Strength] = {
    "password": "any",
    "passphrase": "any",
    "secret": "any",
    "key": "any",
    "credential": "any",
    "token": "some",
    "session": "random",
    "weak": "random",
}
_KINDS = {"weak": "key"}
KINDS = frozenset({*_STRENGTHS, "key"} - {"weak"})
"""Every kind that is found here."""
_TAIL = (
    r"(?:[_.-]?(?:value|string|str|default|prod|production|dev|test|staging|live|old|new|raw|plain|plaintext|clear|text|"
    r"b64|base64|hex|bytes|primary|secondary|main|admin|root|user|[0-9]{1,3}))?+"
)
_AFTER = re.compile(
    rf"{_TAIL}"
    r"(?P<close>\\*[\"'`]?\]?)(?:\*\*)?[ \t]{0,64}"
    r"(?::[ \t]{0,8}[A-Za-z_][\w.\[\]|, \t]{0,60}(?==[^=]))?"
    r"(?P<sep>=>|:=|===?|!==?|=|:|,|>|\((?=[bfru]{0,2}[\"'])|(?<=[ \t])(?:is|was)(?=[ \t])"
    r"|(?<=[ \t])(?=\\?[\"'])|(?<=[ \t])(?=[^\s:=]))(?:(?<=:)\*\*)?"
    r"(?P<space>[ \t]{0,64})"
)
_JOIN = re.compile(r"(?:[ \t]{0,64}(?:\(|\\?\r?\n|[#][^\n]{0,120}\n))*[ \t]{0,64}")
_NEXT = re.compile(r"[ \t]{0,64}\+?(?:[ \t]{0,64}\\?\r?\n){0,2}[ \t]{0,64}\+?[ \t]{0,64}")
_OPEN = re.compile(r"(?P<prefix>[rRbBuUfF]{0,2})(?P<quote>\\*(?:\"\"\"|'''|[\"'`]))")
_QUOTED = {
    '"': re.compile(r'(?:[^"\\\n]|\\.)*+(?=")'),
    "'": re.compile(r"(?:[^'\\\n]|\\.)*+(?=')"),
    "`": re.compile(r"[^`\n]*+(?=`)"),
}
_ELEMENT = re.compile(r"[^<\n]{1,256}(?=</)")
_VALUE = re.compile(r"[^\s\"'`,;<>\\|]{1,512}")
_FIRST_ARGUMENT = re.compile(r"\([ \t]*(?:\r?\n[ \t]*)?[\"']\Z")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
_NUMBER = re.compile(r"[-+]?[0-9][0-9_.]*(?:e[0-9]+)?")
_LEFT = re.compile(r"[A-Za-z0-9_.$-]")
_DEFAULT = re.compile(
    r"(?:\b(?:or|else)|\b(?:SecretStr|Secret|SecretBytes|Field|default=|default_factory=)\(?|,)[ \t]{0,4}(?:default=)?$"
)
_TYPES = frozenset(
    [
        "str",
        "bytes",
        "int",
        "float",
        "bool",
        "any",
        "object",
        "text",
        "string",
        "number",
        "boolean",
        "secretstr",
        "secretbytes",
        "optional",
        "required",
        "none",
        "null",
        "true",
        "false",
        "dict",
        "list",
        "tuple",
        "set",
        "union",
        "literal",
        "callable",
        "bytearray",
        "self",
        "type",
        "uuid",
        "array",
        "integer",
        "file",
        "header",
        "query",
        "sequence",
        "mapping",
        "iterable",
        "yes",
        "no",
        "on",
        "off",
    ]
)
_EXPRESSION = 200
_LONG_EXPRESSION = 1000
_LONG = 100
_DIGIT = re.compile(r"[0-9]")
_NO_NAME = re.compile(r"(?!0[xob])[0-9]+[a-zA-Z_]{2}\w*|(?!0[xob])[0-9]+[a-zA-Z_][0-9]+[a-zA-Z_]\w*")
_LITERAL_SIGN = re.compile(r"[!$?#@~]")
_KEYWORDS = frozenset(
    [
        "return",
        "await",
        "yield",
        "in",
        "if",
        "elif",
        "not",
        "and",
        "or",
        "assert",
        "del",
        "raise",
        "lambda",
        "while",
        "for",
        "with",
        "from",
        "import",
    ]
)


_TAIL_ALONE = re.compile(_TAIL)


def judge_of(name: str) -> tuple[str, Strength] | None:
    """Of what kind a value is that has a name, and how much of a secret it must look like; None for no secret's name.

    Args:
        name: in lower case.
    """
    for found in _NAME.finditer(name):
        if _TAIL_ALONE.fullmatch(name, found.end()):
            return _judge(name, *found.span())
    return None


def _judge(text: str, start: int, end: int) -> tuple[str, Strength]:
    group = next((key for key, names in _GROUPS.items() if names.fullmatch(text, start, end)), "weak")
    return _KINDS.get(group, group), _STRENGTHS[group]


def find_by_name(view: SearchedText) -> Iterator[SecretSpan]:
    """Values beside the names of secrets: assigned, passed, mapped, compared, written in a comment or a log."""
    text = view.text
    regions: _Regions | None = None
    at = 0
    while name := _NAME.search(view.lower, at):
        at = name.end()
        after = _AFTER.match(text, at)
        if not after or not _is_place(text, name.start(), after):
            continue
        kind, strength = _judge(view.lower, *name.span())
        place, sep = after.end(), after["sep"]
        if sep in ("is", "was", "", "(", ","):
            # Prose, a flag's value, or the next argument: `getenv("TOKEN", "…")`, `set_password("…")`.
            strength = "some" if strength == "any" else strength
        start = place
        if (
            sep in ("=", ":", "=>", ":=", ",")
            and (joined := _JOIN.match(text, place))
            and _OPEN.match(text, joined.end())
        ):
            start = joined.end()
        opened = _OPEN.match(text, start)
        if opened and not (opened["quote"] == "`" and sep in ("", "(", ",")):
            if sep == "" and not _is_flag(text, name.start()):
                strength = "any" if kind == "password" else "random"
            spans, end = _literals(text, start, kind, strength)
            yield from spans
            at = end if spans else at
            continue
        regions = regions or _Regions(text)
        bare = list(_unquoted(view, regions, name.start(), after, (kind, strength)))
        yield from bare
        if bare:
            at = bare[-1].end
        elif sep in ("=", ":", ":="):
            yield from _in_expression(text, place, kind, strength)


def _literals(text: str, at: int, kind: str, strength: Strength) -> tuple[list[SecretSpan], int]:
    """The secrets in the literals that are one value, and their end: `"a" "b"`, `"a" + "b"`, over lines too."""
    pieces: list[tuple[int, int, bool]] = []
    while opened := _OPEN.match(text, at):
        start = opened.end()
        stop, at = _literal_end(text, start, opened["quote"])
        pieces.append((start, stop, "f" in opened["prefix"].lower()))
        following = _NEXT.match(text, at)
        if not following or not _OPEN.match(text, following.end()) or stop == at:
            break
        at = following.end()
    whole = "".join(text[start:stop] for start, stop, _ in pieces)
    spans: list[SecretSpan] = []
    if len(pieces) == 1 or is_secret(whole, strength):
        least: Strength = strength if len(pieces) == 1 else "any"
        for start, stop, formatted in pieces:
            value = text[start:stop]
            if len(pieces) > 1 and not formatted and value.strip() and not value.replace(MASK, "").strip():
                continue
            if formatted or without_templates(value) != value:
                spans += fixed_spans(start, value, kind, least, least=3)
            elif len(pieces) > 1 or is_secret(value, strength):
                spans.append(SecretSpan(start, stop, kind))
    return spans, at


def _literal_end(text: str, start: int, quote: str) -> tuple[int, int]:
    """Where a literal's text and the literal end; one that is not closed ends with its line."""
    body = _QUOTED[quote].match(text, start) if len(quote) == 1 else None
    if body:
        return body.end(), body.end() + 1
    line = text.find("\n", start)
    line = len(text) if line < 0 else line
    if len(quote) > 1:
        close = text.find(quote, start, start + 20_000 if len(quote.lstrip("\\")) == 3 else line)
        if close >= 0:
            return close, close + len(quote)
    return line, line


_Judge = tuple[str, Strength]
"""The kind that a name tells, and how much of a secret its value must look like."""


class _Regions:
    """Where strings and comments are, as far as a look at the quotes tells."""

    _PART = re.compile(r"\"\"\"|'''|\\.|\"(?:[^\"\\\n]|\\.)*+\"|'(?:[^'\\\n]|\\.)*+'|#[^\n]*")

    def __init__(self, text: str) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        at, unclosed = 0, set[str]()
        while part := self._PART.search(text, at):
            at = part.end()
            if part[0] in ('"""', "'''"):
                close = -1 if part[0] in unclosed else text.find(part[0], at)
                if close < 0:
                    unclosed.add(part[0])
                    continue
                at = close + 3
            elif part[0][0] == "\\":
                continue
            self._starts.append(part.start())
            self._ends.append(at)

    def holds(self, place: int) -> bool:
        index = bisect_right(self._starts, place) - 1
        return index >= 0 and place < self._ends[index]


def _unquoted(
    view: SearchedText, regions: _Regions, name: int, after: re.Match[str], judge: _Judge
) -> Iterator[SecretSpan]:
    """A value without quotes: in a log, a comment, a URL, an environment or YAML file; a name in code is none."""
    text, sep, place, (kind, strength) = view.text, after["sep"], after.end(), judge
    found = _VALUE.match(text, place)
    if (
        not found
        or len(found[0]) < 3
        or found[0].lower() in _TYPES
        or sep in (",", "==", "!=", "===", "!==")
        or (sep == "" and not _is_flag(text, name))
    ):
        return
    left = name
    while left and left > name - 64 and _LEFT.match(text[left - 1]):
        left -= 1
    before = text[left - 1] if left else "\n"
    value, query = found[0], before in "?&;" or text[found.end() : found.end() + 1] == ";"
    if query:
        value = re.split(r"[&;#]", value, maxsplit=1)[0]
    if sep == ">":
        element = _ELEMENT.match(text, place)
        value = element[0] if element else ""
    value = value.rstrip(".:)]}") if not query and not value.startswith(("(", "[", "{")) else value
    if not value or CODE.match(value) or value.lower() in _TYPES:
        return
    prose = query or sep in ("is", "was", "", ">") or regions.holds(name)
    line = text.rfind("\n", max(0, left - _EXPRESSION), left) + 1
    lead = text[line:left] if line or left < _EXPRESSION else text[left - _EXPRESSION : left]
    first = (line > 0 or left < _EXPRESSION) and (
        not lead.strip("+-*> \t\"'") or lead.strip() in ("export", "- export", "set", "ENV", "SET")
    )
    alone = text[place + len(value) : place + len(value) + 1] in ("", "\n", "\r", MASK) or query
    if sep == "=" and not after["space"] and not prose:
        env = (first and (left - line <= 1 or lead.strip() != "")) or text[left : name + 1].isupper()
        prose = env or (before == " " and not first and _is_word_before(text, left))
    if sep == ":" and not prose and not after["close"] and first and alone:
        prose = not view.numbered or "-" in text[left : after.start()] or "**" in after[0]
    if len(value) > _LONG and "{" not in value and "$" not in value:
        yield SecretSpan(
            place, place + len(value), kind
        )  # no expression is that long without a space, a quote or a bracket
        return
    if not is_secret(value, strength):
        return
    if _NUMBER.fullmatch(value):
        plain_number = kind in ("token", "key", "session") or len(value) < 4 or not (prose or kind == "password")
        if plain_number:
            return
    elif not prose and _IDENTIFIER.fullmatch(value):
        if not (looks_random(value) and _DIGIT.search(value)):
            return
    elif not prose and not _LITERAL_SIGN.search(value) and not looks_random(value) and not _NO_NAME.fullmatch(value):
        return
    elif sep == ":" and prose and not alone and not is_secret(value, "some"):
        return  # the first word of a sentence
    yield SecretSpan(place, place + len(value), kind)


def _is_word_before(text: str, left: int) -> bool:
    """Whether a word or a closing bracket stands before a place: prose, for code has an operator or a comma there."""
    begin = left - 1
    while begin and begin > left - 40 and text[begin - 1].isalnum():
        begin -= 1
    word = text[begin : left - 1]
    return (bool(word) and word not in _KEYWORDS) or (begin > 0 and text[begin - 1] in ":]|!.-")


def _is_flag(text: str, name: int) -> bool:
    """`--password X`, `--db-password X`."""
    left = name
    while left and left > name - 64 and (text[left - 1].isalnum() or text[left - 1] in "_-"):
        left -= 1
    return text[left : left + 2] == "--"


def _is_place(text: str, name: int, after: re.Match[str]) -> bool:
    """Whether what follows a name can be its value, for the signs that mostly mean something else."""
    if after["sep"] not in (">", ","):
        return True
    left = name
    while left and left > name - 64 and (text[left - 1].isalnum() or text[left - 1] in "_-:."):
        left -= 1
    if after["sep"] == ">":  # `<password>`, `<db:password>`, but no group of a pattern
        return text[left - 1 : left] == "<" and text[left - 2 : left - 1] not in ("P", "?")
    # `get("TOKEN", "…")`, over lines too
    return bool(after["close"]) and _FIRST_ARGUMENT.search(text, max(0, left - 60), left) is not None


def _in_expression(text: str, place: int, kind: str, strength: Strength) -> Iterator[SecretSpan]:
    """Literals in the expression that a secret's name is given: a default, a list, or random characters in a call."""
    end = _expression_end(text, place)
    if strength != "any":  # of tokens and keys there are long tables that hold no secret
        line = text.find("\n", place, end)
        end = end if line < 0 else line
    bracket = text[place : place + 1]
    at = place
    while at < end and (opened := _OPEN_ANY.search(text, at, end)):
        stop, at = _literal_end(text, opened.end(), opened["quote"])
        value = text[opened.end() : stop]
        default = _DEFAULT.search(text, max(place, opened.start() - 40), opened.start())
        element = strength == "any" and bracket in _ELEMENTS and _ELEMENTS[bracket].search(text, place, opened.start())
        wanted: Strength = ("some" if strength == "any" else strength) if default or element else "random"
        if value and is_secret(value, wanted):
            yield SecretSpan(opened.end(), stop, kind)


def _expression_end(text: str, place: int) -> int:
    """The end of the line; where that ends with a bracket, the line that closes it, if it is near."""
    line = text.find("\n", place, place + _EXPRESSION)
    end = min(len(text), place + _EXPRESSION) if line < 0 else line
    if line < 0 or not text[place:line].rstrip().endswith(("(", "[", "{")):
        return end
    closed = _CLOSED.search(text, line, line + _LONG_EXPRESSION)
    return closed.start() if closed else end


_CLOSED = re.compile(r"\n[ \t]*[)\]}]")
_ELEMENTS = {
    "[": re.compile(r"[\[,]\s{0,40}[bru]{0,2}\Z"),
    "{": re.compile(r"[{,:]\s{0,40}[bru]{0,2}\Z"),
    "(": re.compile(r"[(,]\s{0,40}[bru]{0,2}\Z"),
}
"""What stands before an element of a list, a table or a tuple, by its bracket."""
_OPEN_ANY = re.compile(r"(?P<quote>[\"'])")
