"""What the detectors of the starter catalog are worth, measured on real code.

usage: python -m benchmarks.starter_replay --mirror DIR [--clean FILE] [--transfer] [--only WORD] [--kept] [--write]

Every pattern that has a detector is replayed: on the fixes of its incidents, in their order, until one proves it; where
none does, or there is none, on its own examples. DIR holds one bare repository for each project, as OWNER+NAME/repo.

--clean FILE    counts what the patterns that run find on the added lines of commits that turned out well: a JSON list
                of objects with "repo" (owner/name), "commit" and "files".
--transfer      holds each of them against all fixes but its own: does it find the lines that were mended there?
--kept          takes the records as they stand in the files and replays nothing.
--write         writes the records into the files, the state that follows from each, and the tables into README.md.
"""

from __future__ import annotations

import argparse
import json
import re
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import tomli_w

from reviewer.catalog.form.lesson import read_lesson
from reviewer.catalog.form.pattern import read_pattern, write_pattern
from reviewer.catalog.replay.background import library_background
from reviewer.catalog.replay.examples import replay_examples
from reviewer.catalog.replay.reading import Asking, read_definitions
from reviewer.catalog.replay.trial import Trial, admitted
from reviewer.catalog_wiring import STARTER, open_workshop
from reviewer.code.project import Project
from reviewer.diff.repository import GitRepository
from reviewer.diff.sources import RevisionSources
from reviewer.domain.change import FileChange
from reviewer.domain.detector import Detector
from reviewer.domain.lesson import FixReference, Lesson
from reviewer.domain.pattern import Pattern, Replay, State
from reviewer.domain.settings import Limits
from reviewer.errors import FixError, SourceError
from reviewer.flow.reading import Surroundings
from reviewer.knowledge.lookup import Knowledge
from reviewer.ports import Selection

