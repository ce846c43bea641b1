"""Telling other systems as things happen, signed as Standard Webhooks say.

What is to be told is a row of the transaction that caused it, so it is told if and only if that
was stored, and a worker that dies loses nothing: the row waits for the next. One worker at a time
delivers for a webhook, in the order things happened; a record's next event waits for its last.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import hmac
import logging
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext
from django_filters import FilterSet

from exchange.choices import EventKind, NotificationKind
from exchange.declared import event_resources
from exchange.models import Delivery, Webhook
from exchange.notifications.services import notify
from missions.access import grants
from missions.models import Membership, Mission, User
from poc_portal.api.renderers import encode_json
from poc_portal.api.router import resources
from poc_portal.celery import wake
from poc_portal.declarations.extensions import annotated
from poc_portal.web.outbound import Forbidden, Unreachable, check_url, post
from records.given import UNSET, Unset, given
from records.queue import Lost, Queue
from records.versions import versions_of

# Seconds until the next try; about a day in all.
BACKOFF = (5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400, 28_800, 28_800)
BUDGET = 20.0  # seconds it keeps at one webhook before the others have their turn
THREADS = 8
RETENTION = datetime.timedelta(days=30)
GONE = 410  # the receiver wants no more
State = Delivery.State

log = logging.getLogger(__name__)


# -- what happens -----------------------------------------------------------------------------


def has_listeners(mission: Mission, kind: str) -> bool:
    """Whether any webhook of the mission listens to a kind of event."""
    return Webhook.objects.listening(kind).filter(mission=mission).exists()


# By webhook and record, the version its reader was told.
Told = Mapping[int, Mapping[int, str]]


def told_before(mission: Mission, kind: str, records: QuerySet) -> Told:
    """What the readers of the webhooks that listen know of records that are about to change."""
    listening = Webhook.objects.listening(kind).filter(mission=mission).select_related("owner")
    return {webhook.pk: _versions(webhook, records) for webhook in listening}


def _versions(webhook: Webhook, records: QuerySet) -> dict[int, str]:
    reader = webhook.reader()
    return versions_of(list(records.visible_to(reader)), reader)  # type: ignore[attr-defined]


def emit(
    mission: Mission,
    kind: str,
    records: QuerySet,
    level: int | None = None,
    was: Told | None = None,
) -> None:
    """Note an event for each record, for each webhook that asks and may see it.

    Called within the transaction of its cause. ``level``: only for webhooks that carry just what
    this layer of figures holds, for those that differ by layer. ``was``: from ``told_before``; a
    change that is hidden from a webhook's reader is none for it.
    """
    for webhook in Webhook.objects.listening(kind).filter(mission=mission).select_related("owner"):
        held = grants(webhook.reader()).get(mission.pk)
        if held is None or level not in (None, held.layer):
            continue
        seen = _matching(webhook, kind, records)
        keys = list(seen.order_by("pk").values_list("pk", flat=True))
        if was is not None:
            known, now = was.get(webhook.pk, {}), _versions(webhook, seen)
            keys = [key for key in keys if known.get(key) != now[key]]
        Delivery.objects.bulk_create(
            Delivery(webhook=webhook, event=kind, record=key) for key in keys
        )
        wake("exchange.tasks.deliver_webhooks")


def emit_one(record, kind: str) -> None:
    """Note an event of one record."""
    emit(record.mission, kind, type(record).objects.filter(pk=record.pk))


def _matching(webhook: Webhook, kind: str, records: QuerySet) -> QuerySet:
    seen = records.visible_to(webhook.reader())  # type: ignore[attr-defined]
    if not webhook.filters:
        return seen
    filterset = _filterset(webhook, kind, seen)
    return filterset.qs if filterset.is_valid() else seen.none()


def _filterset(webhook: Webhook, kind: str, records: QuerySet) -> FilterSet:
    """The webhook's filters over records of an event, as its reader has them."""
    request = HttpRequest()
    request.user = webhook.reader()  # type: ignore[assignment]
    made: Any = resources()[event_resources()[kind]].filterset()
    return made(  # those apps add need what they annotate
        QueryDict(webhook.filters), annotated(records, request.user), request=request
    )


# -- webhooks ---------------------------------------------------------------------------------


