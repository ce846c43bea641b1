"""Names of people and places as people type them: with and without accents and case."""

import unicodedata

_STROKES = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ß": "ss", "œ": "oe", "æ": "ae", "’": "'"})


def sort_key(name: str) -> str:
    """``name`` in lower case without accents, single-spaced: one spelling to sort and match by."""
    spread = unicodedata.normalize("NFKD", name.lower().translate(_STROKES))
    plain = "".join(char for char in spread if not unicodedata.combining(char))
    return " ".join(plain.split())
