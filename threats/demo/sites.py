"""Displacement sites of the demonstration: those that the events themselves name, and no others.

How many people live there no event says, nor whether a site still stood: both are unknown. They are
brought in after the proposed threats were judged, and named by hand on those of their host towns.
"""

from __future__ import annotations

from missions.choices import Role
from missions.demo import Demo
from threats.choices import CommunityKind
from threats.models import Community, Incident, Threat
from threats.services.communities import add_community
from threats.services.threats import edit_threat

SOURCE = "ucdp_site"
# Name, host town, and the first event whose description names the site.
SITES = (
    ("Site de Batangafo", "Batangafo", "205653"),
    ("Site de Bambari", "Bambari", "214088"),
    ("Site de Ngakobo", "Ngakobo", "260742"),
    ("Site de l’Évêché (Kaga-Bandoro)", "Kaga Bandoro", "236396"),
    ("Site de Bamou (Kaga-Bandoro)", "Kaga Bandoro", "236395"),
    ("Site de la mission catholique d’Alindao", "Alindao", "240673"),
    ("Site PK3 (Bria)", "Bria", "240625"),
    ("Site d’Ippy", "Ippy", "274264"),
)


def bring_sites(demo: Demo) -> None:
    analyst, mission = demo.people[Role.ANALYST], demo.mission
    accepted = Threat.objects.filter(mission=mission, is_demonstration=True)
    for name, town, number in SITES:
        event = Incident.objects.get(mission=mission, external_id=number)
        assert event.longitude is not None  # each is placed in its town, or near it
        assert event.latitude is not None
        site = add_community(
            user=analyst, mission=mission, name=name, kind=CommunityKind.DISPLACEMENT_SITE,
            longitude=event.longitude, latitude=event.latitude, source=SOURCE, source_id=number,
        )  # fmt: skip
        host = Community.objects.filter(mission=mission, name=town).earliest("pk")
        for threat in accepted.filter(communities=host):
            edit_threat(threat, user=analyst, communities=[*threat.communities.all(), site])
