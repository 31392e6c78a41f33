"""Which names must not be logged, or only by their length."""

from __future__ import annotations

import re

_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_SECRET = frozenset(
    {
        "password", "passwords", "passwd", "passphrase", "pwd", "pass", "pw", "secret", "secrets", "token", "tokens",
        "jwt", "bearer", "authorization", "auth", "authentication", "cookie", "cookies", "credential", "credentials",
        "cred", "creds", "key", "keys", "apikey", "keyring", "private", "signature", "sig", "hmac", "salt", "nonce",
        "otp", "totp",
        "pin", "csrf", "xsrf", "oauth", "cert", "certificate", "pem", "dsn", "session", "sessionid", "ssn", "netrc",
        "getpass", "secretstr", "secretbytes", "cvv", "cvc", "csc", "iban", "seed", "mnemonic", "mfa", "passcode",
        "passcodes", "passkey", "verification", "recovery", "pan",
    }
)  # fmt: skip
_PERSONAL = frozenset(
    {"email", "emails", "mail", "phone", "mobile", "birthday", "birthdate", "address", "addresses", "firstname",
    "lastname",
     "surname", "fullname", "passport", "card", "dob"}
)  # fmt: skip
_RUN_TOGETHER = (
    "password",
    "passwd",
    "secret",
    "token",
    "apikey",
    "credential",
    "authorization",
    "privatekey",
    "cookie",
    "passcode",
    "accountnumber",
    "taxid",
)
_HARMLESS = frozenset({"session_id", "keyword", "keywords"})
_UNBOUNDED = frozenset(
    {
        "body", "content", "contents", "data", "payload", "text", "html", "xml", "json", "raw", "bytes", "buffer",
        "buf", "chunk", "chunks", "message", "messages", "prompt", "prompts", "response", "responses", "reply",
        "answer", "result", "results", "output", "outputs", "stdout", "stderr", "stdin", "document", "documents",
        "source", "code", "diff", "patch", "image", "images", "blob", "rows", "records", "items", "lines", "values",
        "args", "kwargs", "params", "headers", "query", "sql", "config", "settings", "options", "context", "history",
        "log", "logs", "dump", "tree", "page", "template", "snippet", "markdown", "script", "input", "inputs",
        "entries", "objects", "batch", "frame", "df", "array", "tensor", "request", "event", "events", "obj", "value",
        "description", "comment", "note", "notes",
    }
)  # fmt: skip
_SCALAR = frozenset(
    {
        "id", "uid", "uuid", "guid", "pk", "name", "path", "filename", "filepath", "dir", "directory", "folder",
        "hostname", "port", "url", "uri", "timeout", "attempt", "attempts", "retry", "retries", "tries", "index", "idx",
        "i", "n", "num", "number", "count", "size", "length", "limit", "offset", "version", "branch", "lang",
        "language", "encoding", "slug", "total", "year", "month", "day", "date", "delay", "interval", "duration",
        "elapsed", "seconds", "pid", "fd", "signum", "prefix", "suffix", "extension", "ext", "lineno", "position",
        "pos", "depth", "width", "height", "rate", "ratio", "revision", "rev", "sha", "digest", "checksum", "kind",
        "mode", "scheme", "locale", "namespace", "region", "label", "phase", "epoch", "iteration", "timestamp", "ms",
        "fname", "basename", "stem", "alias", "lhost", "levelname", "status",
    }
)  # fmt: skip
"""Last words of names that are numbers or short texts, whatever the code says of them."""
_SHORT = _SCALAR | frozenset(
    {
        "file", "host", "method", "ref", "type", "level", "state", "service", "queue", "topic", "channel", "table",
        "column", "field", "model", "provider", "engine", "backend", "action", "bucket", "domain", "format", "module",
        "package", "step", "stage", "signal", "endpoint", "route", "target", "dest", "destination", "src", "line",
        "start", "end", "stop", "commit", "attr", "attribute", "option", "flag", "category", "group", "owner", "repo",
        "repository", "project", "job", "task", "worker", "role", "symbol", "command", "cmd", "tool", "plugin",
        "server", "database", "db", "collection", "code", "reason", "strategy", "platform", "environment", "tag",
        "workspace", "entrypoint", "hook", "marker", "handle", "title", "area", "color", "colour", "unit", "currency",
    }
)  # fmt: skip
"""Last words of names that are short where they are texts."""
_ADDRESS = frozenset(
    {
        "url", "urls", "uri", "uris", "href", "hrefs", "link", "links", "endpoint", "endpoints", "webhook", "webhooks",
        "proxy", "proxies", "netloc", "cmd", "cmdline", "command", "commands", "argv",
    }
)  # fmt: skip
"""Words of names that stand for an address or a command line: user and password, a token in a query, `--password`."""
_LADEN = _ADDRESS | {"headers", "header", "body", "payload", "cookie", "cookies", "dsn"}
"""The same, and of what is sent along."""
_PART_OF = (_SCALAR - _ADDRESS - {"prefix", "suffix"}) | {"host", "type", "method", "code", "state"}
"""Last words of names that stand for a harmless part of it, or for a number."""
_CORRELATING = re.compile(
    r"(?:x_)?(?:request|req|trace|span|correlation|session|user|account|tenant|customer|order|job|task|run|message|msg|"
    r"event|conversation|thread|chat|transaction|tx|workflow|execution|flow|invocation|batch|operation|agent|client|"
    r"project|organization|org|team|device|call|tool_call|connection|conn|channel|entity|execution)_?(?:id|uid|uuid)",
    re.IGNORECASE,
)


