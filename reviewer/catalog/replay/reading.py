"""Some definitions of a file, read for detectors."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace

from reviewer.catalog.query.running import Prepared
from reviewer.catalog.query.scope import Scope
from reviewer.code.budget import Budget, Watched
from reviewer.detectors.merging import merge_findings
from reviewer.detectors.registry import all_rules
from reviewer.detectors.rule import View
from reviewer.domain.detector import Detector, Match
from reviewer.domain.finding import Finding
from reviewer.errors import SourceError
from reviewer.flow.reading import ReadFile, Surroundings, read_file


@dataclass(frozen=True)
class Reading:
    """A file of which some definitions were read.

    Attributes:
        path: as the detectors see it.
        read: the file.
        views: the definitions.
        seconds: what asking one of them may take.
    """

    path: str
    read: ReadFile
    views: tuple[View, ...]
    seconds: float
    _findings: dict[tuple[str, int], list[Finding]] = field(default_factory=dict, repr=False)
    _scopes: dict[int, Scope] = field(default_factory=dict, repr=False)

    def scope(self, view: View) -> Scope:
        """One of the definitions, made ready once for all that ask it.

        Args:
            view: one of `views`.
        """
        if id(view) not in self._scopes:
            self._scopes[id(view)] = Scope(view)
        return self._scopes[id(view)]

    def ask(self, asking: Asking, only: Collection[str] | None = None) -> Mapping[str, list[Match]]:
        """Where detectors match: id -> matches, without those that do not.

        Args:
            asking: the detectors.
            only: names of the definitions to ask, with all that is inside of them; None for all that were read.
        """
        views = [view for view in self.views if only is None or self._piece(view) in only]
        findings = [one for rule in sorted(asking.rules) for view in views for one in self._findings_in(rule, view)]
        found = asking.prepared.run(self.read, views, merge_findings(findings), self.seconds, scope=self.scope)
        return found.matches

    def _piece(self, view: View) -> str:
        """The definition that a unit is read with: the outermost function around it, or what it is itself."""
        definition = self.read.code.outline.definitions.get(view.unit.name)
        return definition.outer if definition is not None and definition.outer is not None else view.unit.name

    def _findings_in(self, name: str, view: View) -> list[Finding]:
        """What one of the reviewer's own rules finds in a unit; remembered."""
        key = (name, id(view))
        if key not in self._findings:
            self._findings[key] = list(self._ask_rule(name, view))
        return self._findings[key]

    def _ask_rule(self, name: str, view: View) -> Iterator[Finding]:
        view.flow.prepare(view.unit)  # outside of the time that the rule has, as in a review
        budget = Budget(self.seconds)
        watched = replace(view, unit=replace(view.unit, facts=Watched.of(view.unit.facts, budget)))
        rule = next((rule for rule in all_rules() if rule.id == name), None)
        try:
            yield from rule.check(watched, rule) if rule is not None else ()
        except SourceError:
            return  # the time is over: what was found until then counts
        except Exception:  # noqa: BLE001 - as in a review, one rule's crash costs its word on one unit
            return


class Asking:
    """Detectors made ready to be asked of many files.

    Args:
        detectors: by the ids that their matches are told under.
    """

    def __init__(self, detectors: Mapping[str, Detector]) -> None:
        self.prepared = Prepared(detectors)
        self.rules = frozenset(detector.rule for detector in detectors.values() if detector.form == "rule")


def read_definitions(path: str, content: bytes, lines: Collection[int], around: Surroundings) -> Reading:
    """Read the definitions of a file that some lines belong to.

    Args:
        path: from the root of the repository.
        content: its bytes.
        lines: numbers from 1.
        around: what it draws on.

    Raises:
        SourceError: the file is no Python.
    """
    read = read_file(path, content, frozenset(lines), around)
    shown = tuple(read.code.source.lines)
    views = tuple(
        View(path, unit, read.flow.hierarchy, around.knowledge, read.flow, read.upward, shown, read.code.units)
        for unit in read.code.units
    )
    return Reading(path, read, views, around.limits.seconds)
