import secrets

from django.core.management.base import BaseCommand
from tqdm import tqdm

from missions.demo import load_demo, logins, step_count


class Command(BaseCommand):
    help = "Load the bundled demonstration mission, with one account a role."

    def add_arguments(self, parser) -> None:
        parser.add_argument("--password", help="of every demo account; made up when not given")

    def handle(self, *args, **options) -> None:
        password = options["password"] or secrets.token_hex(4)
        with tqdm(total=step_count(), desc="demo", unit="step", leave=False) as bar:

            def say(step: str) -> None:
                bar.set_postfix_str(step)
                bar.update()

            mission = load_demo(password=password, say=say)
        self.stdout.write(f"Mission {mission.code} is loaded.")
        if not options["password"]:
            for role, name in logins():
                self.stdout.write(f"  {role}: {name} / {password}")