def parts_of(name: str) -> tuple[str, ...]:
    """The words of an identifier, in lower case: "apiKey2" -> ("api", "key", "2")."""
    return tuple(part.lower() for part in _PART.findall(name))


def is_secret(name: str) -> bool:
    """Whether a name, or a text that holds names, tells of a credential or of a person."""
    if name.lower() in _SECRET:
        return True  # "sessionid" is what a cookie is called, and no "session_id"
    if name.lower() in _HARMLESS or is_correlating(name):
        return False
    words = parts_of(name)
    joined = "".join(words)
    return not _SECRET.union(_PERSONAL).isdisjoint(words) or any(word in joined for word in _RUN_TOGETHER)


def is_correlating(name: str) -> bool:
    """Whether a name ties log lines of one request, user or job together."""
    return _CORRELATING.fullmatch(name) is not None


def is_unbounded(name: str) -> bool:
    """Whether what a name stands for may be as long as it likes."""
    words = parts_of(name)
    return bool(words) and (words[-1] in _UNBOUNDED or (words[-1] not in _SHORT and words[0] in _UNBOUNDED))


def is_address(name: str) -> bool:
    """Whether a name stands for an address or a command line, either of which may hold a credential."""
    words = parts_of(name)
    run = "".join(words)
    return not _is_part(words) and (
        not _ADDRESS.isdisjoint(words)
        or any(word.endswith(("url", "uri")) for word in words)
        or any(end in run for end in ("connectionstring", "connstr", "querystring"))
    )


def is_laden(name: str) -> bool:
    """Whether what a name stands for may hold a credential among other things, so that it is not logged itself."""
    words = parts_of(name)
    return is_address(name) or (not _is_part(words) and not _LADEN.isdisjoint(words))


def _is_part(words: tuple[str, ...]) -> bool:
    return bool(words) and words[-1] in _PART_OF


def is_scalar(name: str) -> bool:
    """Whether what a name stands for is a number or a short text by its name alone."""
    words = parts_of(name)
    return bool(words) and (is_correlating(name) or words[-1] in _SCALAR)


def is_short(name: str) -> bool:
    """Whether a text of this name is short."""
    words = parts_of(name)
    return bool(words) and (is_correlating(name) or words[-1] in _SHORT)
