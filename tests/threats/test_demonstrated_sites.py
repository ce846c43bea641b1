"""Displacement sites of the demonstration: named by the record, with nothing claimed beyond it."""

from threats.choices import CommunityAccess, CommunityKind
from threats.models import Community, Incident
from threats.scoring.training import known_communities


def test_each_site_is_named_by_an_event_there_and_claims_no_number(demo):
    sites = Community.objects.filter(mission=demo, kind=CommunityKind.DISPLACEMENT_SITE)
    assert sites.count() == 8
    for site in sites:
        event = Incident.objects.get(mission=demo, external_id=site.source_id)
        assert (site.longitude, site.latitude) == (event.longitude, event.latitude)
        assert (site.population, site.displaced_population) == (None, None)
        assert site.access == CommunityAccess.UNKNOWN


def test_sites_stand_on_the_threats_of_their_host_towns(demo):
    for site, town in (("Site de Bambari", "Bambari"), ("Site PK3 (Bria)", "Bria")):
        threats = [
            set(
                Community.objects.get(mission=demo, name=name)
                .threats.filter(is_demonstration=True)
                .values_list("pk", flat=True)
            )
            for name in (site, town)
        ]
        assert threats[0] == threats[1]


def test_the_model_learns_and_is_judged_without_sites_that_only_events_name(demo):
    everywhere = Community.objects.current().filter(mission=demo)
    assert everywhere.count() == 393
    assert len(known_communities(demo).longitude) == 385
