"""One search over everything a reader may see: words, beginnings of words, and misspelt names.

The module an app names in ``AppConfig.search_module`` lists its ``sources``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import reduce
from operator import and_
from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchQuery, SearchVector, TrigramWordSimilarity
from django.db import connection, transaction
from django.db.models import CharField, Func, Index, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import get_language

from missions.models.mission import Mission
from poc_portal.declarations import modules
from poc_portal.tabular.names import sort_key

LISTED = 8  # of each kind
LIKE = 0.55  # word similarity from which a name is taken for a misspelt one
LIKE_FROM = 4  # letters from which a misspelling can be told from another word
LONGEST = 200  # characters looked at


class Fold(Func):
    """Lower case without accents; the SQL function of the same name, fit for an index."""

    function = "portal_fold"
    output_field = CharField()


def vector(*texts: str) -> SearchVector:
    return SearchVector(*(Fold(text) for text in texts), config="simple")


def search_indexes(name: str, *texts: str) -> list[Index]:
    """What a model needs to be a source: the words of its texts, the letters of the first."""
    return [
        GinIndex(vector(*texts), name=f"{name}_words"),
        GinIndex(OpClass(Fold(texts[0]), name="gin_trgm_ops"), name=f"{name}_letters"),
    ]


@dataclass(frozen=True)
class Source:
    """Records of one kind that can be searched.

    ``kind``: its code in the API. ``texts``: the fields searched, the name first, as in
    ``search_indexes``. ``describe``: what tells one from another. ``address``: its page.
    """

    kind: str
    label: str | Promise
    queryset: QuerySet
    texts: tuple[str, ...]
    describe: Callable[[Any], str]
    address: Callable[[Any], str] = lambda record: record.get_absolute_url()
    order: tuple[str, ...] = field(default=("-likeness", "pk"))


@dataclass(frozen=True)
class Hit:
    id: int
    title: str
    note: str
    path: str


@dataclass(frozen=True)
class Found:
    source: Source
    hits: list[Hit]
    more: bool


def sources() -> list[Source]:
    return [source for module in modules("search") for source in module.sources]


@transaction.atomic
def search(mission: Mission, user, text: str) -> list[Found]:
    """What the user may see of the mission that fits; kinds without any are left out.

    One query a kind, in one transaction. Every word must occur, as a whole or as a beginning; or the name resembles
    what was typed. A title the portal makes is also found by its words in the reader's language.
    """
    folded = sort_key(text[:LONGEST])
    words = re.findall(r"\w+", folded)
    if not words:
        return []
    query = SearchQuery(
        " & ".join(f"{word}:*" for word in words), search_type="raw", config="simple"
    )
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL pg_trgm.word_similarity_threshold = {LIKE}")
    results = []
    for source in sources():
        fits = Q(words=query)
        records = (
            source.queryset.visible_to(user)  # type: ignore[attr-defined]
            .filter(mission=mission)
            .alias(
                words=vector(*source.texts),
                name_folded=Fold(source.texts[0]),
                likeness=TrigramWordSimilarity(folded, Fold(source.texts[0])),
            )
        )
        in_words = getattr(source.queryset.model, "shown_as", {}).get(source.texts[0])
        if in_words is not None and get_language() != settings.LANGUAGE_CODE:
            records = records.alias(in_words=Fold(in_words("")))
            fits |= reduce(and_, (Q(in_words__contains=word) for word in words))
        if len(folded) >= LIKE_FROM:
            fits |= Q(name_folded__trigram_word_similar=folded)
        rows = list(records.filter(fits).order_by(*source.order)[: LISTED + 1])
        if rows:
            hits = [
                Hit(row.pk, str(row), source.describe(row), source.address(row))
                for row in rows[:LISTED]
            ]
            results.append(Found(source, hits, len(rows) > LISTED))
    return results
