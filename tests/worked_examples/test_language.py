"""A language of one's own: files, and a line of settings."""

from tests.serving import database_copy
from tests.worked_examples import Outsider

SETTINGS = 'LANGUAGES = [("en", _("English")), ("fr", _("French"))]'
PO = """msgid ""
msgstr ""
"Language: es\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Threats"
msgstr "Amenazas"

msgid "Human rights"
msgstr "Derechos humanos"
"""
TITLES = "code,title\nt1-prv-mediation,Mediación entre comunidades\n"
RUN = """
from django.conf import settings
from django.test import Client
from django.utils import translation
from missions.models import Component, Mission, User
from strategies.models import CatalogueActivity
from strategies.reading.catalogue import load_catalogue
settings.ALLOWED_HOSTS = ["*"]
load_catalogue()
translation.activate("es")
entries = {entry.code: entry.title for entry in CatalogueActivity.objects.all()}
assert entries["t1-prv-mediation"] == "Mediación entre comunidades"
assert entries["t1-prv-commanders"].startswith("Regular talks")  # English where there is none
component = Component.objects.get(mission__code="MINUSCA", kind="human_rights")
assert str(component) == "Derechos humanos"
client = Client()
client.force_login(User.objects.get(username="adviser"))
page = client.get("/MINUSCA/threats/", headers={"accept-language": "es"}).content.decode()
assert 'lang="es"' in page and "Amenazas" in page and "Communities" in page
print("spoken")
"""


def test_a_language_is_its_own_files_and_a_line_of_settings(
    django_db_setup, django_db_blocker, tmp_path
):
    import polib

    outsider = Outsider(tmp_path)
    outsider.change(
        "poc_portal/settings.py",
        SETTINGS,
        'LANGUAGES = [("en", _("English")), ("fr", _("French")), ("es", _("Spanish"))]',
    )
    outsider.add("locale/es/LC_MESSAGES/django.po", PO)
    catalogue = outsider.home / "locale/es/LC_MESSAGES/django.po"
    polib.pofile(str(catalogue)).save_as_mofile(str(catalogue.with_suffix(".mo")))
    outsider.add("strategies/data/catalogue/titles.es.csv", TITLES)
    assert outsider.touched == {"poc_portal/settings.py"}
    with database_copy(django_db_blocker, "language") as database:
        assert "spoken" in outsider.run(RUN, database)
