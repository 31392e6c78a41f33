"""What the one who runs the service has set, as frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

GIBIBYTE = 1024**3


@dataclass(frozen=True, slots=True)
class RepositoryPolicy:
    """Which repositories may be reviewed, and what they may cost.

    Attributes:
        paths: folders of this machine below which a repository may lie.
        hosts: names of hosts that may be cloned from; "*.example.org" stands for all below it.
        schemes: transports that may be used; "https" as a rule, "http" and "file" for those who know why.
        private_addresses: a host may have an address of a private network, or of this machine.
        seconds: most time for one transfer.
        repository_bytes: most bytes of one clone.
        total_bytes: bytes of all clones together above which those least recently used are removed.
    """

    paths: tuple[Path, ...] = ()
    hosts: tuple[str, ...] = ("github.com", "gitlab.com")
    schemes: tuple[str, ...] = ("https",)
    private_addresses: bool = False
    seconds: float = 300.0
    repository_bytes: int = 2 * GIBIBYTE
    total_bytes: int = 10 * GIBIBYTE


@dataclass(frozen=True, slots=True)
class ModelPolicy:
    """Which models may be asked and how much, whatever the settings of a reviewed repository say.

    Attributes:
        allowed: who may be: "anthropic:*" for all of a provider, or whole names.
        tokens: most tokens of one review, questions and answers together.
    """

    allowed: tuple[str, ...] = ("anthropic:*", "openai:*")
    tokens: int = 500_000


@dataclass(frozen=True, slots=True)
class ServiceSettings:
    """Settings of the service and its workers.

    Attributes:
        store: URL of the database.
        folder: where clones and locks are kept on this machine.
        repositories: which may be reviewed.
        models: who may be asked to explain, and how much.
        review_seconds: most time for the analysis of one review, and again for its explanation.
        review_bytes: most memory of one analysis.
        concurrency: reviews that one process works on at once.
        in_hand: reviews that one process has begun and not ended, those included that wait for a model or a host.
        model_concurrency: reviews that one model explains at once, on all machines together.
        forge_concurrency: reviews that are fetched from one host at once, on all machines together; as many are posted.
        heartbeat_seconds: between two signs of life of a process.
        silence_seconds: after which the jobs of a silent process are taken over.
        keep_days: for which a finished review is kept; 0 for ever.
        poll_seconds: between two looks for work.
        redelivery_seconds: between two looks at the webhooks that did not get through.
    """

    store: str
    folder: Path
    repositories: RepositoryPolicy = field(default_factory=RepositoryPolicy)
    models: ModelPolicy = field(default_factory=ModelPolicy)
    review_seconds: float = 900.0
    review_bytes: int = 4 * GIBIBYTE
    concurrency: int = 2
    in_hand: int = 16
    model_concurrency: int = 4
    forge_concurrency: int = 4
    heartbeat_seconds: float = 5.0
    silence_seconds: float = 30.0
    keep_days: int = 90
    poll_seconds: float = 0.25
    redelivery_seconds: float = 600.0
