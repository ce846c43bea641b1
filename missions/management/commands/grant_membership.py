from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from missions.choices import Classification, Compartment, Role
from missions.members import change_membership, confirm_clearance, give_membership
from missions.models import Membership, Mission, User

LEVELS = {
    "unclassified": Classification.UNCLASSIFIED,
    "confidential": Classification.CONFIDENTIAL,
    "strictly-confidential": Classification.STRICTLY_CONFIDENTIAL,
}


class Command(BaseCommand):
    help = (
        "Give an account access to a mission, or change it; kept in its history and told to the "
        "mission's administrators. Strictly confidential takes a second administrator: it waits "
        "for one so cleared, where the mission has any, and --confirm is the second of one who "
        "asked in the portal."
    )

    def add_arguments(self, parser) -> None:
        parser.add_argument("--mission", required=True, help="its code")
        parser.add_argument("--account", required=True, help="the name it signs in with")
        parser.add_argument("--role", choices=Role.values)
        parser.add_argument("--clearance", choices=LEVELS)
        parser.add_argument(
            "--compartments", metavar="CODES",
            help="need to know: all that the account is to hold, with commas between, of "
            f"{', '.join(Compartment.values)}; “none” for none",
        )  # fmt: skip
        parser.add_argument(
            "--confirm", action="store_true", help="grant what an administrator asked for"
        )

    def handle(self, *args, **options) -> None:
        mission = Mission.objects.filter(code=options["mission"]).first()
        if mission is None:
            raise CommandError(f"There is no mission “{options['mission']}”.")
        member = User.objects.filter(username=options["account"]).first()
        if member is None:
            raise CommandError(f"There is no account “{options['account']}”.")
        level = None if options["clearance"] is None else LEVELS[options["clearance"]]
        try:
            membership = self._grant(
                mission, member, options["role"], level, _codes(options["compartments"]),
                options["confirm"],
            )  # fmt: skip
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from None
        held = ", ".join(
            [str(Classification(membership.clearance).label), *membership.compartments]
        )
        self.stdout.write(f"{member} in {mission.code}: {membership.role}, {held}.")
        if membership.asked_clearance is not None:
            self.stdout.write("The clearance waits for an administrator of the mission.")

    def _grant(
        self, mission: Mission, member: User, role: str | None, level: int | None,
        compartments: list[str] | None, confirms: bool,
    ) -> Membership:  # fmt: skip
        held = Membership.objects.current().filter(mission=mission, member=member).first()
        if confirms:
            if held is None:
                raise CommandError(f"{member} is no member of {mission.code}.")
            return confirm_clearance(held, by=None)
        if held is not None:
            return change_membership(
                held, by=None, role=role, clearance=level, compartments=compartments
            )
        if role is None:
            raise CommandError(
                f"Say what {member} is to be: --role, one of {', '.join(Role.values)}."
            )
        return give_membership(
            by=None, mission=mission, member=member, role=role, clearance=level or 0,
            compartments=compartments or (),
        )  # fmt: skip


def _codes(text: str | None) -> list[str] | None:
    """Raises CommandError for what is no compartment."""
    if text is None:
        return None
    codes = [] if text == "none" else [code.strip() for code in text.split(",") if code.strip()]
    for code in codes:
        if code not in Compartment.values:
            raise CommandError(
                f"“{code}” is no need-to-know; there are {', '.join(Compartment.values)}."
            )
    return codes
