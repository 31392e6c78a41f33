"""A post-mortem → the lesson that it teaches, without a model: what is not said stays unknown."""

from __future__ import annotations

from dataclasses import dataclass, replace

from reviewer.catalog.documents.day import day_of
from reviewer.catalog.documents.document import Document
from reviewer.catalog.documents.extraction import extract
from reviewer.catalog.documents.fix_reference import fixes_of, given_fix
from reviewer.catalog.documents.identity import digest_of, identify, organisation_of, source_of, title_of
from reviewer.catalog.documents.incident import prose_of, require_incident
from reviewer.catalog.documents.passage import MOST_PASSAGES, passages_of
from reviewer.catalog.documents.reader import read_document
from reviewer.catalog.documents.subject import Guess, guess_failure, tags_of
from reviewer.domain.lesson import FixReference, Lesson
from reviewer.errors import PostmortemError


@dataclass(frozen=True, slots=True)
class Given:
    """What a person says beside the document, and knows better than it.

    Attributes:
        source: address of the document, or its path inside of its repository; "" for none.
        repository: whose code was mended, a name or an address; "" for what the document says.
        fix: the mending commit; "" for what the document says.
    """

    source: str = ""
    repository: str = ""
    fix: str = ""


@dataclass(frozen=True)
class Reading:
    """What a document was found to say.

    Attributes:
        lesson: the lesson, its version 1.
        document: the document.
        failure: the class of failure that it seems to tell of; None where it does not say.
        fixes: the commits that it names as the fix, in order; where there are several, the lesson may have none.
        notes: what a person should know of the reading.
    """

    lesson: Lesson
    document: Document
    failure: Guess | None
    fixes: tuple[FixReference, ...]
    notes: tuple[str, ...]


def read_postmortem(content: bytes, name: str, given: Given | None = None) -> Reading:
    """Read a post-mortem.

    Args:
        content: the file: Markdown, plain text, saved HTML, or JSON of a GitHub issue, an advisory or a Sentry issue.
        name: what a person calls it; shown in errors.
        given: what the person says beside it.

    Returns:
        Its lesson. Each statement is in the document's words and quotes them by position. The same document gives the
        same lesson; `revision.revise` makes the next version of a corrected one.

    Raises:
        PostmortemError: it cannot be read, or tells of no incident.
        UsageError: the person names a fix that is no revision.
    """
    given = given or Given()
    document = read_document(content, name)
    passages = passages_of(document)
    prose = prose_of(document)
    statements = extract(document, passages) if prose.english else {}
    fixes = fixes_of(document, passages)
    fix = given_fix(document.details, given.repository, given.fix) or fixes.fix
    if fix is not None and not fix.repository:
        fix = replace(fix, repository=given.repository)
    require_incident(document, prose, statements.keys(), fix_given=bool(given.fix or document.details.fix))
    title = title_of(document)
    if not title:
        raise PostmortemError(name, "has no title; give it a heading that says what failed")
    causes = statements["cause"].quotes if "cause" in statements else ()
    failure = guess_failure(document, passages, causes)
    dated = day_of(document)
    organisation = organisation_of(document)
    lesson = Lesson(
        id=identify(document, title, organisation),
        version=1,
        title=title,
        digest=digest_of(document),
        shape=document.shape,
        source=source_of(document, given.source),
        organisation=organisation,
        date=dated.day,
        statements=statements,
        tags=tags_of(document, failure.failure if failure is not None else None),
        fix=fix,
        assistant=document.details.assistant,
    )
    notes = [dated.note, fixes.note if fix is None else ""]
    if not prose.english:
        notes.append("it is not in English: what it says is left unknown; a model can read it")
    elif not statements:
        notes.append("nothing of what a lesson asks for was found in it; a model may find more")
    if len(passages) == MOST_PASSAGES:
        notes.append(f"only its first {MOST_PASSAGES:,} sentences were read")
    return Reading(lesson, document, failure, fixes.candidates, tuple(note for note in notes if note))
