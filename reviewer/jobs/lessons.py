"""The steps that learn a post-mortem into the tenant's catalog."""

from __future__ import annotations

from dataclasses import replace

from reviewer.domain.report import Usage
from reviewer.domain.request import ReviewRequest, State
from reviewer.domain.service import ServiceSettings
from reviewer.errors import ReviewerError, StoreError
from reviewer.jobs.apart import ProcessPool
from reviewer.jobs.inputs import AnalysisInputs
from reviewer.jobs.lesson import Document, learn_document, named_model
from reviewer.jobs.models import allowed_model
from reviewer.jobs.outcome import Outcome, passes, wait_of
from reviewer.stores.database.database import Database
from reviewer.stores.database.postmortems import PostmortemRecord
from reviewer.telemetry.log import logger
from reviewer.telemetry.observation import Observation

_log = logger("reviewer.jobs")


class LessonSteps:
    """Learns post-mortems.

    Args:
        settings: of the service.
        database: where post-mortems are kept.
        observation: where the process tells of itself.
        inputs: where changes and catalogs are.
        processes: that learn.
    """

    def __init__(
        self,
        settings: ServiceSettings,
        database: Database,
        observation: Observation,
        inputs: AnalysisInputs,
        processes: ProcessPool,
    ) -> None:
        self._settings = settings
        self._database = database
        self._observation = observation
        self._inputs = inputs
        self._processes = processes

    def choose(self, tenant: str, identity: str) -> Outcome:
        """Who takes part in learning one, by the rules for reviews: whom the client named, else the settings.

        Returns:
            "model": its name, or None; "note": what a person should know of the choice.

        Raises:
            StoreError: the database is away; the step is worth repeating.
        """
        record = self._database.postmortems(tenant).get(identity)
        if record.state.is_final:
            return {"ended": True}
        of_settings: str | None = None
        if record.model is None and record.fix is not None:
            try:
                document = self._document(tenant, record)
                of_settings = self._processes.run(named_model, document, self._settings.review_seconds)["model"]
            except StoreError:
                raise
            except ReviewerError:
                return {}  # whoever learns meets the same, and tells of it
        chosen = allowed_model(record.model, of_settings, self._settings.models.allowed)
        return {"model": chosen.name, "note": chosen.note}

    def learn(
        self, tenant: str, identity: str, model: str | None = None, note: str | None = None, last: bool = True
    ) -> Outcome:
        """Learn one. To learn the same again changes nothing in a catalog.

        Args:
            tenant: whose it is.
            identity: the post-mortem.
            model: who takes part; None for nobody.
            note: what a person should know of that choice.
            last: a failure that may pass is one all the same; else the answer is "again" with seconds to wait.

        Raises:
            StoreError: the database is away; the step is worth repeating.
        """
        postmortems = self._database.postmortems(tenant)
        record = postmortems.get(identity)
        if record.state.is_final:
            return {}
        try:
            document = replace(self._document(tenant, record), model=model, models=self._settings.models)
            with self._observation.step("learn", None, postmortem=identity, tenant=tenant):
                learned = self._processes.run(learn_document, document, self._settings.review_seconds)
            if note is not None:
                learned["notes"] = [*learned["notes"], note]
            postmortems.finish(identity, State.DONE, learned)
            if model is not None and "usage" in learned:
                self._observation.metrics.count_usage(model, Usage(**learned["usage"]))
        except StoreError:
            raise
        except ReviewerError as error:
            if not last and passes(error):
                return {"again": wait_of(error)}
            postmortems.finish(identity, State.FAILED, {"failure": str(error)})
        except Exception as error:  # noqa: BLE001 (the boundary of a job: a fault of this program loses nothing)
            _log.exception("step_failed", part="learn", postmortem=identity)
            reason = f"this is a bug in reviewer ({type(error).__name__}); please report it"
            postmortems.finish(identity, State.FAILED, {"failure": reason})
        return {}

    def _document(self, tenant: str, record: PostmortemRecord) -> Document:
        document = Document(record.name, record.document, self._inputs.catalogs.place(tenant))
        if record.repository is None or record.fix is None:
            return document
        place = self._inputs.sources.locate_fix(
            ReviewRequest(repository=record.repository, head=record.fix, tenant=tenant)
        )
        return Document(
            document.name, document.text, document.catalog, place.folder, record.repository, place.head or record.fix
        )
