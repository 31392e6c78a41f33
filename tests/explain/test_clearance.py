"""That a change is good, may go live or needs no look is nothing that a model may say; what can go wrong is."""

from __future__ import annotations

import pytest

from reviewer.explain.clearance import clears, has_strange_letters

CLEARING = [
    "I approve this.",
    "Approved: the caller handles it.",
    "This change has the approval of the reviewer.",
    "It was pre-approved by the owners.",
    "LGTM apart from `fetch`.",
    "Signed off.",
    "The change is safe to deploy.",
    "It is ready for production.",
    "It can be merged as it is.",
    "You may safely ship this now.",
    "Please merge.",
    "It should go live.",
    "The code is clean otherwise.",
    "Everything looks good.",
    "It is all fine.",
    "The finding at `fetch` is harmless.",
    "This is really quite safe.",
    "The change is complete and correct.",
    "The review is complete.",
    "There are no other problems.",
    "It is free of serious bugs.",
    "No findings remain.",
    "Nothing is wrong with `fetch`.",
    "Nothing else to worry about.",
    "None were found.",
    "All files were reviewed.",
    "The rest has been fully checked.",
    "It passed all checks.",
    "That is a false positive.",
    "There is no need to look at `fetch`.",
    "The timeout of `fetch` can be ignored.",
    "Ignore the finding in `fetch`.",
    "A\u0300ppr\u00f3ve it.",
    "\u24d0\u24df\u24df\u24e1\u24de\u24e5\u24d4 it.",
    "ap`prove`d, or `approve` it",
]
FAULTY = [
    "When the server hangs, `fetch` waits for ever and the page stands still.",
    "Every failure of `dumps` is swallowed, so that nobody is told.",
    "Temporary files are not cleaned up when the task is cancelled.",
    "It is not safe to call this from two threads.",
    "The connection can be released twice.",
    "The error is ignored, and the loop goes on with stale data.",
    "Nothing handles it, and the worker dies.",
    "No caller catches it.",
    "Nobody notices until the job is missed.",
    "If the release of the lock fails, others wait for ever.",
    "Production may read files that were written in another encoding.",
    "The file may be empty after a full disk.",
    "A null from the server ends the whole pass.",
    "Two workers may be merging the same rows.",
    "Look first at `fetch`: settle how long it may wait.",
    "app/broken.py is not checked, since it cannot be read.",
]


@pytest.mark.parametrize("sentence", CLEARING[:-1])
def test_what_clears_a_change_is_seen(sentence: str) -> None:
    assert clears(sentence)


def test_code_is_read_like_words() -> None:
    assert clears(CLEARING[-1])


@pytest.mark.parametrize("sentence", FAULTY)
def test_what_can_go_wrong_is_no_clearing(sentence: str) -> None:
    assert not clears(sentence)


@pytest.mark.parametrize("word", ["\u0430pprove", "批准", "\u0251pprove", "\U0001d41a\u0440", "appro\u1d20e", "οκ"])
def test_letters_that_may_only_look_like_others_are_seen(word: str) -> None:
    assert has_strange_letters(f"I {word} this.")


@pytest.mark.parametrize("text", ["Naïve façades, 5 × 3 → 15 … “so”.", "", "`x`"])
def test_accents_and_signs_are_no_strange_letters(text: str) -> None:
    assert not has_strange_letters(text)
