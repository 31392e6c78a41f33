"""Asks forges again for webhooks that did not get through: GitHub delivers once, whether the service is up or not.

It belongs to the process that takes webhooks in: a worker is up while that one is not, and would ask in vain.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

from reviewer.domain.delivery import MissedDelivery
from reviewer.errors import ReviewerError
from reviewer.ports import WebhookLog
from reviewer.stores.database.database import Database
from reviewer.telemetry.log import logger
from reviewer.telemetry.metric import Metrics

_GRACE = 30.0
"""Seconds until the first look: whatever stands before this process has to see that it is up."""
_OLDEST = timedelta(days=3)
"""What is older is let go."""
_OVERLAP = timedelta(minutes=10)
"""By which looks overlap: the forge lists a delivery once it has given it up, perhaps a while after it tried."""
_MOST = 200
"""Asked for in one look; the rest waits for the next."""
_log = logger("reviewer.jobs")


class Redelivery(threading.Thread):
    """A thread of its own: a forge may have it wait.

    Args:
        webhooks: what the forge keeps of them.
        database: of the service; it remembers what was asked for, over restarts and for all processes.
        tenant: whose webhooks they are.
        metrics: of this process.
        seconds: between two looks.
    """

    def __init__(
        self, webhooks: WebhookLog, database: Database, tenant: str, metrics: Metrics, *, seconds: float
    ) -> None:
        super().__init__(name="redelivery", daemon=True)
        self._webhooks = webhooks
        self._known = database.deliveries
        self._tenant = tenant
        self._metrics = metrics
        self._seconds = seconds
        self._since = datetime.min.replace(tzinfo=UTC)
        self._ended = threading.Event()

    def run(self) -> None:
        """Look now and then until `stop`."""
        pause = min(_GRACE, self._seconds)
        while not self._ended.wait(pause):
            pause = self._seconds
            try:
                self.look()
            except ReviewerError as error:
                _log.warning("redelivery_failed", reason=str(error))
            except Exception:  # noqa: BLE001 (the boundary of the thread: the next look may find what can be understood)
                _log.exception("redelivery_failed")

    def look(self) -> int:
        """Ask for what did not get through since the last look that ended well; how many that were.

        Raises:
            ReviewerError: the forge, or the database, cannot be asked now.
        """
        began = datetime.now(UTC)
        asked = 0
        for missed in self._webhooks.missed(max(self._since, began - _OLDEST)):
            if asked == _MOST or self._ended.is_set():
                return asked
            asked += self._ask(missed)
        self._since = began - _OVERLAP
        return asked

    def _ask(self, missed: MissedDelivery) -> bool:
        """Ask for one that nobody has asked for; whether that was done."""
        forge, name = self._webhooks.forge, f"again:{missed.guid}"
        if not self._known.take(forge, name, self._tenant, "redelivery"):
            return False
        try:
            outcome = "asked" if self._webhooks.repeat(missed) else "refused"
        except ReviewerError:
            self._known.forget(forge, name)  # should it have been asked for all the same, twice is once in the inbox
            raise
        self._metrics.redeliveries.labels(forge, outcome).inc()
        return True

    def stop(self) -> None:
        """End."""
        self._ended.set()
        self.join(10)
