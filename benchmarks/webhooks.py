"""Webhooks that nobody signed, and signed ones that no forge would send.

usage: python -m benchmarks.webhooks [--bodies 10000] [--seed 1]

Bodies are examples of GitHub's and GitLab's with values, names and bytes changed, or bytes alone. Each is sent once
without a valid signature, in one of the ways in which one may be wrong, and once with a valid one. Of the first none
may be let in: all must be refused with 401 (413 where it is too long), and nothing of them may stand in the store. Of
the second none may be answered with a server error. Exit 1 where one is.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import logging
import random
import string
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import structlog
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from reviewer.domain.service import ServiceSettings
from reviewer.forges.access import ForgeAccess
from reviewer.forges.signature import LARGEST
from reviewer.service_wiring import open_service
from reviewer.stores.database.database import Database
from reviewer.stores.database.tables import forge_event, webhook_delivery
from reviewer.surfaces.api.app import create_app
from tests.forges.test_events import EXAMPLES, merge_request

SECRET, TOKEN = "s3cret-of-webhooks", "t0ken-of-webhooks"
_EVENTS = {
    "github": ("pull_request", "pull_request_review_comment", "issue_comment", "deployment_protection_rule", "push"),
    "gitlab": ("Merge Request Hook", "Note Hook", "Push Hook"),
}
_ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**63, 1e308, "", " ", "\0", "é", "\ud800", "../../etc/passwd", "a" * 5000, [], {}, [[]],
    "http://169.254.169.254/", "'; DROP TABLE review; --", "0" * 40, "opened", "closed", "/reviewer waive x",
)  # fmt: skip


def main() -> int:
    """Send them, and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bodies", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="reviewer-webhooks-") as name:
        unsigned, kept, signed = _send(Path(name), options.bodies, random.Random(options.seed))
    print(f"{options.bodies} bodies in {time.monotonic() - began:.0f} s, seed {options.seed}")
    print(f"without a valid signature: {_told(unsigned)}; kept of them: {kept}")
    print(f"with one: {_told(signed)}")
    let_in = sum(count for status, count in unsigned.items() if status not in (401, 413))
    broken = sum(count for status, count in signed.items() if status >= 500)
    print(f"past the signature: {let_in}; server errors: {broken}")
    return 1 if let_in or kept or broken else 0


def _send(folder: Path, count: int, chance: random.Random) -> tuple[Counter[int], int, Counter[int]]:
    settings = ServiceSettings(f"sqlite:///{folder / 'service.db'}", folder)
    access = ForgeAccess(github="t0ken", github_webhook=(SECRET,), gitlab="t0ken", gitlab_webhook=(TOKEN,))
    unsigned: Counter[int] = Counter()
    signed: Counter[int] = Counter()
    examples = _examples()
    with open_service(settings, access) as service:
        client = TestClient(create_app(service), raise_server_exceptions=False)
        sent = []
        for _ in range(count):
            forge, body = _body(examples, chance)
            sent.append((forge, body))
            answer = client.post(f"/webhooks/{forge}", content=body, headers=_wrong(forge, body, chance))
            unsigned[answer.status_code] += 1
        kept = _kept(service.database)
        for forge, body in sent:
            answer = client.post(f"/webhooks/{forge}", content=body, headers=_right(forge, body, chance))
            signed[answer.status_code] += 1
    return unsigned, kept, signed


def _examples() -> list[tuple[str, dict[str, Any]]]:
    return [("github", one) for values in EXAMPLES.values() for one in values] + [("gitlab", merge_request())] * 20


def _body(examples: list[tuple[str, dict[str, Any]]], chance: random.Random) -> tuple[str, bytes]:
    forge, example = chance.choice(examples)
    kind = chance.random()
    if kind < 0.1:
        return forge, chance.randbytes(chance.randrange(0, 400))
    if kind < 0.11:
        return forge, b" " * (LARGEST + chance.randrange(0, 2))
    if kind < 0.15:
        return forge, (b"[" if chance.random() < 0.5 else b'{"a":') * chance.randrange(1, 50_000)
    value = json.loads(json.dumps(example))
    for _ in range(chance.randrange(1, 6)):
        _change(value, chance)
    body = bytearray(json.dumps(value).encode())
    if kind < 0.4:
        for _ in range(chance.randrange(1, 8)):
            body[chance.randrange(len(body))] = chance.randrange(256)
    return forge, bytes(body)


def _change(value: Any, chance: random.Random) -> None:
    """Change one place of a tree."""
    while True:
        keys: list[Any] = list(value) if isinstance(value, dict) else list(range(len(value)))
        if not keys:
            return
        key = chance.choice(keys)
        if isinstance(value[key], dict | list) and value[key] and chance.random() < 0.8:
            value = value[key]
            continue
        if chance.random() < 0.2:
            del value[key]
        else:
            value[key] = chance.choice(_ODD)
        return


def _event(forge: str, chance: random.Random) -> dict[str, str]:
    name = chance.choice(_EVENTS[forge])
    if chance.random() < 0.05:
        name = "".join(chance.choices(string.printable.strip(), k=20))
    header = "X-GitHub" if forge == "github" else "X-Gitlab"
    own = {} if forge == "github" else {"Idempotency-Key": str(uuid.UUID(int=chance.getrandbits(128)))}
    if forge == "github" and chance.random() < 0.95:
        own["X-GitHub-Delivery"] = str(uuid.UUID(int=chance.getrandbits(128)))
    return {f"{header}-Event": name, **own}


def _right(forge: str, body: bytes, chance: random.Random) -> dict[str, str]:
    if forge == "gitlab":
        return {**_event(forge, chance), "X-Gitlab-Token": TOKEN}
    return {**_event(forge, chance), "X-Hub-Signature-256": _signature(SECRET, body)}


def _signature(secret: str, body: bytes) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _wrong(forge: str, body: bytes, chance: random.Random) -> Mapping[str, str]:
    """Headers with a signature that is missing, of another secret, of another body, cut short, or nonsense."""
    headers = _event(forge, chance)
    right = _signature(SECRET, body)
    name = "X-Hub-Signature-256" if forge == "github" else "X-Gitlab-Token"
    wrong: list[dict[str, str]] = [
        {},
        {name: ""},
        {name: _signature(SECRET + "x", body)},
        {name: _signature(SECRET, body + b" ")},
        {name: right[:-1]},
        {name: right.removeprefix("sha256=") + "0"},
        {name: "sha256=" + "0" * 64},
        {name: "".join(chance.choices(string.printable.strip(), k=chance.randrange(1, 90)))},
        {"X-Hub-Signature": "sha1=" + hmac.new(SECRET.encode(), body, hashlib.sha1).hexdigest()},
        {"X-Gitlab-Token" if forge == "github" else "X-Hub-Signature-256": TOKEN if forge == "github" else right},
        {"webhook-signature": "v1," + "A" * 43 + "=", "webhook-timestamp": str(int(time.time())), "webhook-id": "1"},
    ]
    return {**headers, **chance.choice(wrong)}


def _kept(database: Database) -> int:
    with database.engine.connect() as connection:
        counts = [
            connection.execute(select(func.count()).select_from(table)).scalar_one()
            for table in (forge_event, webhook_delivery)
        ]
    return sum(counts)


def _told(statuses: Counter[int]) -> str:
    return ", ".join(f"{status} x {count}" for status, count in sorted(statuses.items()))


if __name__ == "__main__":
    sys.exit(main())