def save_webhook(
    *,
    user: User,
    mission: Mission,
    webhook: Webhook | None = None,
    name: str | Unset = UNSET,
    url: str | Unset = UNSET,
    events: list[str] | Unset = UNSET,
    filters: str | Unset = UNSET,
    classification: int | Unset = UNSET,
) -> Webhook:
    """Make a webhook of one's own, or change it. Raises ValidationError by field.

    ``events``: kinds of event. ``filters``: of the API, as in an address. ``classification``: up to
    which it is told.
    """
    webhook = webhook or Webhook(mission=mission, owner=user)
    values = given(
        name=name, url=url, events=events, filters=filters, classification=classification
    )
    for field, value in values.items():
        setattr(webhook, field, value)
    errors = {}
    try:
        check_url(webhook.url)
    except Forbidden as error:
        errors["url"] = str(error)
    if not webhook.events:
        errors["events"] = gettext("Choose at least one.")
    problem = _filter_problem(webhook)
    if problem:
        errors["filters"] = problem
    if errors:
        raise ValidationError(errors)
    webhook.full_clean()
    webhook.save()
    return webhook


def _filter_problem(webhook: Webhook) -> str | None:
    given = QueryDict(webhook.filters)
    if webhook.filters and not given:
        return gettext("Write filters such as kind=killing&field_office=3.")
    for kind in webhook.events:
        if kind not in event_resources():
            continue
        filterset = resources()[event_resources()[kind]].filterset()
        unknown = sorted(set(given) - set(filterset.base_filters))
        if unknown:
            return gettext("“%(name)s” is no filter of %(resource)s; there are: %(names)s.") % {
                "name": unknown[0], "resource": event_resources()[kind],
                "names": ", ".join(sorted(filterset.base_filters)),
            }  # fmt: skip
        problem = _value_problem(webhook, kind) if given else None
        if problem:
            return problem
    return None


def _value_problem(webhook: Webhook, kind: str) -> str | None:
    """A value no filter knows would tell nobody of anything."""
    records = resources()[event_resources()[kind]].queryset.model.objects.none()
    for name, problems in _filterset(webhook, kind, records).errors.items():
        return f"{name}: {problems[0]}"
    return None


def send_test(webhook: Webhook) -> None:
    """Send an event of no record, so that the receiver can be tried."""
    with transaction.atomic():
        Delivery.objects.create(webhook=webhook, event=EventKind.TEST)
        wake("exchange.tasks.deliver_webhooks")


def replay(delivery: Delivery) -> None:
    """Send an event again, as what it names stands now."""
    with transaction.atomic():
        Delivery.objects.filter(pk=delivery.pk).update(
            state=State.WAITING, tries=0, due_at=Now(), problem=""
        )
        wake("exchange.tasks.deliver_webhooks")


def start(webhook: Webhook) -> None:
    """Switch on a webhook that was stopped; what waited is tried at once.

    Raises ValidationError for one an administrator stopped.
    """
    with transaction.atomic():
        if Webhook.objects.filter(pk=webhook.pk, stopped_by__isnull=False).exists():
            raise ValidationError(
                gettext("An administrator of the mission switched it off. Ask them to release it.")
            )
        Webhook.objects.filter(pk=webhook.pk).update(stopped_at=None, stopped_because="")
        webhook.deliveries.filter(state=State.WAITING).update(due_at=Now())
        wake("exchange.tasks.deliver_webhooks")


def stop(webhook: Webhook, because: str = "") -> None:
    """Switch a webhook off; ``because``: in words for its owner, empty where it was asked for."""
    Webhook.objects.filter(pk=webhook.pk).update(stopped_at=timezone.now(), stopped_because=because)


# -- delivery ---------------------------------------------------------------------------------


def _given_up(delivery: Delivery) -> None:
    """Switch the webhook off and tell its owner."""
    delivery.refresh_from_db(fields=["status", "problem"])
    Delivery.objects.filter(pk=delivery.pk).update(state=State.GIVEN_UP)
    webhook = delivery.webhook
    stop(
        webhook,
        delivery.problem or gettext("the last answer was %(status)s") % {"status": delivery.status},
    )
    owner = Membership.objects.filter(member=webhook.owner)
    notify(webhook, NotificationKind.WEBHOOK_STOPPED, owner)


