"""Secrets taken out of everything that is sent to a language model.

Two readers look at the text: one knows the published shapes of tokens (`secret_format`), the other the names of secrets
and what is written beside them (`secret_value` judges that). A marker such as `[removed: password]` takes the place of
what they find; names, quotes, keywords, lines and the line numbers before a `|` stay.

The search takes time linear in the text, whatever the text is: every pattern looks at a bounded number of characters or
starts once in each run of them.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from reviewer.explain.secret_format import FORMATS
from reviewer.explain.secret_value import (
    MASK,
    Strength,
    fixed_parts,
    is_plain,
    is_secret,
    looks_random,
    without_templates,
)


@dataclass(frozen=True)
class Redacted:
    """A text that may leave.

    Attributes:
        text: the text, with a marker for each secret.
        removed: the kind of each secret that was removed, in the order of the text.
    """

    text: str
    removed: tuple[str, ...]


def redact(text: str) -> Redacted:
    """Take secrets and credentials out of a text: code with or without line numbers, URLs, logs, names, messages.

    Args:
        text: anything; it is not parsed, so broken code and prose are read too.

    Returns:
        The text with as many lines as before. Redacting it again removes nothing.
    """
    removed: list[str] = []
    for _ in range(_ROUNDS):
        view = _View(text)
        spans = _merge(_find(view), view.text)
        if not spans:
            break
        removed += [span.kind for span in spans]
        text = view.replace(spans)
    return Redacted(text, tuple(removed))


_ROUNDS = 8
"""What was removed may join what stood on both its sides; the text is read again until nothing is found."""
_WORD_KINDS = (
    "private key",
    "password",
    "passphrase",
    "secret",
    "token",
    "key",
    "credential",
    "session",
    "cookie",
    "card number",
    "AWS secret key",
)
_MARKER = re.compile(
    rf"\[removed: (?:{'|'.join(re.escape(kind) for kind in sorted({*_WORD_KINDS, *(f.kind for f in FORMATS)}))})\]"
)
_GUTTER = re.compile(r"^[ \t]{0,12}[0-9]{1,7}[ \t]{0,2}[-+~>*!]?[ \t]{0,2}\|(?: |$)?", re.MULTILINE)
_BREAK = re.compile(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


@dataclass(frozen=True)
class _Span:
    start: int
    end: int
    kind: str


class _View:
    """The text without its gutters, markers masked, and the way back to the text."""

    def __init__(self, original: str) -> None:
        self._original = original
        pieces, self._starts, self._shifts, end, length = [], [0], [0], 0, 0
        for gutter in _GUTTER.finditer(original):
            pieces.append(original[end : gutter.start()])
            length += len(pieces[-1])
            end = gutter.end()
            self._starts.append(length)
            self._shifts.append(end - length)
        pieces.append(original[end:])
        self.numbered = len(self._starts) > 1
        self.text = _MARKER.sub(lambda found: MASK * len(found[0]), "".join(pieces))
        self.lower = self.text.lower() if self.text.isascii() else self.text.translate(_LOWER)

    def replace(self, spans: Iterable[_Span]) -> str:
        """The original with a marker in place of each span, one in each line that the span covers."""
        parts, end = [], 0
        for span in spans:
            for start, stop in self._lines(span):
                at = start + self._shifts[bisect_right(self._starts, start) - 1]
                parts += [self._original[end:at], f"[removed: {span.kind}]"]
                end = at + stop - start
        return "".join([*parts, self._original[end:]])

    def _lines(self, span: _Span) -> Iterator[tuple[int, int]]:
        start = span.start
        for found in _BREAK.finditer(self.text, span.start, span.end):
            yield from _bare(self.text, start, found.start(), whole=start == span.start)
            start = found.end()
        yield from _bare(self.text, start, span.end, whole=start == span.start)


_LEAD = re.compile(r"[\s\"'`(\[#>*,]*(?:[rRbBfFuU]{1,2}(?=[\"']))?[\"'`]*")
_TRAIL = " \t\"'`,)]\\"


def _bare(text: str, start: int, end: int, *, whole: bool) -> Iterator[tuple[int, int]]:
    """One line of a span, without the quotes and brackets around it where the span goes over several lines."""
    if not whole and (lead := _LEAD.match(text, start, end)):
        start = lead.end()
    stop = start + len(text[start:end].rstrip(_TRAIL))
    if stop > start:
        yield (start, end if whole and stop == start else stop)


def _merge(spans: Iterable[_Span], text: str) -> list[_Span]:
    """Spans in order of the text without overlaps; what found a secret first names it."""
    merged: list[tuple[int, int, int, str]] = []
    ranked = ((span.start, span.end, rank, span.kind) for rank, span in enumerate(spans))
    for start, end, rank, kind in sorted(ranked):
        if not text[start:end].strip(f"{MASK} \t\"'`,)]\\\n\r"):
            continue
        if merged and start < merged[-1][1]:
            first, stop, best, name = merged[-1]
            merged[-1] = (first, max(stop, end), *min((best, name), (rank, kind)))
        else:
            merged.append((start, end, rank, kind))
    return [_Span(start, end, kind) for start, end, _, kind in merged]


def _find(view: _View) -> Iterator[_Span]:
    yield from _key_blocks(view.text)
    yield from _formats(view.text)
    yield from _cards(view.text)
    yield from _addresses(view.text)
    yield from _headers(view)
    yield from _commands(view)
    yield from _named(view)


# --- what is known by its shape

_REST = re.compile(r"[A-Za-z0-9]*")
_AWS_ID = "AWS access key id"
_AWS_SECRET = re.compile(r"(?<![A-Za-z0-9/+=_-])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=_-])")
_NEAR = 300


def _formats(text: str) -> Iterator[_Span]:
    for known in FORMATS:
        if known.sign not in text:
            continue
        group = "s" if known.pattern.groups else 0
        for found in known.pattern.finditer(text):
            rest = _REST.match(text, found.end(group))
            yield _Span(found.start(group), rest.end() if rest else found.end(group), known.kind)
            if known.kind == _AWS_ID:
                # The secret of an AWS key has no sign of its own; it stands beside the id.
                near = _AWS_SECRET.search(text, found.end(), found.end() + _NEAR)
                if near and looks_random(near[0]):
                    yield _Span(near.start(), near.end(), "AWS secret key")


# PEM, OpenPGP and PuTTY keys: RFC 7468, RFC 9580 section 6.2, PuTTY's appendix on its key file format
_BEGIN = re.compile(r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,4}PRIVATE KEY(?: BLOCK)?-----|Private-Lines: [0-9]{1,4}")
_BODY = re.compile(
    r"(?:\\+[nrt]|[\s\"'`,()\[\]#>*;\\]|[brfu](?=[\"'])|\w{1,40} \+= |\+ |\+$"
    r"|(?:Proc-Type|DEK-Info|Comment|Version|Hash|Charset|MessageID): ?[^\n\\\"']{0,200}|[A-Za-z0-9+/=]{16,}+)*+",
    re.MULTILINE,
)
_CLOSE = re.compile(r"[A-Za-z0-9+/=]{0,16}[\s\"'`,()\[\]#>*+;\\nr]{0,200}-----END [A-Z0-9 ]{1,60}-----")
_RUN = re.compile(r"[A-Za-z0-9+/=]{16}")
_END = re.compile(r"-----END (?:[A-Z0-9]{1,12} ){0,4}PRIVATE KEY(?: BLOCK)?-----")
_KEY_LINE = re.compile(r"[\s\"'`,()\[\]#>*;]*[brfu]?[\"']?[A-Za-z0-9+/=]{16,}(?:\\+[nr])*[\s\"'`,()\[\]+;\\]*\n?")


def _key_blocks(text: str) -> Iterator[_Span]:
    end = 0
    for begin in _BEGIN.finditer(text):
        if begin.start() < end or not (body := _BODY.match(text, begin.end())) or not _RUN.search(body[0]):
            continue
        close = _CLOSE.match(text, body.end())
        end = close.end() if close else body.end() - (len(body[0]) - len(body[0].rstrip(" \t\n\"'`,()[]#>*;\\")))
        yield _Span(begin.start(), end, "private key")
    # An end without its beginning: the lines of the key before it.
    for last in _END.finditer(text):
        if last.start() >= end:
            start = line = text.rfind("\n", 0, last.start()) + 1
            while line > end and _KEY_LINE.fullmatch(text, before := text.rfind("\n", 0, line - 1) + 1, line):
                start = line = before
            if start < text.rfind("\n", 0, last.start()) + 1:
                yield _Span(start, last.end(), "private key")
            end = last.end()


# Card numbers by their issuer's beginning and length (ISO/IEC 7812), checked by Luhn's formula
_CARD = re.compile(
    r"(?<![A-Za-z0-9_.+-])(?:4[0-9]{3}|5[1-5][0-9]{2}|2[2-7][0-9]{2}|6(?:011|5[0-9]{2})|35[0-9]{2})(?P<a>[ -]?)"
    r"[0-9]{4}(?P=a)[0-9]{4}(?P=a)[0-9]{4}(?![A-Za-z0-9_-]|\.[0-9])"
    r"|(?<![A-Za-z0-9_.+-])3[47][0-9]{2}(?P<b>[ -]?)[0-9]{6}(?P=b)[0-9]{5}(?![A-Za-z0-9_-]|\.[0-9])"
)


def _cards(text: str) -> Iterator[_Span]:
    for found in _CARD.finditer(text):
        digits = [int(char) for char in found[0] if char.isdigit()]
        doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
        if (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0 and len(set(digits)) > 1:
            yield _Span(found.start(), found.end(), "card number")


# --- what is known by its place

# RFC 3986 section 3.2.1 (userinfo); databases take passwords with a slash, written as it should not be
_USERINFO = re.compile(r"://(?P<user>[^\s/?#\"'<>@:]{0,256})(?::(?P<password>[^\s/\"'<>]{0,256}))?@")
_SLASHED = re.compile(r"://(?P<user>[^\s/?#\"'<>@:]{0,256}):(?P<password>[^\s\"'<>@?]{1,256})@")
_DATABASES = (
    "sql",
    "postgres",
    "psycopg",
    "psycopg2",
    "asyncpg",
    "redis",
    "rediss",
    "mongodb",
    "+srv",
    "amqp",
    "amqps",
)
_TOKEN_USERS = frozenset({"x-oauth-basic", "x-access-token", "oauth2", "x-token-auth", "__token__", "token"})


def _addresses(text: str) -> Iterator[_Span]:
    for found in (*_USERINFO.finditer(text), *_SLASHED.finditer(text)):
        value, user = found["password"] or "", found["user"]
        if found.re is _SLASHED and not text.endswith(_DATABASES, 0, found.start()):
            continue
        if is_hidden(value):
            yield from _fixed(found.start("password"), value, "password", "any", least=1)
        if is_hidden(user) and (looks_random(user) or value in _TOKEN_USERS):
            yield _Span(found.start("user"), found.end("user"), "token")


def is_hidden(value: str) -> bool:
    """Whether a part of an address can be a credential: no template, no stars, nothing removed already."""
    rest = without_templates(value).replace(MASK, "").strip("*.x:@<>{}[]()$% ")
    return rest.lower() not in _CALLED and not (len(value) > 3 and value != "secret" and is_plain(value))


_CALLED = frozenset({"", "password", "pass", "passwd", "pwd", "token", "pw"})

# RFC 9110 section 11 (credentials), RFC 6265 section 4 (cookies)
_AUTHORIZATION = re.compile(
    r"authorization\\?[\"'`]?\]?[ \t]{0,8}(?::|=|,)[ \t]{0,8}[bfru]{0,2}\\?[\"'`]?"
    r"(?:(?:basic|bearer|token|digest|apikey|key|bot|negotiate|sso-key|genie(?:key)?)[ :=]{1,3})?"
    r"(?P<s>[^\s\"'`,;\\(){}<>]{3,4096})"
)
_SCHEME = re.compile(r"(?<![a-z0-9_])(?:bearer|basic) (?P<s>[a-z0-9+/=._~-]{8,4096})")
_COOKIE = re.compile(
    r"(?<![a-z])(?:set-)?cookie2?s?\\?[\"'`]?\]?[ \t]{0,8}[:=][ \t]{0,8}[bfru]{0,2}\\?[\"'`]?(?=[\w.-]{1,80}=)"
)
_CRUMB = re.compile(r"(?P<name>[\w.-]{1,80})=(?P<s>[^\s\"'`,;\\(){}<>]{0,4096})(?:; ?|$)?")
_CRUMB_NAMES = frozenset(["path", "domain", "expires", "max-age", "samesite", "version", "priority"])


def _headers(view: _View) -> Iterator[_Span]:
    for found in _AUTHORIZATION.finditer(view.lower):
        value = view.text[found.start("s") : found.end("s")]
        scheme = found.end("s") - found.start() and view.lower[found.start("s") - 1] in " :="
        said = re.search(r"(?:basic|bearer|token|digest|apikey|key|bot|sso-key)[ :=]{1,3}$", found[0][: -len(value)])
        if is_secret(value, "any" if scheme and said else "some") and not _CODE.match(value):
            yield _Span(found.start("s"), found.end("s"), "credential")
    for found in _SCHEME.finditer(view.lower):
        if is_secret(view.text[found.start("s") : found.end("s")], "some"):
            yield _Span(found.start("s"), found.end("s"), "credential")
    for found in _COOKIE.finditer(view.lower):
        at = found.end()
        while crumb := _CRUMB.match(view.text, at):
            if crumb["name"].lower() not in _CRUMB_NAMES and (len(crumb["s"]) > 3 and not is_plain(crumb["s"])):
                yield _Span(crumb.start("s"), crumb.end("s"), "cookie")
            at = crumb.end()


# The manuals of curl, mysql, sshpass and docker; netrc as in ftp(1); SQL as in PostgreSQL's CREATE ROLE
_GAP = r"(?:[ \t]{1,8}|=|\\?[\"'],[ \t]{0,8}\\?[\"'])"
_COMMANDS = tuple(
    (sign, re.compile(pattern))
    for sign, pattern in (
        ("-u", rf"-(?:u|-user|-proxy-user){_GAP}\\?[\"']?[^\s:\"'\\]{{1,128}}:(?P<s>[^\s\"'\\]{{1,256}})"),
        ("mysql", r"mysql(?:dump|admin)?(?=[\s\"'])[^\n]{0,200}?[\s\"']-p(?P<s>[^\s\"'\\]{3,256})"),
        ("sshpass", rf"sshpass[^\n]{{0,100}}?-p{_GAP}?\\?[\"']?(?P<s>[^\s\"'\\]{{3,256}})"),
        ("login", rf"login[\s\"'][^\n]{{0,200}}?[\s\"']-p{_GAP}\\?[\"']?(?P<s>[^\s\"'\\]{{3,256}})"),
        ("redis", rf"redis(?:-cli)?[\s\"'][^\n]{{0,200}}?[\s\"']-a{_GAP}\\?[\"']?(?P<s>[^\s\"'\\]{{3,256}})"),
        ("login", r"login\s{1,8}\S{1,128}\s{1,8}password\s{1,8}\\?[\"']?(?P<s>[^\s\"'\\]{1,256})"),
        (
            "dentified",
            r"dentified\s{1,4}(?:with\s{1,4}\w{1,40}\s{1,4})?by\s{1,4}\\?[\"'](?P<s>[^\"'\\\n]{1,256})",
        ),
    )
)


def _commands(view: _View) -> Iterator[_Span]:
    for sign, command in _COMMANDS:
        for found in command.finditer(view.lower) if sign in view.lower else ():
            value = view.text[found.start("s") : found.end("s")]
            if is_hidden(value) and not value.isdigit() and not _CODE.match(value):
                yield _Span(found.start("s"), found.end("s"), "password")


# --- what is known by its name

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
    "password": ("passw(?:or)?ds?", "passwort", "pass(?<![a-z]pass)(?![a-z])", "pwd"),
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
_AFTER = re.compile(
    r"(?:[_.-]?(?:value|string|str|default|prod|production|dev|test|staging|live|old|new|raw|plain|plaintext|clear|text|"
    r"b64|base64|hex|bytes|primary|secondary|main|admin|root|user|[0-9]{1,3}))?+"
    r"(?P<close>\\*[\"'`]?\]?)[ \t]{0,16}"
    r"(?::[ \t]{0,8}[A-Za-z_][\w.\[\]|, \t]{0,60}(?==[^=]))?"
    r"(?P<sep>=>|:=|===?|!==?|=|:|,|>|\((?=[bfru]{0,2}[\"'])|(?<=[ \t])(?:is|was)(?=[ \t])"
    r"|(?<=[ \t])(?=\\?[\"'])|(?<=[ \t])(?=[^\s:=]))"
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
_LINE = re.compile(r"[^\n]*")
_VALUE = re.compile(r"[^\s\"'`,;<>\\|]{1,512}")
_CODE = re.compile(r"(?:await |not |lambda )|[({\[]|[A-Za-z_][\w.]*[(\[]|[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+[),]*$")
_IDENTIFIER = re.compile(r"[A-Za-z_]\w*")
_NUMBER = re.compile(r"[-+]?[0-9][0-9_.]*(?:e[0-9]+)?")
_LEFT = re.compile(r"[A-Za-z0-9_.$-]")
_DEFAULT = re.compile(
    r"(?:\b(?:or|else)|\b(?:SecretStr|Secret|SecretBytes|default=|default_factory=)\(?|,)[ \t]{0,4}(?:default=)?$"
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


def _named(view: _View) -> Iterator[_Span]:
    """Values beside the names of secrets: assigned, passed, mapped, compared, written in a comment or a log."""
    text = view.text
    regions: _Regions | None = None
    at = 0
    while name := _NAME.search(view.lower, at):
        at = name.end()
        after = _AFTER.match(text, at)
        if not after or not _is_place(text, name.start(), after):
            continue
        group = next((key for key, names in _GROUPS.items() if names.fullmatch(view.lower, *name.span())), "weak")
        strength, kind = _STRENGTHS[group], _KINDS.get(group, group)
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
                strength = "any" if group == "password" else "random"
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


def _literals(text: str, at: int, kind: str, strength: Strength) -> tuple[list[_Span], int]:
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
    spans: list[_Span] = []
    if len(pieces) == 1 or is_secret(whole, strength):
        least: Strength = strength if len(pieces) == 1 else "any"
        for start, stop, formatted in pieces:
            value = text[start:stop]
            if len(pieces) > 1 and not formatted and value.strip() and not is_hidden_piece(value):
                continue
            if formatted or without_templates(value) != value:
                spans += _fixed(start, value, kind, least, least=3)
            elif len(pieces) > 1 or is_secret(value, strength):
                spans.append(_Span(start, stop, kind))
    return spans, at


def is_hidden_piece(value: str) -> bool:
    """Whether a piece of a value that is secret as a whole holds anything of it."""
    return bool(value.replace(MASK, "").strip())


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


def _fixed(start: int, value: str, kind: str, strength: Strength, *, least: int) -> Iterator[_Span]:
    """The fixed parts of a value that holds templates."""
    rest = without_templates(value)
    if rest == value:
        if least == 1 or is_secret(value, strength):
            yield _Span(start, start + len(value), kind)
        return
    for begin, end in fixed_parts(value):
        part = value[begin:end]
        if len(part.strip(" :/@.-_&?=,;")) >= least and (
            is_secret(part, "some") or (strength == "any" and part.isalnum() and not is_plain(part))
        ):
            yield _Span(start + begin, start + end, kind)


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


def _unquoted(view: _View, regions: _Regions, name: int, after: re.Match[str], judge: _Judge) -> Iterator[_Span]:
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
        value = re.split("<", text[place : place + 512], maxsplit=1)[0]
    value = value.rstrip(".:)]}") if not query and not value.startswith(("(", "[", "{")) else value
    if not value or _CODE.match(value) or value.lower() in _TYPES:
        return
    prose = query or sep in ("is", "was", "", ">") or regions.holds(name)
    line = text.rfind("\n", max(0, left - _EXPRESSION), left) + 1
    first = ((line > 0 or left < _EXPRESSION) and not text[line:left].strip("+-> \t\"'")) or text[
        line:left
    ].strip() in ("export", "- export", "set", "ENV", "SET")
    alone = text[place + len(value) : place + len(value) + 1] in ("", "\n", "\r", MASK) or query
    if sep == "=" and not after["space"] and not prose:
        env = (first and (left - line <= 1 or text[line:left].strip() != "")) or text[left : name + 1].isupper()
        prose = env or (before == " " and not first and _is_word_before(text, left))
    if sep == ":" and not prose and not after["close"] and first and alone:
        prose = not view.numbered or "-" in text[left : after.start()]
    if len(value) > _LONG and "{" not in value and "$" not in value:
        yield _Span(place, place + len(value), kind)  # no expression is that long without a space, a quote or a bracket
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
    yield _Span(place, place + len(value), kind)


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
    return bool(after["close"]) and text[max(0, left - 2) : left] in ("('", '("')  # `get("TOKEN", "…")`


def _in_expression(text: str, place: int, kind: str, strength: Strength) -> Iterator[_Span]:
    """Literals in the expression that a secret's name is given: a default, or random characters in a call."""
    line = text.find("\n", place, place + _EXPRESSION)
    end = min(len(text), place + _EXPRESSION) if line < 0 else line
    at = place
    while at < end and (opened := _OPEN_ANY.search(text, at, end)):
        stop, at = _literal_end(text, opened.end(), opened["quote"])
        value = text[opened.end() : stop]
        default = _DEFAULT.search(text, max(place, opened.start() - 40), opened.start())
        wanted: Strength = ("some" if strength == "any" else strength) if default else "random"
        if value and is_secret(value, wanted):
            yield _Span(opened.end(), stop, kind)


_OPEN_ANY = re.compile(r"(?P<quote>[\"'])")
