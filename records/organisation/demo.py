"""Areas and field offices of the demonstration."""

from missions.demo import DATA, Demo, Step, whole
from records.organisation.imports import import_admin_areas, import_field_offices


def organise(demo: Demo) -> None:
    whole(import_admin_areas(mission=demo.mission, path=DATA / "admin1_caf.geojson"))
    whole(import_field_offices(mission=demo.mission, path=DATA / "field_offices_minusca.csv"))


steps = [Step("administrative areas and field offices", organise)]
