"""A model takes part in learning: it words lessons and proposes queries, within an allowance for each document."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from reviewer.catalog.documents.reading import Reading
from reviewer.domain.report import Usage
from reviewer.errors import AllowanceError, ReviewerError, UnansweredError
from reviewer.explain.spending import Spending
from reviewer.explain.stage import ModelUse
from reviewer.lesson_wording import LessonWording
from reviewer.query_proposal import QueryProposal


@dataclass
class LessonCounsel:
    """Asks one model about one document after the other, and counts what became of it.

    Each document may take what a review may; of money all of them together may take no more than one review.

    Attributes:
        use: who is asked, at what cost.
        failures: what was not answered since a call failed, each with its document.
        notes: what was not asked, not shown or not taken, each with its document.
        worded: documents that were answered about.
    """

    use: ModelUse
    failures: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    worded: int = 0
    _spent: list[Spending] = field(default_factory=list)

    def reword(self, reading: Reading) -> tuple[Reading, QueryProposal | None]:
        """A document in the model's words, as far as it bears them out, and who proposes queries for its fix.

        What is asked about the fix holds the lesson. Nobody is asked about it while the lesson waits for an answer.

        Args:
            reading: what was read without a model.
        """
        name = reading.document.name
        use = self._use()
        wording = LessonWording(use, Spending(use.allowance))
        self._spent.append(wording.spending)
        (reworded,) = wording.reword([reading])
        self._keep(name, "its own words stand", wording.errors)
        self.notes.extend(wording.notes)
        if wording.dropped:
            count = len(wording.dropped)
            self.notes.append(f"{count} part{'s' * (count > 1)} of an answer dropped, as of {wording.dropped[0]}")
        if wording.errors:
            return reading, None
        self.worded += 1
        return reworded, QueryProposal(use, wording.spending, reworded.lesson)

    def settle(self, reading: Reading, adviser: QueryProposal | None) -> None:
        """Keep why no query was proposed.

        Args:
            reading: the document.
            adviser: who was asked.
        """
        if adviser is not None:
            self._keep(reading.document.name, "no query was proposed", adviser.unanswered)

    @property
    def usage(self) -> Usage:
        """What all documents took."""
        spent = [one.usage for one in self._spent]
        costs = [one.cost_usd for one in spent]
        return Usage(
            model_calls=sum(one.model_calls for one in spent),
            input_tokens=sum(one.input_tokens for one in spent),
            output_tokens=sum(one.output_tokens for one in spent),
            cached_tokens=sum(one.cached_tokens for one in spent),
            cost_usd=None if None in costs else sum(cost for cost in costs if cost is not None),
            elapsed_ms={},
        )

    def _use(self) -> ModelUse:
        """The model with the money that is left."""
        usd = self.use.allowance.usd
        if usd is None:
            return self.use
        spent = sum(one.usage.cost_usd or 0.0 for one in self._spent)
        return replace(self.use, allowance=replace(self.use.allowance, usd=max(0.0, usd - spent)))

    def _keep(self, name: str, meaning: str, errors: Iterable[ReviewerError]) -> None:
        for error in errors:
            passed_over = isinstance(error, UnansweredError | AllowanceError)
            (self.notes if passed_over else self.failures).append(f"{name}: {meaning}: {error}")
