"""Headings, labels and turns of phrase tell of topics; where they do not, nothing is told."""

from __future__ import annotations

from importlib import resources

import pytest

from reviewer.catalog.documents.cue import cues_in
from reviewer.catalog.documents.extraction import extract
from reviewer.catalog.documents.heading import role_of
from reviewer.catalog.documents.passage import passages_of
from reviewer.catalog.documents.reader import read_document
from reviewer.catalog.documents.sentence import sentences
from reviewer.domain.lesson import TOPICS, Topic


def told(text: str, name: str = "a.md") -> dict[Topic, str]:
    document = read_document(text.encode(), name)
    return {topic: statement.words for topic, statement in extract(document, passages_of(document)).items()}


def cued(sentence: str, *, early: bool = True, under: str = "") -> set[str]:
    return {found.topic for found in cues_in(sentence, early=early, under=under)}


@pytest.mark.parametrize(
    ("heading", "topic"),
    [
        ("Root Causes", "cause"),
        ("4. Root cause analysis", "cause"),
        (":seedling: Blameless root cause", "cause"),
        ("Contributing Factors", "cause"),
        ("What caused the outage?", "cause"),
        ("Root Cause of the incident", "cause"),
        ("Fault", "cause"),
        ("Impact", "symptom"),
        ("Customer impact", "symptom"),
        ("Trigger(s)", "trigger"),
        ("How did we notice?", "detection"),
        ("Detection", "detection"),
        ("Time to Detect (TTD)", "delay"),
        ("Mitigation & Resolution", "action"),
        ("How we fixed it", "action"),
        ("Patches", "action"),
        ("Regression test", "regression-test"),
        ("How did it reach production?", "reached-production"),
        ("Why wasn’t this caught earlier?", "reached-production"),
        ("Which signal was missed?", "missed-signal"),
        ("Monitoring gaps", "missed-signal"),
        ("Which test would have caught it?", "catching-test"),
        ("Action Items", "prevention"),
        ("Follow-up tasks", "prevention"),
        ("Corrective actions", "prevention"),
        ("Lessons learned", "prevention"),
    ],
)
def test_a_heading_of_any_template_names_its_topic(heading: str, topic: str) -> None:
    role = role_of(heading)
    assert role is not None
    assert role.topic == topic


@pytest.mark.parametrize(
    "heading", ["Impact and root cause", "Summary", "Timeline", "What went well", "Leadup", "Response"]
)
def test_a_heading_of_several_things_or_of_none_names_no_topic(heading: str) -> None:
    role = role_of(heading)
    assert role is not None
    assert role.topic is None


@pytest.mark.parametrize(
    "heading", ["Connection pools", "The cause of my love for Python", "x" * 500, "", "How we cook"]
)
def test_a_heading_of_something_else_says_nothing(heading: str) -> None:
    assert role_of(heading) is None


def test_the_headings_of_the_own_template_name_every_topic() -> None:
    text = resources.files("reviewer.catalog.documents").joinpath("template.md").read_text(encoding="utf-8")
    roles = [role_of(row.lstrip("# ")) for row in text.split("\n") if row.startswith("## ")]
    assert [role.topic for role in roles if role is not None and role.topic is not None] == list(TOPICS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("## Root cause\n\nA leak. It grew.", {"cause": "A leak. It grew."}),
        ("## Root cause\n\n- a leak;\n- a limit\n", {"cause": "a leak; a limit"}),
        ("**Root cause:** A leak.", {"cause": "A leak."}),
        ("Detection: by mail\nTrigger: a deploy", {"detection": "by mail", "trigger": "a deploy"}),
        ("It was bad. Prevention: count them.", {"prevention": "count them."}),
        ("|Field|Value|\n|-|-|\n|Root cause|A leak|", {"cause": "A leak"}),
        ("## Root cause\n\n### In the pool\n\nA leak.", {"cause": "A leak."}),
        ("## Fault\n\nIt broke.\n\n## Root cause\n\nA leak.", {"cause": "A leak."}),
        ("## Action items\n\n|What|Who|\n|-|-|\n|Count them every day|me|\n", {"prevention": "Count them every day"}),
        ("## Follow-up tasks\n\n- [x] Count\n- [ ] Alert", {"prevention": "Count; Alert"}),
        ("## Detection\n\nAn alert. It should be louder.", {"detection": "An alert."}),
    ],
)
def test_what_stands_under_a_heading_or_behind_a_label_tells_of_it(text: str, expected: dict[Topic, str]) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "## Root cause\n\nTBD",
        "## Root cause\n\nN/A\n\n## Summary\n\nThe root cause was a leak.",
        "## Root cause\n\nUnknown. It was caused by something.",
        "## Root cause\n\nWe are not sure what the root cause was. It may be the pool.",
        "## Root cause\n\n*Describe what caused it*",
        "## Root cause\n\nDescribe what caused it.",
        "## Root cause\n\nWas it a leak?",
        "## Root cause\n\nIt was one of these:",
        "## Root cause\n\n```\nleak()\n```",
        "|Field|Value|\n|-|-|\n|Root cause||Trigger|",
    ],
)
def test_a_part_that_says_nothing_leaves_its_topic_unknown(text: str) -> None:
    assert "cause" not in told(text)