def _broke(error: Exception) -> dict[str, Any]:
    problem = gettext("It broke off (%(error)s).") % {"error": type(error).__name__}
    return {"tried_at": timezone.now(), "status": None, "problem": problem[:200]}


LANES = Queue("webhook", lease=30)  # renewed with every request
DELIVERIES = Queue("delivery", LANES.lease, BACKOFF, given_up=_given_up, broke=_broke)


def deliver_due(lease: float = LANES.lease) -> int:
    """Send what is due; how many requests were answered well. Ends within about BUDGET seconds."""
    Delivery.objects.exclude(state=State.WAITING).filter(
        happened_at__lt=timezone.now() - RETENTION
    ).delete()
    lanes = replace(LANES, lease=lease)
    due = Delivery.objects.filter(webhook=OuterRef("pk"), state=State.WAITING, due_at__lte=Now())
    mine = lanes.claim(Webhook.objects.filter(Exists(due), stopped_at__isnull=True))
    if not mine:
        return 0
    with ThreadPoolExecutor(THREADS) as pool:
        return sum(pool.map(partial(_deliver_for, lanes), mine))


def _deliver_for(lanes: Queue, lane: Webhook) -> int:
    """Deliver what is due for one webhook, in a thread with a connection of its own."""
    delivered, began = 0, time.monotonic()
    try:
        while time.monotonic() - began < BUDGET:
            webhook = Webhook.objects.select_related("mission", "owner").filter(pk=lane.pk).first()
            delivery = None if webhook is None or webhook.stopped_at else _next(webhook)
            if webhook is None or delivery is None:
                break
            lanes.renew(lane)
            DELIVERIES.begin(delivery)
            delivered += DELIVERIES.attempt(delivery, partial(_try, webhook))
        lanes.release(lane)
    except Lost:
        log.info("webhook %s: another worker has it, or it is gone", lane.pk)
    finally:
        connection.close()
    return delivered


def _next(webhook: Webhook) -> Delivery | None:
    """The oldest that is due and before which nothing of the same record still waits."""
    waiting = webhook.deliveries.filter(state=State.WAITING)
    earlier = Delivery.objects.filter(
        webhook=webhook, state=State.WAITING, record=OuterRef("record"),
        pk__lt=OuterRef("pk"),
    )  # fmt: skip
    due = waiting.filter(~Exists(earlier), due_at__lte=Now())
    return due.order_by("pk").first()


def _try(webhook: Webhook, delivery: Delivery) -> bool:
    body = _body(webhook, delivery)
    if body is None:
        _done(delivery, State.WITHHELD)
        return False
    moment = str(int(time.time()))
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "POC-Portal-Webhooks/1",
        "webhook-id": str(delivery.message),
        "webhook-timestamp": moment,
        "webhook-signature": signature(webhook.secret, str(delivery.message), moment, body),
    }
    status, problem = None, ""
    try:
        status = post(webhook.url, body, headers)
    except (Forbidden, Unreachable) as error:
        problem = str(error)
    if status is not None and 200 <= status < 300:
        _done(delivery, State.DELIVERED, status)
        return True
    if status is not None and 300 <= status < 400:
        problem = gettext("a redirect, which is not followed")
    DELIVERIES.failed(
        delivery, for_good=status == GONE,
        tried_at=timezone.now(), status=status, problem=problem[:200],
    )  # fmt: skip
    return False


def _done(delivery: Delivery, state: str, status: int | None = None) -> None:
    DELIVERIES.done(delivery, state=state, status=status, problem="", tried_at=timezone.now())


def signature(secret: str, message: str, moment: str, body: bytes) -> str:
    """The header ``webhook-signature`` of Standard Webhooks: HMAC-SHA256 over id, moment and body."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message}.{moment}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()


def _body(webhook: Webhook, delivery: Delivery) -> bytes | None:
    """What is told of the event; None when the record is no longer the reader's to see."""
    data: dict | None = {}
    if delivery.event in event_resources():
        viewset = resources()[event_resources()[delivery.event]]
        data = viewset.shown_to(webhook.reader(), delivery.record)
        if data is None:
            return None
    happened = delivery.happened_at.astimezone(datetime.UTC).isoformat()
    return encode_json(
        {"type": delivery.event, "timestamp": happened, "mission": webhook.mission.code,
         "data": data}
    ).encode()  # fmt: skip
