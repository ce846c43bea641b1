"""Titles of threats that the portal makes; the codes are stored with the threats."""

from __future__ import annotations

from django.utils.translation import gettext_noop

from records.titles import Form, Names

_NAMES = {"names": Names()}

TITLE_FORMS = {
    "attacks": Form(
        gettext_noop("%(names)s: reported violence against civilians in %(area)s"), _NAMES
    ),
    "intercommunal": Form(gettext_noop("Intercommunal violence reported in %(area)s")),
    "intercommunal_between": Form(
        gettext_noop("Intercommunal violence reported between %(names)s in %(area)s"), _NAMES
    ),
    "intercommunal_many": Form(
        gettext_noop("Intercommunal violence reported between %(n)s sides in %(area)s")
    ),
    "crossfire": Form(
        gettext_noop(
            "Fighting with %(names)s as one side, civilians reported killed or injured in %(area)s"
        ),
        _NAMES,
    ),
    "crossfire_between": Form(
        gettext_noop(
            "Fighting between %(names)s, civilians reported killed or injured in %(area)s"
        ),
        _NAMES,
    ),
    "crossfire_many": Form(
        gettext_noop(
            "Fighting between %(n)s sides, civilians reported killed or injured in %(area)s"
        )
    ),
    # Where nobody says how many were killed or injured.
    "crossfire_harm": Form(
        gettext_noop("Fighting with %(names)s as one side, civilians reported harmed in %(area)s"),
        _NAMES,
    ),
    "crossfire_harm_between": Form(
        gettext_noop("Fighting between %(names)s, civilians reported harmed in %(area)s"), _NAMES
    ),
    "crossfire_harm_many": Form(
        gettext_noop("Fighting between %(n)s sides, civilians reported harmed in %(area)s")
    ),
    "feared": Form(
        gettext_noop("Violence against civilians to be feared in %(area)s, no perpetrator reported")
    ),
    "around": Form(gettext_noop("Violence against civilians in and around %(place)s")),
}
