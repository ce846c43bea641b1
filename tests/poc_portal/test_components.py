"""Components of pages escape what they are given, and the house's check finds what breaks its rules."""

import importlib.util

import pytest
from django.conf import settings
from django.template import engines
from django.test import RequestFactory
from django_cotton.compiler_regex import CottonCompiler

EVIL = "\"><script>alert(1)</script> & 'x'"
ESCAPED = "&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt; &amp; &#x27;x&#x27;"


def render(text, **context):
    template = engines["django"].from_string(CottonCompiler().process(text))
    return template.render(context, RequestFactory().get("/"))


@pytest.mark.parametrize(
    "text",
    [
        '<c-head title="{{ t }}" />',
        '<c-head crumb="{{ t }}" crumb_href="/" />',
        '<c-head><c-slot name="lead">{{ t }}</c-slot></c-head>',
        '<c-panel id="{{ t }}" />',
        '<c-panel title="x" note="{% blocktrans trimmed %} since {{ t }} {% endblocktrans %}" />',
        '<c-figures><c-figure value="{{ t }}" /></c-figures>',
        '<c-figure href="{{ t }}">x</c-figure>',
        '<c-button href="{{ t }}">x</c-button>',
        '<c-action url="/" name="do" value="{{ t }}">x</c-action>',
        "<c-notice>{{ t }}</c-notice>",
        "<c-empty>{{ t }}</c-empty>",
        "<c-table><tr><td>{{ t }}</td></tr></c-table>",
        "{% badge 'level' 'high' t %}",
        "{% badge 'mark' t 'x' %}",
        "{% badge 'mark' '' 'x' title=t %}",
    ],
)
def test_what_people_wrote_is_escaped_once(text):
    page = render(text, t=EVIL)
    assert ESCAPED in page
    assert "<script>" not in page


def test_a_component_takes_nothing_from_the_page_around_it():
    page = render("<c-panel>x</c-panel><c-notice>y</c-notice>", title="Threats", note="n", kind="k")
    assert "Threats" not in page
    assert "<small>" not in page
    assert 'class="notice"' in page


def test_an_action_carries_the_token_of_its_form():
    page = render('<c-action url="/run/" kind="">{% trans "Run now" %}</c-action>')
    assert 'name="csrfmiddlewaretoken"' in page
    assert '<button class="button" >Run now</button>' in page


def test_badges():
    assert render("{% badge 'level' 'high' 12 'High' %}") == (
        '<span class="level level-high">12 · High</span>'
    )
    assert render("{% badge 'level' none '–' %}") == '<span class="level">–</span>'
    assert render("{% badge 'imminence' 'days' 'x' %}") == (
        '<span class="mark imminence-days">x</span>'
    )
    assert render("{% progress 0.25 %}") == '<progress max="1" value="0.2500"></progress>'


@pytest.mark.parametrize(
    ("check", "text"),
    [
        ("template_lines", "<p>" + 120 * "x" + "</p>"),
        ("trimmed_messages", "{% blocktrans with a=b %}x {{ a }}{% endblocktrans %}"),
        ("component_attributes", '<c-panel\n  id="x"\n  :title="{{ threat }}"\n/>'),
        ("written_roles", "DESK = [Role.ADMIN]"),
        ("written_roles", "grant.role in DESK"),
        ("written_roles", "members.filter(role__in=['admin'])"),
    ],
)
def test_the_house_check_finds(check, text, monkeypatch, tmp_path):
    source = importlib.util.spec_from_file_location("house", settings.BASE_DIR / "tools/house.py")
    house = importlib.util.module_from_spec(source)
    source.loader.exec_module(house)
    assert not list(getattr(house, check)())
    for name in ("templates/page.html", "threats/services.py"):
        (tmp_path / name).parent.mkdir()
        is_its_kind = name.endswith(".py") == (check == "written_roles")
        (tmp_path / name).write_text(text if is_its_kind else "")
    monkeypatch.setattr(house, "ROOT", tmp_path)
    assert len(list(getattr(house, check)())) == 1
