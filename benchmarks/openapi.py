"""Everything that the OpenAPI description of the service allows, and some that it does not, asked of the service.

usage: python -m benchmarks.openapi [--examples 100] [--seed 1]

Each operation is asked `--examples` times what it should take, and as often what it should refuse; half of the ids are
of something that there is. Prints how often each status was answered, and every answer that is a server error or not as
the description says; exit 1 where there is any.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import time
from pathlib import Path

import structlog

from reviewer.domain.access import SCOPES
from reviewer.domain.service import RepositoryPolicy, ServiceSettings
from reviewer.service_wiring import open_service
from reviewer.stores.database.database import DEFAULT_TENANT
from reviewer.surfaces.api.app import create_app
from tests.surfaces.api.conversation import Heard, ask_everything
from tests.surfaces.api.seeding import seed_store


def main() -> int:
    """Ask, and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="reviewer-openapi-") as name:
        heard = _ask(Path(name), options.examples, options.seed)
    for operation, statuses in heard.statuses.items():
        told = ", ".join(f"{status} x {count}" for status, count in sorted(statuses.items()))
        print(f"{operation}: {told}")
    total = sum(statuses.total() for statuses in heard.statuses.values())
    broken = sum("Server error" in one for one in heard.wrong)
    print(f"{len(heard.statuses)} operations, {total} requests in {time.monotonic() - began:.0f} s")
    print(f"server errors: {broken}; not as described: {len(heard.wrong)}")
    print("\n".join(heard.wrong))
    return 1 if broken or heard.wrong else 0


def _ask(folder: Path, examples: int, number: int) -> Heard:
    policy = RepositoryPolicy(paths=(folder / "repositories",))
    settings = ServiceSettings(f"sqlite:///{folder / 'service.db'}", folder, policy)
    with open_service(settings) as service:
        _, key = service.database.keys.create(DEFAULT_TENANT, "benchmark", SCOPES)
        app = create_app(service, rate_limit=10**9)
        known = seed_store(service.database)
        return ask_everything(app, {"Authorization": f"Bearer {key}"}, known, examples, number)


if __name__ == "__main__":
    sys.exit(main())
