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
import datetime
from django.conf import settings
from django.test import Client
from django.utils import translation
from missions.models import Component, Mission, User
from strategies.models import Brief, CatalogueActivity
from django.utils import timezone
from strategies.reading.catalogue import load_catalogue
from strategies.services.briefs import _compose, make_brief_pdfs
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

# A brief that was issued before the portal spoke the language stays in those it was written in.
mission = Mission.objects.get(code="MINUSCA")
brief = Brief(mission=mission, week=datetime.date(2022, 12, 19), classification=0)
_compose(brief)
assert set(brief.documents) == {"en", "fr", "es"}
del brief.documents["es"]
brief.issued_at, brief.edition = timezone.now(), 1
brief.save()
make_brief_pdfs()
assert {pdf.language for pdf in brief.pdfs.all()} == {"en", "fr"}
page = client.get(f"/MINUSCA/briefs/{brief.pk}/", headers={"accept-language": "es"})
assert page.status_code == 200 and b"PDF EN" in page.content and b"PDF ES" not in page.content
address = f"/MINUSCA/briefs/{brief.pk}/pdf/"
assert client.get(address, headers={"accept-language": "es"}).status_code == 200
assert client.get(address, {"language": "es"}).status_code == 404
assert client.get(f"/api/v1/briefs/{brief.pk}/pdf/", {"language": "es"}).status_code == 400
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
