"""What an import brings is told of actors that its readers see, and of no other."""

import pytest

from tests.factories import ActorIdentifierFactory, ArmedActorFactory, MissionFactory
from tests.threats.test_record_end import FILE
from threats.models import ActorIdentifier, Incident
from threats.sources.loader import import_incidents


@pytest.fixture
def first_actor(mission):
    """Identifier and name of an actor of the file."""
    import_incidents(mission=mission, path=FILE, format_name="ucdp")
    found = ActorIdentifier.objects.filter(mission=mission, dataset="ucdp").first()
    return found.value, found.actor.name


@pytest.mark.parametrize("secrecy", [{"classification": 2}, {"compartments": ["crsv"]}])
def test_open_events_are_told_of_no_hidden_actor(first_actor, secrecy):
    value, name = first_actor
    later = MissionFactory()
    hidden = ArmedActorFactory(mission=later, name=name, **secrecy)
    other = ArmedActorFactory(mission=later, name="Other", **secrecy)
    ActorIdentifierFactory(actor=other, mission=later, dataset="ucdp", value=value)
    import_incidents(mission=later, path=FILE, format_name="ucdp")
    for actor in (hidden, other):
        assert not Incident.objects.filter(mission=later, actors=actor).exists()
    made = ActorIdentifier.objects.get(mission=later, value=value, namesake=1)
    assert Incident.objects.filter(mission=later, actors=made.actor).exists()
    import_incidents(mission=later, path=FILE, format_name="ucdp")
    assert ActorIdentifier.objects.filter(mission=later, value=value).count() == 2


def test_of_namesakes_the_visible_one_is_meant(first_actor):
    value, _name = first_actor
    later = MissionFactory()
    shown = ArmedActorFactory(mission=later, name="Shown")
    secret = ArmedActorFactory(mission=later, name="Secret", classification=2)
    for number, actor in enumerate((shown, secret)):
        ActorIdentifierFactory(
            actor=actor, mission=later, dataset="ucdp", value=value, namesake=number
        )
    import_incidents(mission=later, path=FILE, format_name="ucdp")
    assert Incident.objects.filter(mission=later, actors=shown).exists()
    assert not Incident.objects.filter(mission=later, actors=secret).exists()
