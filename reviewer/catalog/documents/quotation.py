"""Finding in a document what somebody says that it says."""

from __future__ import annotations

from bisect import bisect_right
from functools import cached_property

from reviewer.catalog.documents.document import Document, fold
from reviewer.domain.lesson import Quote


class Quotations:
    """Finds passages of one document by their words.

    Args:
        document: the document.
    """

    def __init__(self, document: Document) -> None:
        self._document = document

    def find(self, text: str) -> Quote | None:
        """The first passage of these words, white space apart; None where the document has none.

        Args:
            text: what is said to stand there.
        """
        wanted = fold(text)
        at = self._folded.find(wanted) if wanted else -1
        if at < 0:
            return None
        start, last = self._place(at), self._place(at + len(wanted) - 1)
        return Quote(start, last + 1, wanted)

    def _place(self, folded: int) -> int:
        """Where in the document a character of the folded text stands."""
        index = bisect_right(self._starts, folded) - 1
        return self._words[index][0] + folded - self._starts[index]

    @cached_property
    def _words(self) -> list[tuple[int, str]]:
        text = self._document.text
        words = []
        at = 0
        for word in text.split():
            at = text.index(word, at)
            words.append((at, word))
            at += len(word)
        return words

    @cached_property
    def _starts(self) -> list[int]:
        starts = []
        at = 0
        for _, word in self._words:
            starts.append(at)
            at += len(word) + 1
        return starts

    @cached_property
    def _folded(self) -> str:
        return " ".join(word for _, word in self._words)
