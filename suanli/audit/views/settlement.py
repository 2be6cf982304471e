"""The Settlement's views: every word of serials in which a bit was ever set."""

from collections.abc import Iterator

from suanli.audit.views.compare import Compared, Views


def rows(views: Views) -> Iterator[tuple[str, Compared]]:
    """What is compared, by the name of its check."""
    yield "serials", _words(views)


def _words(views: Views) -> Compared:
    for (space, word), bits in list(views.books.serials.words.items()):
        yield f"word {word} of {space}", bits, views("Settlement", "paidWord", space, word)
