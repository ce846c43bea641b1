"""Filters of the pages of plans."""

from django import template

from records.services import version_of

register = template.Library()
register.filter("version", version_of)  # mark of a record's state, for a form's hidden field
