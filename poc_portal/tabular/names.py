"""Names of people and places as people type them: with and without accents and case."""

import unicodedata

_STROKES = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ß": "ss", "œ": "oe", "æ": "ae", "’": "'"})


def without_accents(text: str) -> str:
    """``text`` decomposed (NFKD) without its combining marks, in time linear in its length.

    Each character for itself: the marks of a whole text would first be put in order, which takes
    the square of their number, and they are left out anyway.
    """
    if text.isascii():
        return text
    spread = (unicodedata.normalize("NFKD", char) for char in text)
    return "".join(char for part in spread for char in part if not unicodedata.combining(char))


def sort_key(name: str) -> str:
    """``name`` in lower case without accents, single-spaced: one spelling to sort and match by."""
    return " ".join(without_accents(name.lower().translate(_STROKES)).split())
