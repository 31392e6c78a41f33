"""Secrets that are known by their place: in an address, a header, a cookie, a command, a call."""

from __future__ import annotations

import re
from collections.abc import Iterator

from reviewer.explain.secrets.span import CODE, SearchedText, SecretSpan, fixed_spans
from reviewer.explain.secrets.value import MASK, is_plain, is_secret, looks_random, without_templates

KINDS = frozenset({"password", "token", "credential", "cookie", "secret", "key"})
"""Every kind that is found here."""


def find_by_place(view: SearchedText) -> Iterator[SecretSpan]:
    """Every credential in an address, a header, a command line or a call."""
    yield from _addresses(view.text)
    yield from _headers(view)
    yield from _commands(view)
    yield from _arguments(view)


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


def _addresses(text: str) -> Iterator[SecretSpan]:
    for found in (*_USERINFO.finditer(text), *_SLASHED.finditer(text)):
        value, user = found["password"] or "", found["user"]
        if found.re is _SLASHED and not text.endswith(_DATABASES, 0, found.start()):
            continue
        if _is_hidden(value):
            yield from fixed_spans(found.start("password"), value, "password", "any", least=1)
        if _is_hidden(user) and (looks_random(user) or value in _TOKEN_USERS):
            yield SecretSpan(found.start("user"), found.end("user"), "token")


def _is_hidden(value: str) -> bool:
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


def _headers(view: SearchedText) -> Iterator[SecretSpan]:
    for found in _AUTHORIZATION.finditer(view.lower):
        value = view.text[found.start("s") : found.end("s")]
        scheme = found.end("s") - found.start() and view.lower[found.start("s") - 1] in " :="
        said = re.search(r"(?:basic|bearer|token|digest|apikey|key|bot|sso-key)[ :=]{1,3}$", found[0][: -len(value)])
        if is_secret(value, "any" if scheme and said else "some") and not CODE.match(value):
            yield SecretSpan(found.start("s"), found.end("s"), "credential")
    for found in _SCHEME.finditer(view.lower):
        if is_secret(view.text[found.start("s") : found.end("s")], "some"):
            yield SecretSpan(found.start("s"), found.end("s"), "credential")
    for found in _COOKIE.finditer(view.lower):
        at = found.end()
        while crumb := _CRUMB.match(view.text, at):
            if crumb["name"].lower() not in _CRUMB_NAMES and (len(crumb["s"]) > 3 and not is_plain(crumb["s"])):
                yield SecretSpan(crumb.start("s"), crumb.end("s"), "cookie")
            at = crumb.end()


# The manuals of curl, mysql, sshpass and docker; netrc as in ftp(1); SQL as in PostgreSQL's CREATE ROLE
_GAP = r"(?:[ \t]{1,8}|=|\\?[\"'],[ \t]{0,8}\\?[\"'])"
_COMMANDS = tuple(
    (sign, re.compile(pattern))
    for sign, pattern in (
        ("-u", rf"-(?:u|-user|-proxy-user){_GAP}\\?[\"']?[^\s:\"'\\]{{1,128}}:(?P<s>[^\s\"'\\]{{1,256}})"),
        ("mysql", r"mysql(?:dump|admin)?(?=[\s\"'])[^\n]{0,200}?[\s\"']-p(?P<s>[^\s\"'\\]{3,256})"),
        ("sshpass", rf"sshpass[^\n]{{0,100}}?-p{_GAP}?\\?[\"']?(?P<s>[^\s\"'\\]{{3,256}})"),
        ("login", rf"login(?=[\s\"'])[^\n]{{0,200}}?[\s\"']-p{_GAP}\\?[\"']?(?P<s>[^\s\"'\\]{{3,256}})"),
        ("redis", rf"redis(?:-cli)?(?=[\s\"'])[^\n]{{0,200}}?[\s\"']-a{_GAP}\\?[\"']?(?P<s>[^\s\"'\\]{{3,256}})"),
        ("login", r"login\s{1,8}\S{1,128}\s{1,8}password\s{1,8}\\?[\"']?(?P<s>[^\s\"'\\]{1,256})"),
        (
            "dentified",
            r"dentified\s{1,4}(?:with\s{1,4}\w{1,40}\s{1,4})?by\s{1,4}\\?[\"'](?P<s>[^\"'\\\n]{1,256})",
        ),
    )
)


def _commands(view: SearchedText) -> Iterator[SecretSpan]:
    for sign, command in _COMMANDS:
        for found in command.finditer(view.lower) if sign in view.lower else ():
            value = view.text[found.start("s") : found.end("s")]
            if _is_hidden(value) and not value.isdigit() and not CODE.match(value):
                yield SecretSpan(found.start("s"), found.end("s"), "password")


# The documentation of requests and httpx (auth), smtplib and ftplib (login), hmac, PyJWT, cryptography and PyCryptodome
_TEXT = r"[bru]{0,2}(?:\"(?P<s>[^\"\\\n]{3,256})\"|'(?P<t>[^'\\\n]{3,256})')"
_FIRST = r"\s{0,40}(?:\"[^\"\n]{0,128}\"|'[^'\n]{0,128}'|[\w.]{1,64}(?:\[[^\]\n]{1,64}\])?)\s{0,8},\s{0,40}"
_ARGUMENTS = tuple(
    (sign, kind, re.compile(pattern))
    for sign, kind, pattern in (
        ("auth", "password", rf"auth\s{{0,4}}=\s{{0,4}}\({_FIRST}{_TEXT}"),
        ("auth(", "password", rf"(?:basic|digest)auth\({_FIRST}{_TEXT}"),
        (".login(", "password", rf"\.login\({_FIRST}{_TEXT}"),
        ("jwt.", "secret", rf"jwt\.(?:en|de)code\({_FIRST}{_TEXT}"),
        ("hmac.new(", "secret", rf"hmac\.new\(\s{{0,40}}{_TEXT}"),
        ("fernet(", "key", rf"fernet\(\s{{0,40}}{_TEXT}"),
        (".new(", "key", rf"(?:aes|des3?|chacha20|blowfish)\.new\(\s{{0,40}}{_TEXT}"),
    )
)


def _arguments(view: SearchedText) -> Iterator[SecretSpan]:
    """What calls take in places where nothing but a password or a key stands."""
    for sign, kind, call in _ARGUMENTS:
        for found in call.finditer(view.lower) if sign in view.lower else ():
            group = "s" if found["s"] is not None else "t"
            start, end = found.span(group)
            value = view.text[start:end]
            if _is_hidden(value) and " " not in value.strip():
                yield SecretSpan(start, end, kind)
