"""Titles the portal makes: of codes, in the reader's language, until a person types one.

``title`` holds the words in English (``settings.LANGUAGE_CODE``), which is what is indexed;
``title_made_of`` what they are made of: ``form``, a key of the model's ``title_forms``, and the
values of that form's placeholders. Where it is empty a person typed the title.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Case, CharField, F, Func, TextField, Value, When
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Coalesce, Left
from django.utils.translation import get_language, gettext, override
from django.utils.translation import gettext_lazy as _

LONGEST = 250
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
Made = dict[str, Any]


class Word:
    """The value of a placeholder: a name, which is the same in every language."""

    def text(self, value: Any) -> str | None:
        """In the reader's language; None where nothing is known."""
        return None if value is None else str(value)

    def sql(self, name: str, made: str) -> Any:
        """The same in SQL. ``made``: the path to ``title_made_of``."""
        return KeyTextTransform(name, made)


class Names(Word):
    """Several names: “A, B and C”."""

    def text(self, value: Any) -> str | None:
        if not value:
            return None
        *others, last = map(str, value)
        conjunction = gettext("and")  # not within the f-string, where makemessages does not look
        return f"{', '.join(others)} {conjunction} {last}" if others else last

    def sql(self, name: str, made: str) -> Any:
        conjunction = gettext("and")
        return _Listed(KeyTransform(name, made), Value(f" {conjunction} "))


class Label(Word):
    """A code, shown by its label."""

    def __init__(self, choices: type[models.TextChoices]):
        self.choices = choices

    def text(self, value: Any) -> str | None:
        return str(self.choices(value).label) if value in self.choices.values else None

    def sql(self, name: str, made: str) -> Any:
        labels = [
            When(**{f"{made}__{name}": code}, then=Value(str(label)))
            for code, label in self.choices.choices
        ]
        return Case(*labels, output_field=CharField())


class _Listed(Func):
    template = (
        "(SELECT coalesce(nullif(array_to_string(a[:cardinality(a) - 1], ', '), '') || %(last)s, '')"
        " || a[cardinality(a)] FROM (SELECT ARRAY(SELECT jsonb_array_elements_text(%(names)s)) AS a)"
        " AS listed)"
    )
    output_field = TextField()

    def as_sql(self, compiler, connection, **extra):  # type: ignore[override]
        names, last = self.get_source_expressions()
        (names_sql, names_values), (last_sql, last_values) = map(compiler.compile, (names, last))
        sql = self.template % {"names": names_sql, "last": last_sql}
        return sql, [*last_values, *names_values]


class _Joined(Func):
    """Texts in a row; unknown where one of them is."""

    template, arg_joiner = "(%(expressions)s)", " || "
    output_field = TextField()


@dataclass(frozen=True)
class Form:
    """A title with placeholders, marked for translation, and what stands for them.

    A placeholder without an entry in ``parts`` is a ``Word``.
    """

    words: str
    parts: Mapping[str, Word] = field(default_factory=dict)

    def text(self, made: Made) -> str | None:
        """In the reader's language; None where a value is missing."""
        words = gettext(self.words)
        found = {
            name: self._part(name).text(made.get(name)) for name in _PLACEHOLDER.findall(words)
        }
        return None if None in found.values() else (words % found)[:LONGEST]

    def sql(self, made: str) -> Any:
        pieces = _PLACEHOLDER.split(gettext(self.words))  # text, name, text, name …
        joined: list[Any] = [
            self._part(piece).sql(piece, made) if number % 2 else Value(piece.replace("%%", "%"))
            for number, piece in enumerate(pieces)
            if piece
        ]
        return Left(_Joined(*joined), LONGEST)

    def _part(self, name: str) -> Word:
        return self.parts.get(name, Word())


Forms = Mapping[str, Form]


def _reads_what_is_stored() -> bool:
    language = get_language() or settings.LANGUAGE_CODE
    return language.partition("-")[0] == settings.LANGUAGE_CODE.partition("-")[0]


def shown(forms: Forms) -> Callable[[str], Any]:
    """What ``MadeTitle.shown_title`` gives, in SQL; for ``shown_as``. Takes the path to the record."""

    def expression(path: str = "") -> Any:
        title = F(f"{path}title")
        if _reads_what_is_stored():
            return title
        made = f"{path}title_made_of"
        cases = [
            When(**{f"{made}__form": code}, then=form.sql(made)) for code, form in forms.items()
        ]
        return Coalesce(Case(*cases, output_field=CharField()), title, output_field=CharField())

    return expression


def in_words(forms: Forms, made: Made, stored: str) -> str:
    """A title in the reader's language: of what it is made, or as it is stored."""
    if not made or _reads_what_is_stored():
        return stored
    form = forms.get(made.get("form", ""))
    return (form and form.text(made)) or stored


def made_title(forms: Forms, form: str, **values: Any) -> dict[str, Any]:
    """Values of ``title`` and ``title_made_of`` for a title the portal makes."""
    made = {"form": form, **values}
    with override(settings.LANGUAGE_CODE):
        return {"title": forms[form].text(made) or "", "title_made_of": made}


def unless_typed(forms: Forms, given: str, offered: dict[str, Any]) -> dict[str, Any]:
    """Those of an offered ``made_title`` where a person left it as it was, in any language; else
    the title given, which is the person's own."""
    is_left = given.strip() in _in_every_language(forms, offered["title_made_of"], offered["title"])
    return offered if is_left else {"title": given, "title_made_of": {}}


def keep_made(record: MadeTitle, values: dict[str, Any]) -> None:
    """Take a title out of ``values`` that only says again what the portal made; note one that is new."""
    if "title" not in values or not record.title_made_of:
        return
    made, title = record.title_made_of, record.title
    values |= unless_typed(
        type(record).title_forms, values["title"], {"title": title, "title_made_of": made}
    )


def _in_every_language(forms: Forms, made: Made, stored: str) -> Iterable[str]:
    form, found = forms.get(made.get("form", "")), [stored]
    for language, _name in settings.LANGUAGES:
        with override(language):
            found.append((form and form.text(made)) or stored)
    return found


def as_read(record: Any, name: str) -> Any:
    """What a form is filled in with: a field's value, a title in the reader's language."""
    return (
        record.shown_title
        if name == "title" and isinstance(record, MadeTitle)
        else getattr(record, name)
    )


class MadeTitle(models.Model):
    """A record whose title the portal may make."""

    title_forms: ClassVar[Forms] = {}

    title = models.CharField(_("title"), max_length=LONGEST)
    title_made_of = models.JSONField(default=dict, blank=True, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.shown_title

    @property
    def shown_title(self) -> str:
        """In the reader's language, unless a person typed it."""
        return in_words(type(self).title_forms, self.title_made_of, self.title)


def titled(queryset: Any, name: str, value: str) -> Any:
    """Filter: those whose title, as stored or as the reader is shown it, contains the words."""
    return queryset.alias(in_words=queryset.model.shown_as["title"]("")).filter(
        models.Q(title__icontains=value) | models.Q(in_words__icontains=value)
    )
