"""The weekly brief: prepared for people to look at, issued by one of them, then never changed."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext

from exchange.notifications.services import notify
from exchange.webhooks.services import emit_one
from missions.access import is_visible, may_create, may_edit, require
from missions.choices import Classification
from missions.models import FieldOffice, Membership, Mission, User
from missions.roles import Capability, roles_with
from poc_portal.celery import wake
from poc_portal.postgres.locks import Lock, locked
from records.given import UNSET, Unset, given
from records.services import create_record, lock, require_cleared, update_record
from strategies.brief.document import document
from strategies.brief.facts import gather
from strategies.brief.pdf import as_pdf
from strategies.choices import EventKind, NotificationKind
from strategies.models import Brief, BriefPdf
from strategies.models.brief import WEEK

LANGUAGES = tuple(code for code, _name in settings.LANGUAGES)


@transaction.atomic
def prepare_brief(
    *,
    user,
    mission: Mission,
    week: datetime.date,
    classification: int,
    field_office: FieldOffice | None = None,
    asked: str = "",
) -> Brief:
    """Prepare a brief, or compose anew the one that is prepared already; issued ones stay.

    ``week``: the Monday it begins on. ``asked``: decisions asked for, added to those there are.
    Raises PermissionDenied or ValidationError.
    """
    require(may_create(user, Brief, mission))
    require_cleared(user, mission, classification)
    same = Brief.objects.filter(
        mission=mission, week=week, field_office=field_office, classification=classification
    )
    brief = same.current().prepared().select_for_update().first()
    if brief is None:
        last = same.aggregate(last=Max("edition"))["last"] or 0
        brief = create_record(
            Brief, user=user, mission=mission, week=week, field_office=field_office,
            classification=classification, asked=asked, edition=last + 1,
        )  # fmt: skip
    else:
        require(may_edit(user, brief))
        brief.check_texts({"asked": asked}, user)
        lines = [*brief.asked.splitlines(), *asked.splitlines()]
        brief.asked = "\n".join(dict.fromkeys(line.strip() for line in lines if line.strip()))
        brief.full_clean()
    _compose(brief)
    brief.save()
    return brief


@transaction.atomic
def edit_brief(
    brief: Brief,
    *,
    user: User,
    expected: str | None = None,
    asked: str | Unset = UNSET,
    classification: int | Unset = UNSET,
    compartments: Sequence[str] | Unset = UNSET,
    week: datetime.date | Unset = UNSET,
    field_office: FieldOffice | Unset | None = UNSET,
) -> Brief:
    """Change what a brief asks for and compose it anew. Raises EditConflict, or ValidationError
    for one that was issued."""
    values = given(
        asked=asked,
        classification=classification,
        compartments=compartments,
        week=week,
        field_office=field_office,
    )
    if lock(brief).issued_at is not None:
        raise ValidationError(gettext("An issued brief never changes. Prepare another edition."))
    brief = update_record(brief, user=user, expected=expected, **values)
    _compose(brief)
    brief.save()
    return brief


@transaction.atomic
def issue_brief(brief: Brief, *, user) -> Brief:
    """Put one's name to a brief; it is composed a last time and frozen. Its PDFs follow."""
    brief = lock(brief)
    require(is_visible(user, brief) and may_edit(user, brief))
    if brief.issued_at is not None:
        raise ValidationError(gettext("This brief was already issued."))
    brief.issued_at, brief.issued_by = brief.mission.now, user
    _compose(brief)
    brief.save()
    everybody = Membership.objects.filter(mission=brief.mission)
    notify(brief, NotificationKind.BRIEF_ISSUED, everybody, by=user)
    emit_one(brief, EventKind.BRIEF_ISSUED)
    wake("strategies.tasks.make_brief_pdfs")
    return brief


def prepare_due_briefs() -> int:
    """Prepare the mission's brief of the last whole week wherever there is none; how many.

    At the highest clearance among those who may issue it; a mission without any gets none. Safe to
    run twice at once.
    """
    made = 0
    for mission in Mission.objects.all():
        monday = mission.today - datetime.timedelta(days=mission.today.weekday())
        week = (
            monday if mission.today == monday + WEEK - datetime.timedelta(days=1) else monday - WEEK
        )
        issuers = Membership.objects.current().filter(
            mission=mission, role__in=roles_with(Capability.ISSUE)
        )
        level = issuers.aggregate(highest=Max("clearance"))["highest"]
        if level is not None:
            made += _prepare_if_none(mission, week, Classification(level))
    return made


def _prepare_if_none(mission: Mission, week: datetime.date, level: Classification) -> bool:
    """Whether it was made here: not where there is one, nor where another is at it."""
    there_is = Brief.objects.filter(mission=mission, week=week)
    with locked(Lock.BRIEFS, mission.pk, wait=False) as is_mine:
        if not is_mine or there_is.exists():
            return False
        try:
            with transaction.atomic():
                brief = Brief(mission=mission, week=week, classification=level)
                brief.full_clean()
                _compose(brief)
                brief.save()
        except (ValidationError, IntegrityError):
            if there_is.exists():  # somebody prepared it meanwhile
                return False
            raise
    return True


def make_brief_pdfs() -> int:
    """Make the PDFs that issued briefs lack. Safe to run twice at once; how many were made."""
    made = 0
    for language in LANGUAGES:
        written = Brief.objects.issued().filter(documents__has_key=language)
        lacking = written.exclude(pdfs__language=language)
        for brief in lacking.iterator(chunk_size=10):
            pdf_of(brief, language)
            made += 1
    return made


def pdf_of(brief: Brief, language: str) -> bytes:
    """A brief as a PDF in one of its languages: an issued one's is made once and kept.

    Raises KeyError for a language it was not written in.
    """
    if brief.issued_at is None:
        return as_pdf(brief.documents[language])
    cached = BriefPdf.objects.filter(brief=brief, language=language).first()
    if cached is None:
        content = as_pdf(brief.documents[language])
        cached, _is_new = BriefPdf.objects.get_or_create(
            brief=brief, language=language, defaults={"content": content}
        )
    return bytes(cached.content)


def _compose(brief: Brief) -> None:
    facts = gather(brief.mission, brief.classification, brief.week, brief.field_office)
    issued = (str(brief.issued_by), brief.issued_at) if brief.issued_at else None
    brief.documents = {
        language: document(facts, language, brief.asked.splitlines(), issued)
        for language in LANGUAGES
    }
