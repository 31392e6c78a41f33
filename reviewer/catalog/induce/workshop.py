"""Where a fix is made into a detector: what is read once for all fixes of one repository."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice

from reviewer.catalog.assistant import assistant_of_lines
from reviewer.catalog.induce.advice import Advised, Adviser, Case, advise, better, is_firm
from reviewer.catalog.induce.ground import ground_of
from reviewer.catalog.induce.induction import Induced, prove
from reviewer.catalog.induce.names import Names
from reviewer.catalog.induce.trait import Sample
from reviewer.catalog.replay.background import Background, library_background, project_background
from reviewer.catalog.replay.trial import Trial, admitted
from reviewer.detectors.registry import all_rules
from reviewer.domain.detector import Detector
from reviewer.domain.fix import Fix
from reviewer.domain.pattern import Pattern, Replay, State
from reviewer.errors import FixError
from reviewer.flow.reading import Surroundings
from reviewer.knowledge.lookup import Knowledge
from reviewer.ports import FixSource, Sources

_NAMES_LINES = 200_000
"""Lines of the project that its own names are read from."""
_MOST_NOISE = 40
"""Places of each background that the next queries are held away from."""

_MOST_PLACES = 2
"""Places of each background that an adviser is told."""
_MOST_CODE = 100

_NOTHING = (
    "nothing that is known of the code before the fix tells it from the code after it; write the detector by hand"
)

OpenRevision = Callable[[str], Sources]
"""Opens the files of a commit."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What a fix gave.

    Attributes:
        fix: the fix.
        known: the pattern of the catalog that its replay proves on this fix too; None where none does.
        induced: the detector that was made from it; None where none tells before and after apart.
        notes: what a person should know.
        assistant: who wrote most of the lines that failed, where their commits name one; "" where that is unknown.
    """

    fix: Fix
    known: Pattern | None = None
    induced: Induced | None = None
    notes: tuple[str, ...] = ()
    assistant: str = ""


class Workshop:
    """Makes detectors from the fixes of one repository.

    Args:
        source: gives the fixes.
        revision: opens the files of a commit around them.
        knowledge: what libraries do.
    """

    def __init__(self, source: FixSource, revision: OpenRevision, knowledge: Knowledge) -> None:
        self._source = source
        self._revision = revision
        self._around = Surroundings(knowledge)
        self._libraries = library_background(self._around)

    def work(self, commit: str, known: Sequence[Pattern], adviser: Adviser | None = None) -> Proof:
        """Find what tells the code before a fix from the code after it.

        Args:
            commit: the fix.
            known: patterns of the catalog that run; one that meets the fix is preferred to a new one.
            adviser: proposes queries where none that was induced holds; None for nobody.

        Raises:
            FixError: it is no fix that can be read.
            RepositoryError: git failed.
        """
        fix = self._source.fix(commit)
        proof = self._prove(fix, known, adviser)
        return replace(proof, assistant=assistant_of_lines(self._source.authors(fix)))

    def _prove(self, fix: Fix, known: Sequence[Pattern], adviser: Adviser | None) -> Proof:
        with closing(self._revision(fix.parent)) as before, closing(self._revision(fix.commit)) as after:
            try:
                trial, project = self._trial(fix, before, after)
            except FixError as error:
                return Proof(fix, notes=(str(error),))
            met = self._met(trial, known)
            if met is not None:
                return Proof(fix, known=met, notes=trial.failures)
            names = self._names(fix)
            rules = trial.screen([Detector("rule", rule=rule.id) for rule in all_rules()])

            def noise(detector: Detector) -> Iterator[Sample]:
                return _noise(detector, (self._libraries, project), names)

            ground = ground_of(trial, names)
            induced = prove(trial, ground, rules, noise)
            notes = list(trial.failures)
            if adviser is not None and not is_firm(induced):
                places = partial(_places, (self._libraries, project))
                advised = advise(adviser, Case(trial, ground, names.knowing(self._libraries.words), induced), places)
                notes.extend(_told(advised))
                induced = better(induced, advised.best)
            if induced is None:
                notes.append(_NOTHING)
            return Proof(fix, induced=induced, notes=tuple(notes))

    def replay(self, commit: str, detector: Detector) -> Replay:
        """Run a detector on a fix again.

        Raises:
            FixError: as `work`, or it changes nothing that a detector could see.
        """
        fix = self._source.fix(commit)
        with closing(self._revision(fix.parent)) as before, closing(self._revision(fix.commit)) as after:
            trial, _ = self._trial(fix, before, after)
            return trial.replay(detector)

    def _trial(self, fix: Fix, before: Sources, after: Sources) -> tuple[Trial, Background]:
        project = project_background(self._source, fix, self._around)
        trial = Trial(
            fix,
            self._around.knowledge,
            self._around.limits,
            before=before,
            after=after,
            background=self._libraries,
            project=project,
        )
        return trial, project

    def _met(self, trial: Trial, known: Sequence[Pattern]) -> Pattern | None:
        running = {pattern.detector: pattern for pattern in known if pattern.detector is not None}
        for detector in trial.screen(list(running)):
            if admitted(trial.replay(detector)) is State.ACTIVE:
                return running[detector]
        return None

    def _names(self, fix: Fix) -> Names:
        contents = self._source.sample(fix.commit, _NAMES_LINES)
        own = [*contents.values(), *(file.before for file in fix.files if file.before is not None)]
        return Names(own, _packages(contents), known_methods(self._around.knowledge))


def known_methods(knowledge: Knowledge) -> frozenset[str]:
    """The plain names of all callables that descriptions of libraries hold."""
    return frozenset(
        name.rpartition(".")[2] for module in knowledge.modules for name in knowledge.library(module).callables
    )


def _packages(contents: Mapping[str, bytes]) -> Iterable[str]:
    """The names under which a project's own modules are imported, as its folders tell."""
    for path in contents:
        parts = re.sub(r"(/__init__)?\.pyw?$", "", path).split("/")
        yield parts[0]
        if parts[0] in ("src", "lib", "python", "app", "apps") and len(parts) > 1:
            yield parts[1]


def _places(backgrounds: Iterable[Background], detector: Detector) -> list[str]:
    """The first places of each background that a detector finds."""
    return [
        f"{scope.view.path}:{match.line} `{match.code[:_MOST_CODE]}`"
        for background in backgrounds
        for match, scope in islice(background.matches(detector), _MOST_PLACES)
    ]


def _told(advised: Advised) -> list[str]:
    """What a person should know of proposals."""
    tried = [one for some in advised.rounds for one in some]
    if not tried:
        return []
    queries = "1 query was" if len(tried) == 1 else f"{len(tried)} queries were"
    count = f"{queries} proposed in {len(advised.rounds)} round{'s' if len(advised.rounds) > 1 else ''}"
    if advised.best is None:
        return [f"{count}, and none holds on the fix; of the last one: {tried[-1].verdict}"]
    return [f"{count}; the best is {advised.best.state}"]


def _noise(detector: Detector, backgrounds: Iterable[Background], names: Names) -> Iterator[Sample]:
    for background in backgrounds:
        for match, scope in islice(background.matches(detector), _MOST_NOISE):
            for fact in scope.facts:
                if (fact.span.line, fact.span.column) == (match.line, match.column):
                    yield Sample(scope, fact, names)