def test_a_long_part_is_shortened_in_words_and_quoted_whole() -> None:
    long = "The pool leaked " + "and leaked " * 60 + "again."
    document = read_document(f"## Root cause\n\n{long}".encode(), "a.md")
    statement = extract(document, passages_of(document))["cause"]
    assert len(statement.words) <= 400
    assert statement.words.endswith("…")
    assert [quote.text for quote in statement.quotes] == [long]


@pytest.mark.parametrize(
    ("sentence", "topic"),
    [
        ("The root cause was a missing index.", "cause"),
        ("This was caused by a stale cache.", "cause"),
        ("The call had no timeout.", "cause"),
        ("Nothing limited how many rows a request may load.", "cause"),
        ("The provider names the expired certificate as the cause.", "cause"),
        ("The queue was full, so the workers stalled.", "cause"),
        ("The outage was triggered by a failover of the database.", "trigger"),
        ("It began shortly after the deploy of the new exporter.", "trigger"),
        ("It was noticed by a customer.", "detection"),
        ("An alert on the queue fired at noon.", "detection"),
        ("We were paged at 03:12.", "detection"),
        ("A user who tests the beta reported it.", "detection"),
        ("The flaw came to light in a review.", "detection"),
        ("It took two hours before anyone noticed.", "delay"),
        ("Three days later a customer noticed it.", "delay"),
        ("It went unnoticed for six weeks.", "delay"),
        ("We rolled back the release.", "action"),
        ("The patch closes the file in a finally block.", "action"),
        ("Fixed in 3.1.4.", "action"),
        ("The handler now rejects the header.", "action"),
        ("We have added a regression test.", "regression-test"),
        ("A test sends the malformed body and expects a refusal.", "regression-test"),
        ("A load test would have shown it.", "catching-test"),
        ("It should have been caught by a unit test.", "catching-test"),
        ("Our tests never run two uploads at once.", "reached-production"),
        ("The change was not caught by code review.", "reached-production"),
        ("Nothing alerted on the age of the oldest job.", "missed-signal"),
        ("There was no alert on the length of the queue.", "missed-signal"),
        ("The dashboard would have told us an hour earlier.", "missed-signal"),
        ("In future every call has a deadline.", "prevention"),
        ("We will add a limit to prevent this.", "prevention"),
        ("A lint rule prevents the whole class.", "prevention"),
        ("Requests to the API returned errors for an hour.", "symptom"),
        ("Users were unable to log in.", "symptom"),
    ],
)
def test_a_turn_of_phrase_tells_of_its_topic(sentence: str, topic: str) -> None:
    assert topic in cued(sentence)


@pytest.mark.parametrize(
    ("sentence", "topic"),
    [
        ("The root cause is still unknown.", "cause"),
        ("Was it caused by the cache?", "cause"),
        ("It will be caused by the next deploy.", "cause"),
        ("How it was noticed is not recorded.", "detection"),
        ("No alert fired.", "detection"),
        ("Nobody was paged.", "detection"),
        ("The service recovered after the deploy of the new version began.", "trigger"),
        ("We should have rolled back earlier.", "action"),
        ("The change causes every request to fail.", "action"),
        ("We will add a regression test.", "regression-test"),
        ("The existing regression test was unreliable.", "regression-test"),
        ("A test would have caught it.", "regression-test"),
        ("The fix now passes the tests.", "reached-production"),
        ("We will update you tomorrow.", "prevention"),
        ("A test that users were unable to log in.", "symptom"),
        ("It was found before an outage could happen.", "symptom"),
        ("He lost his umbrella because of the rain.", "symptom"),
    ],
)
def test_what_only_looks_like_it_tells_nothing(sentence: str, topic: str) -> None:
    assert topic not in cued(sentence)


def test_what_was_seen_is_told_at_the_beginning() -> None:
    assert "symptom" not in cued("Users were unable to log in.", early=False)


def test_what_led_up_to_it_may_be_the_trigger() -> None:
    assert cued("I ran a large query.", under="leadup") == {"trigger"}
    assert cued("I ran a large query.") == set()


def test_a_clause_that_says_it_is_quoted_alone() -> None:
    (found,) = (
        cue
        for cue in cues_in("It came from a user report; tests now cover it all.", early=False)
        if cue.topic == "detection"
    )
    assert (found.start, found.end) == (0, 26)


def test_every_cue_can_be_found() -> None:
    from reviewer.catalog.documents.cue import _cues

    assert {cue.topic for cue in _cues()} == set(TOPICS)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One. Two! Three?", ["One.", "Two!", "Three?"]),
        ("At 3 p.m. it failed, e.g. Monday. Then not.", ["At 3 p.m. it failed, e.g. Monday.", "Then not."]),
        ('He said "no." Then yes.', ['He said "no."', "Then yes."]),
        ("Version 3.1.4 broke. asyncio.sleep helped.", ["Version 3.1.4 broke.", "asyncio.sleep helped."]),
        ("no end", ["no end"]),
        ("", []),
    ],
)
def test_sentences_end_where_people_end_them(text: str, expected: list[str]) -> None:
    assert [text[start:end] for start, end in sentences(text, 0, len(text))] == expected
