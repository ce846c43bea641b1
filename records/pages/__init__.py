"""Bases of pages within a mission: access, lists, details, forms.

A list page is a queryset, a filterset and a table; a form page is a form and a service. Apps add
to lists and to records' pages with ``poc_portal.declarations.extensions``.
"""

from records.pages.actions import ActionPage, PostOnly
from records.pages.forms import EditPage, FormPage, OfRecord, place_errors
from records.pages.lists import PAGE_SIZE, ListPage
from records.pages.mission import ContentPage, MissionPage, RecordPage

__all__ = [
    "PAGE_SIZE",
    "ActionPage",
    "ContentPage",
    "EditPage",
    "FormPage",
    "ListPage",
    "MissionPage",
    "OfRecord",
    "PostOnly",
    "RecordPage",
    "place_errors",
]
