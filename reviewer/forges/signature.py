"""Who sent a webhook: decided before a byte of its body is read as JSON.

Every comparison takes the same time whatever is compared. Several secrets may hold at once, so that one can be replaced
without a gap. A delivery's id and age are for the caller, who remembers the ids it has seen.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence

from reviewer.errors import SignatureError, WebhookSizeError

LARGEST = 5 * 1024 * 1024
"""Bytes of a body; GitHub sends none above 25 MB, and what we act on is far smaller."""

_NOTHING_SET = "no secret is set for webhooks; set one here and on the forge"


def check_github(body: bytes, headers: Mapping[str, str], secrets: Sequence[str], *, largest: int = LARGEST) -> None:
    """Let a webhook of GitHub pass, or raise (docs.github.com, "Validating webhook deliveries").

    Args:
        body: the bytes as they came.
        headers: by lower-case name.
        secrets: any of which may have signed it; an empty one never counts.
        largest: bytes of a body.

    Raises:
        WebhookSizeError: the body is too large.
        SignatureError: it is not signed by any of the secrets.
    """
    _check_size(body, largest)
    given = headers.get("x-hub-signature-256", "")
    usable = _usable(secrets)
    matches = [
        hmac.compare_digest(
            b"sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest().encode(), given.encode("utf-8", "replace")
        )
        for secret in usable
    ]
    if not any(matches):
        raise SignatureError("the webhook's signature does not fit; set the same secret here and in the App or webhook")


def check_gitlab(body: bytes, headers: Mapping[str, str], secrets: Sequence[str], *, largest: int = LARGEST) -> None:
    """Let a webhook of GitLab pass, or raise (docs.gitlab.com, "Webhooks").

    GitLab signs with a signing token as standardwebhooks.com says, or sends a secret token as it is. Where a signature
    is given it alone decides.

    Args:
        body: the bytes as they came.
        headers: by lower-case name.
        secrets: signing or secret tokens; an empty one never counts.
        largest: bytes of a body.

    Raises:
        WebhookSizeError: the body is too large.
        SignatureError: neither the signature nor the token fits.
    """
    _check_size(body, largest)
    usable = _usable(secrets)
    signatures = headers.get("webhook-signature")
    if signatures is not None:
        signed = f"{headers.get('webhook-id', '')}.{headers.get('webhook-timestamp', '')}.".encode() + body
        given = [one.encode("utf-8", "replace") for one in signatures.split(" ")][:10]
        digests = [hmac.new(_key(secret), signed, hashlib.sha256).digest() for secret in usable]
        wanted = [b"v1," + base64.b64encode(digest) for digest in digests]
        matches = [hmac.compare_digest(one, other) for one in wanted for other in given]
    else:
        token = headers.get("x-gitlab-token", "").encode("utf-8", "replace")
        # Digests are of one length, so that the time does not tell that of the secret.
        digest = hashlib.sha256(token).digest()
        matches = [hmac.compare_digest(hashlib.sha256(secret).digest(), digest) for secret in usable]
    if not any(matches):
        raise SignatureError("the webhook's token does not fit; set the same one here and in the project's webhook")


def _check_size(body: bytes, largest: int) -> None:
    if len(body) > largest:
        raise WebhookSizeError(f"the webhook has {len(body)} bytes, and {largest} are the most")


def _usable(secrets: Sequence[str]) -> list[bytes]:
    usable = [secret.encode() for secret in secrets if secret]
    if not usable:
        raise SignatureError(_NOTHING_SET)
    return usable


def _key(secret: bytes) -> bytes:
    """A signing token is base64 behind a prefix (standardwebhooks.com, "Signature scheme")."""
    if not secret.startswith(b"whsec_"):
        return secret
    try:
        return base64.b64decode(secret.removeprefix(b"whsec_"), validate=True)
    except binascii.Error:
        return secret
