"""Communities and actors that people keep: merging places, dated members of coalitions."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from missions.choices import Role
from records.services import EditConflict
from records.versions import version_of
from tests.factories import (
    ActivityFactory,
    AlertFactory,
    ArmedActorFactory,
    CommunityFactory,
    MissionFactory,
    ThreatFactory,
)
from threats.models import CoalitionMember, Community, EvidenceSums, RiskHistory, RiskScore
from threats.services.actors import Belonging, add_actor, edit_actor
from threats.services.communities import merge_communities

DAY = datetime.date(2020, 12, 17)


def two(mission, **values):
    keep = CommunityFactory(mission=mission, name="Ndah", population=None, aliases=["Nda"])
    other = CommunityFactory(
        mission=mission, name="Ndaa", population=900, vulnerable_groups=["IDPs"], **values
    )
    return keep, other


class TestMerging:
    def test_names_people_and_every_link_come_to_the_one_kept(self, mission, member):
        keep, other = two(mission)
        threat, both = ThreatFactory(mission=mission), ThreatFactory(mission=mission)
        activity, alert = ActivityFactory(mission=mission), AlertFactory(mission=mission)
        threat.communities.add(other)
        both.communities.add(keep, other)
        activity.communities.add(other)
        alert.communities.add(other)
        kept = merge_communities(keep, user=member(Role.ANALYST), other=other)
        assert kept.aliases == ["Nda", "Ndaa"]
        assert (kept.population, kept.vulnerable_groups) == (900, ["IDPs"])
        for record in (threat, both, activity, alert):
            assert list(record.communities.all()) == [keep]
        other.refresh_from_db()
        assert other.withdrawn_at
        assert other.merged_into == keep

    def test_every_way_a_record_can_point_at_a_community_is_taken_along(self):
        """What points by a key of its own is computed, and made anew for the one kept."""
        keys = {
            relation.related_model
            for relation in Community._meta.related_objects
            if not relation.many_to_many
        }
        assert keys <= {RiskScore, RiskHistory, EvidenceSums, Community}

    def test_what_is_known_is_not_overwritten(self, mission, member):
        keep, other = two(mission)
        keep.population = 1_000
        keep.save()
        assert merge_communities(keep, user=member(Role.ANALYST), other=other).population == 1_000

    def test_a_more_secret_record_is_not_merged_into_an_open_one(self, mission, member):
        keep, other = two(mission, classification=2)
        with pytest.raises(ValidationError, match="classified higher"):
            merge_communities(keep, user=member(Role.ANALYST), other=other)
        other.refresh_from_db()
        assert other.withdrawn_at is None
        merge_communities(other, user=member(Role.ANALYST), other=keep)

    def test_nobody_merges_what_he_may_not(self, mission, member):
        keep, other = two(mission)
        with pytest.raises(PermissionDenied):
            merge_communities(keep, user=member(Role.REPORTER), other=other)
        far = CommunityFactory(mission=MissionFactory())
        analyst = member(Role.ANALYST)
        for wrong in (keep, far):
            with pytest.raises(ValidationError):
                merge_communities(keep, user=analyst, other=wrong)

    def test_who_comes_second_is_told(self, mission, member):
        keep, other = two(mission)
        analyst = member(Role.ANALYST)
        seen = version_of(keep, analyst)
        keep.population = 5_000
        keep.save()
        with pytest.raises(EditConflict):
            merge_communities(keep, user=analyst, other=other, expected=seen)

    def test_the_page_merges_by_name_and_old_links_lead_on(self, mission, member, signed_in):
        keep, other = two(mission)
        client = signed_in(member(Role.ANALYST))
        url = f"/{mission.code}/communities/{keep.pk}/merge/"
        version = client.get(url).context["form"]["version"].value()
        wrong = client.post(url, {"other": "Nowhere", "version": version})
        assert wrong.status_code == 422
        assert "No community is called" in wrong.content.decode()
        answer = client.post(url, {"other": "Ndaa", "version": version})
        assert answer.url == keep.get_absolute_url()
        assert client.get(other.get_absolute_url()).url == keep.get_absolute_url()
        stranger = signed_in(member(Role.ANALYST, where=MissionFactory()))
        assert stranger.get(other.get_absolute_url()).status_code == 404

    def test_a_community_is_withdrawn_with_a_reason(self, mission, member, signed_in):
        keep, _other = two(mission)
        client = signed_in(member(Role.ANALYST))
        url = f"/{mission.code}/communities/{keep.pk}/withdraw/"
        answer = client.post(url, {"reason": ""}, follow=True)
        assert "Say why this record is withdrawn." in answer.content.decode()
        assert client.post(url, {"reason": "Entered twice"}).url.endswith("/communities/")
        assert client.get(keep.get_absolute_url()).status_code == 404
        assert signed_in(member(Role.REPORTER)).post(url, {"reason": "x"}).status_code in (403, 404)


class TestCoalitions:
    def test_members_have_days(self, mission, member):
        user = member(Role.ANALYST)
        upc, mpc = (ArmedActorFactory(mission=mission, name=name) for name in ("UPC", "MPC"))
        coalition = add_actor(
            user=user, mission=mission, name="CPC", kind="non_state_armed_group",
            belongings=[Belonging(upc, DAY, DAY.replace(year=2021)), Belonging(mpc, DAY)],
        )  # fmt: skip
        rows = CoalitionMember.objects.filter(coalition=coalition).order_by("member__name")
        assert [(row.member, row.since) for row in rows] == [(mpc, DAY), (upc, DAY)]
        edit_actor(coalition, user=user, belongings=[Belonging(mpc, DAY)])
        assert list(coalition.members.all()) == [mpc]

    def test_a_hidden_member_stays_and_is_not_shown(self, mission, member, signed_in, api):
        reader = member(Role.ANALYST, clearance=0)
        hidden = ArmedActorFactory(mission=mission, name="Hidden wing", classification=2)
        coalition = ArmedActorFactory(mission=mission, name="CPC")
        CoalitionMember.objects.create(coalition=coalition, member=hidden, since=DAY)
        page = signed_in(reader).get(coalition.get_absolute_url()).content.decode()
        assert "Hidden wing" not in page
        shown = api(reader).get(f"/api/v1/armed-actors/{coalition.pk}/").json()
        assert shown["members"] == shown["belongings"] == []
        edit_actor(coalition, user=reader, belongings=[])
        assert list(coalition.members.all()) == [hidden]

    def test_the_form_reads_days_and_says_what_is_wrong(self, mission, member, signed_in):
        client = signed_in(member(Role.ANALYST))
        upc = ArmedActorFactory(mission=mission, name="UPC")
        coalition = ArmedActorFactory(mission=mission, name="CPC")
        url = f"/{mission.code}/actors/{coalition.pk}/edit/"
        form = client.get(url).context["form"]
        body = {"name": "CPC", "kind": "militia", "classification": "0"}
        body["version"] = form["version"].value()
        for text, said in (
            ("Nobody; 2020-12-17", "No armed actor is called"),
            ("UPC; 17 December", "write days as 2020-12-17"),
            ("UPC; 2021-01-01; 2020-01-01", "until lies before since"),
            ("CPC", "no member of itself"),
        ):
            answer = client.post(url, body | {"belongings": text})
            assert answer.status_code == 422
            assert said in answer.content.decode()
            assert text in answer.content.decode()  # nothing typed is lost
        answer = client.post(url, body | {"belongings": "UPC; 2020-12-17"})
        assert answer.status_code == 302
        assert client.get(url).context["form"]["belongings"].value() == "UPC; 2020-12-17"
        assert CoalitionMember.objects.get(coalition=coalition, member=upc).since == DAY
        assert "since 17 December 2020" in client.get(coalition.get_absolute_url()).content.decode()

    def test_the_api_takes_and_gives_days(self, mission, member, api):
        client = api(member(Role.ANALYST))
        upc = ArmedActorFactory(mission=mission)
        made = client.post(
            "/api/v1/armed-actors/",
            {
                "mission": mission.code, "name": "CPC", "kind": "non_state_armed_group",
                "belongings": [{"member": upc.pk, "since": "2020-12-17"}],
            },
            format="json",
        )  # fmt: skip
        assert made.status_code == 201, made.json()
        assert made.json()["members"] == [upc.pk]
        assert made.json()["belongings"] == [
            {"member": upc.pk, "since": "2020-12-17", "until": None}
        ]
