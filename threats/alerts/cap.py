"""Alerts as CAP 1.2 messages (OASIS, 2010) and an Atom feed (RFC 4287) of them.

What a message says of severity and certainty follows the tables below, for an alert has neither:
it says what is feared, how soon, and how far it was verified.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable
from xml.etree import ElementTree as ET

from django.db.models import Q
from django.utils.translation import gettext, override

from missions.choices import Classification
from threats.alerts.choices import AlertDecision, AlertKind, AlertStage, Imminence, Verification
from threats.choices import Credibility
from threats.choices import PlacePrecision as Precision
from threats.models import Alert

CAP, ATOM = "urn:oasis:names:tc:emergency:cap:1.2", "http://www.w3.org/2005/Atom"
CAP_TYPE, ATOM_TYPE = "application/cap+xml", "application/atom+xml"
K, M = AlertKind, Imminence
URGENCY = {M.IMMINENT: "Immediate", M.DAYS: "Expected", M.WEEKS: "Future", M.UNKNOWN: "Unknown"}
SEVERITIES = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")
SEVERITY = {
    K.ATTACK: "Severe", K.REPRISAL: "Severe", K.SEXUAL_VIOLENCE: "Severe", K.ABDUCTION: "Severe",
    K.DISPLACEMENT: "Severe", K.CLASH: "Severe", K.LOOTING: "Moderate", K.MOVEMENT: "Minor",
    K.OTHER: "Unknown",
}  # fmt: skip
# Of lives, and within hours.
EXTREME = frozenset({K.ATTACK, K.REPRISAL, K.SEXUAL_VIOLENCE})
CERTAINTY = {
    Verification.CONFIRMED: "Observed", Verification.PARTLY: "Likely",
    Verification.UNCONFIRMED: "Possible", Verification.FALSE: "Unlikely",
}  # fmt: skip
BY_CREDIBILITY = {1: "Likely", 2: "Likely", 3: "Possible", 4: "Unlikely", 5: "Unlikely"}
RADIUS = {Precision.EXACT: 1, Precision.NEAR: 25}  # km around the point
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def severity(alert: Alert) -> str:
    if alert.imminence == M.IMMINENT and alert.kind in EXTREME:
        return "Extreme"
    return SEVERITY.get(K(alert.kind), "Unknown")


def of_severity(name: str) -> Q:
    """Condition of having a severity, one of SEVERITIES."""
    extreme = Q(imminence=M.IMMINENT, kind__in=EXTREME)
    if name == "Extreme":
        return extreme
    return Q(kind__in=[kind for kind, found in SEVERITY.items() if found == name]) & ~extreme


def certainty(alert: Alert) -> str:
    if alert.verification:
        return CERTAINTY[Verification(alert.verification)]
    if alert.credibility == Credibility.UNKNOWN:
        return "Unknown"
    return BY_CREDIBILITY.get(alert.credibility, "Unknown")


def cap_message(alert: Alert, *, sender: str, page: str, languages: Iterable[str]) -> bytes:
    """The alert as it stands, in each of ``languages``. ``page``: where it is read.

    ``sender`` names this portal, without spaces or commas. What was typed stays in the language
    it was typed in. Whoever told of it is in no message.
    """
    root = ET.Element("alert", xmlns=CAP)
    is_first = alert.modified_at - alert.created_at < datetime.timedelta(seconds=1)
    first = f"{alert.mission.code}.{alert.pk}.0"
    number = int(alert.modified_at.timestamp() * 1_000_000)
    is_false = alert.verification == Verification.FALSE
    _add(root, "identifier", first if is_first else f"{alert.mission.code}.{alert.pk}.{number}")
    _add(root, "sender", sender)
    _add(root, "sent", _moment(alert.created_at if is_first else alert.modified_at))
    is_exercise = alert.is_demonstration or alert.mission.reference_date is not None
    _add(root, "status", "Exercise" if is_exercise else "Actual")
    _add(root, "msgType", "Alert" if is_first else "Cancel" if is_false else "Update")
    _add(root, "scope", "Restricted")
    restriction = [
        str(Classification(alert.classification).label),
        alert.get_compartments_display(),
    ]
    _add(root, "restriction", "; ".join(filter(None, restriction)))
    if not is_first:
        _add(root, "references", f"{sender},{first},{_moment(alert.created_at)}")
    for language in languages:
        with override(language):
            _add_info(ET.SubElement(root, "info"), alert, language, page)
    return _document(root)


def _add_info(info: ET.Element, alert: Alert, language: str, page: str) -> None:
    _add(info, "language", language)
    _add(info, "category", "Security")
    _add(info, "event", alert.get_kind_display())
    response = _response(alert)
    if response:
        _add(info, "responseType", response)
    is_past = alert.stage == AlertStage.CLOSED
    _add(info, "urgency", "Past" if is_past else URGENCY[Imminence(alert.imminence)])
    _add(info, "severity", severity(alert))
    _add(info, "certainty", certainty(alert))
    _add(info, "effective", _moment(alert.received_at))
    _add(info, "senderName", alert.mission.name)
    _add(info, "headline", str(alert))
    _add(info, "description", alert.details)
    _add(info, "web", page)
    for name, value in (("stage", alert.stage), ("imminence", alert.imminence)):
        parameter = ET.SubElement(info, "parameter")
        _add(parameter, "valueName", name)
        _add(parameter, "value", value)
    _add_area(ET.SubElement(info, "area"), alert)


def _response(alert: Alert) -> str:
    if alert.verification == Verification.FALSE:
        return "AllClear"
    if alert.decided_at is None:
        return "Assess"
    return "Execute" if alert.decision == AlertDecision.RESPOND else "None"


def _add_area(area: ET.Element, alert: Alert) -> None:
    places = [alert.place_name, alert.admin_area.name if alert.admin_area else ""]
    _add(area, "areaDesc", ", ".join(filter(None, places)) or alert.mission.name)
    radius = RADIUS.get(Precision(alert.place_precision))
    if alert.longitude is not None and radius is not None:
        _add(area, "circle", f"{alert.latitude},{alert.longitude} {radius}")
    if alert.admin_area:
        code = ET.SubElement(area, "geocode")
        _add(code, "valueName", "area code")
        _add(code, "value", alert.admin_area.code)


def atom_feed(
    alerts: Iterable[Alert], *, title: str, address: str, following: str | None, page
) -> bytes:
    """A feed of alerts, each linked to its CAP message.

    ``address`` of the feed, ``following`` of its next page; ``page(alert, kind)`` gives the address
    of an alert's page ("html") or message ("cap").
    """
    alerts = list(alerts)
    feed = ET.Element("feed", xmlns=ATOM)
    _add(feed, "id", address)
    _add(feed, "title", title)
    none = datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)
    _add(feed, "updated", _moment(max((alert.modified_at for alert in alerts), default=none)))
    _add(ET.SubElement(feed, "author"), "name", title)
    ET.SubElement(feed, "link", rel="self", type=ATOM_TYPE, href=address)
    if following:
        ET.SubElement(feed, "link", rel="next", type=ATOM_TYPE, href=following)
    for alert in alerts:
        entry = ET.SubElement(feed, "entry")
        _add(entry, "id", page(alert, "cap"))
        _add(entry, "title", str(alert))
        _add(entry, "updated", _moment(alert.modified_at))
        _add(entry, "published", _moment(alert.received_at))
        ET.SubElement(entry, "link", rel="alternate", type="text/html", href=page(alert, "html"))
        ET.SubElement(entry, "link", rel="related", type=CAP_TYPE, href=page(alert, "cap"))
        label = gettext("Severity")
        ET.SubElement(entry, "category", term=severity(alert), label=label)
        _add(entry, "summary", alert.details)
    return _document(feed)


def _add(parent: ET.Element, name: str, text: str) -> None:
    ET.SubElement(parent, name).text = _FORBIDDEN.sub("", str(text))


def _moment(moment: datetime.datetime) -> str:
    return moment.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00")


def _document(root: ET.Element) -> bytes:
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)
