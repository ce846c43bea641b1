"""Where absolute bands make almost all of a country red, places are still told apart."""

from tests.factories import CommunityFactory, RiskModelFactory, RiskScoreFactory
from threats.choices import Watch


def test_where_every_place_is_acute_rank_and_expected_number_tell_them_apart(
    mission, member, signed_in, api
):
    """As in Syria of 2016–2019, where 62 % of all place-weeks stood in the highest band."""
    model, number = RiskModelFactory(), 13
    scores = [
        RiskScoreFactory(
            community=CommunityFactory(mission=mission), model=model, band=Watch.ACUTE,
            expected=0.6 + 0.2 * place, probability=0.5,
        )
        for place in range(number)
    ]  # fmt: skip
    viewer = member(clearance=0)
    rows = api(viewer).get(f"/api/v1/risk-scores/?mission={mission.code}").json()["results"]
    assert {row["band"] for row in rows} == {5}
    assert {row["rank"]: round(row["expected"], 1) for row in rows} == {
        number - place: round(0.6 + 0.2 * place, 1) for place in range(number)
    }
    page = signed_in(viewer).get(scores[-1].community.get_absolute_url()).content.decode()
    # 3.0 expected, where 1.8 are usual.
    assert f"1.7 times the usual rate · rank 1 of {number}" in " ".join(page.split())