RUNS = (State.ACTIVE, State.SHADOW)
_MARK = re.compile(r"(<!-- figures -->\n).*(<!-- end of figures -->)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Noise:
    """What the patterns find on the added lines of commits that turned out well.

    Attributes:
        commits, lines: how many were looked at.
        places: id -> "project path:line".
    """

    commits: int
    lines: int
    places: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Transfer:
    """What a pattern finds on a fix that it was not proved on.

    Attributes:
        pattern, lesson: their ids.
        same: the lesson belongs to a pattern of the same class of failure.
        hits: mended places that it finds.
        left: places that it finds after the fix too.
    """

    pattern: str
    lesson: str
    same: bool
    hits: int
    left: int


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and write where that is asked for."""
    parser = argparse.ArgumentParser(prog="benchmarks.starter_replay")
    parser.add_argument("--mirror", type=Path, required=True)
    parser.add_argument("--clean", type=Path)
    parser.add_argument("--transfer", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--kept", action="store_true")
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args(arguments)
    patterns = [pattern for pattern in read_patterns() if given.only in pattern.id]
    lessons = {lesson.id: lesson for lesson in read_lessons()}
    if not given.kept:
        patterns = list(replay_all(patterns, lessons, given.mirror))
    tables = [records_table(patterns)]
    if given.clean is not None:
        tables.append(noise_table(measure_noise(patterns, json.loads(given.clean.read_text()), given.mirror)))
    if given.transfer:
        tables.append(transfer_table(measure_transfer(patterns, lessons, given.mirror)))
    print("\n\n".join(tables))
    if given.write:
        write(patterns, "" if given.only else "\n\n".join(tables))


def read_patterns() -> list[Pattern]:
    """The patterns that ship with the reviewer, sorted by id."""
    return [read_pattern(tomllib.loads(path.read_text("utf-8")), path.name) for path in _files("patterns")]


def read_lessons() -> list[Lesson]:
    """The incidents that they come from, sorted by id."""
    return [read_lesson(tomllib.loads(path.read_text("utf-8")), path.name) for path in _files("lessons")]


def _files(kind: str) -> list[Path]:
    return sorted((STARTER / kind).glob("*.toml"))


def replay_all(patterns: Iterable[Pattern], lessons: Mapping[str, Lesson], mirror: Path) -> Iterator[Pattern]:
    """Each pattern with a fresh record, and the state that follows from it."""
    around = Surroundings(Knowledge())
    background = library_background(around)
    for pattern in patterns:
        if pattern.detector is None:
            yield replace(pattern, state=State.CANDIDATE, replay=None)
            continue
        record = _on_a_fix(pattern, pattern.detector, lessons, mirror)
        if record is None:
            record = replay_examples(pattern.detector, pattern.bad, pattern.good, around, background)
        print(f"{admitted(record):9} {pattern.id}: {record.reason}", flush=True)
        yield replace(pattern, state=admitted(record), replay=record)


def _on_a_fix(pattern: Pattern, detector: Detector, lessons: Mapping[str, Lesson], mirror: Path) -> Replay | None:
    """The record of the first fix that proves it."""
    for name in pattern.incidents:
        fix = lessons[name].fix
        if fix is None:
            continue
        with open_workshop(_repository(fix, mirror)) as workshop:
            try:
                record = workshop.replay(fix.commit, detector)
            except FixError as error:
                print(f"          {pattern.id}: {name}: {error}", flush=True)
                continue
        if admitted(record) is not State.CANDIDATE:
            return record
        print(f"          {pattern.id}: {name}: {record.reason}", flush=True)
    return None


def _repository(fix: FixReference, mirror: Path) -> Path:
    owner, name = fix.repository.rstrip("/").split("/")[-2:]
    return mirror / f"{owner}+{name}" / "repo"


def measure_noise(patterns: Iterable[Pattern], clean: Sequence[Mapping[str, object]], mirror: Path) -> Noise:
    """Run the patterns over what good commits added, each in its whole project."""
    asking = Asking({one.id: one.detector for one in patterns if one.state in RUNS and one.detector is not None})
    knowledge, limits = Knowledge(), Limits()
    places: defaultdict[str, list[str]] = defaultdict(list)
    lines = 0
    for entry in clean:
        repository, commit, wanted = (
            mirror / str(entry["repo"]).replace("/", "+", 1) / "repo",
            entry["commit"],
            entry["files"],
        )
        assert isinstance(wanted, list), "a clean commit names its files"
        with GitRepository(repository) as opened:
            change = opened.select(Selection(base=f"{commit}^", head=str(commit), paths=tuple(wanted)))
        with closing(RevisionSources(str(repository), change.head, limits.file_bytes)) as sources:
            around = Surroundings(knowledge, project=Project(sources, knowledge, Surroundings(knowledge).limits))
            for file in change.files:
                lines += len(file.added_lines)
                for name, line in _added(file, asking, around):
                    places[name].append(f"{entry['repo']} {file.path}:{line}")
    return Noise(len(clean), lines, places)


def _added(file: FileChange, asking: Asking, around: Surroundings) -> Iterator[tuple[str, int]]:
    """The ids of patterns with the added lines of a file on which they find something."""
    if file.content is None or not file.added_lines:
        return
    try:
        found = read_definitions(file.path, file.content, file.added_lines, around).ask(asking)
    except SourceError:
        return
    for name, matches in found.items():
        yield from ((name, line) for line in sorted({match.line for match in matches} & file.added_lines))


def measure_transfer(patterns: Sequence[Pattern], lessons: Mapping[str, Lesson], mirror: Path) -> list[Transfer]:
    """Hold each pattern that runs against all fixes but the one that it was proved on."""
    classes: defaultdict[str, set[str]] = defaultdict(set)
    for pattern in patterns:
        for name in pattern.incidents:
            classes[name].add(pattern.failure)
    return [
        Transfer(one.id, lesson.id, one.failure in classes[lesson.id], record.before, record.after)
        for lesson in lessons.values()
        if lesson.fix is not None
        for one, record in _on_other_fix(patterns, lesson.fix, mirror)
        if record.before
    ]


def _on_other_fix(patterns: Iterable[Pattern], fix: FixReference, mirror: Path) -> Iterator[tuple[Pattern, Replay]]:
    """What each pattern that was not proved on a fix finds there."""
    repository = _repository(fix, mirror)
    limit = Limits().file_bytes
    with GitRepository(repository) as opened:
        read = opened.fix(fix.commit)
    with (
        closing(RevisionSources(str(repository), read.parent, limit)) as before,
        closing(RevisionSources(str(repository), read.commit, limit)) as after,
    ):
        trial = Trial(read, Knowledge(), before=before, after=after)
        for one in patterns:
            proved = one.replay.commit if one.replay is not None else ""
            if one.state in RUNS and one.detector is not None and proved != read.commit:
                yield one, trial.replay(one.detector)


def records_table(patterns: Iterable[Pattern]) -> str:
    """What the replays came to."""
    rows = [
        "| pattern | form | state | proved on | before | after | varied | elsewhere | in the project |",
        "|" + "---|" * 9,
    ]
    for one in patterns:
        form = one.detector.form if one.detector is not None else "words"
        if one.replay is None:
            rows.append(f"| {one.id} | {form} | {one.state} | – | | | | | |")
            continue
        record = one.replay
        where = f"fix {record.commit[:10]}" if record.commit else "its examples"
        project = f"{record.project:.3f}" if record.commit else "–"
        rows.append(
            f"| {one.id} | {form} | {one.state} | {where} | {record.before} | {record.after} | {record.variation} "
            f"| {record.background:.3f} | {project} |"
        )
    return "\n".join(rows)


def noise_table(noise: Noise) -> str:
    """What was found on commits that turned out well."""
    hits = sum(map(len, noise.places.values()))
    rows = [
        f"On the {noise.lines} added lines of {noise.commits} commits that turned out well, the patterns that run find "
        f"{hits} places, {100 * hits / max(noise.lines, 1):.2f} for each 100 lines:",
        "",
        "| pattern | hits | such as |",
        "|---|---|---|",
    ]
    for name, places in sorted(noise.places.items(), key=lambda item: (-len(item[1]), item[0])):
        rows.append(f"| {name} | {len(places)} | {'; '.join(places[:2])} |")
    return "\n".join(rows)


def transfer_table(found: Sequence[Transfer]) -> str:
    """What patterns find on other fixes than their own."""
    rows = [
        "On the fixes that they were not proved on (`same`: an incident of the same class of failure; `after`: places "
        "that it finds after the fix as well):",
        "",
        "| pattern | incident | same | before | after |",
        "|---|---|---|---|---|",
    ]
    for one in sorted(found, key=lambda one: (not one.same, one.pattern, one.lesson)):
        rows.append(f"| {one.pattern} | {one.lesson} | {'yes' if one.same else ''} | {one.hits} | {one.left} |")
    return "\n".join(rows)


def write(patterns: Iterable[Pattern], tables: str) -> None:
    """Write the records into the files of the patterns, and the tables, where there are any, into the read-me."""
    for pattern in patterns:
        text = tomli_w.dumps(write_pattern(pattern), multiline_strings=True)
        (STARTER / "patterns" / f"{pattern.id}.toml").write_text(text, "utf-8")
    if tables:
        readme = STARTER / "README.md"
        readme.write_text(
            _MARK.sub(lambda found: f"{found[1]}{tables}\n{found[2]}", readme.read_text("utf-8")), "utf-8"
        )


if __name__ == "__main__":
    main()
