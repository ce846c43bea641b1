"""Filters of the pages of plans."""

from django import template
from django.utils.formats import date_format
from django.utils.timezone import localtime

from strategies.models import Activity

register = template.Library()


@register.filter
def due(activity: Activity) -> str:
    """When it is due: the day, and the time of day where it is due to the hour."""
    day = date_format(activity.due, "SHORT_DATE_FORMAT")
    if activity.due_at is None:
        return day
    return f"{day}, {date_format(localtime(activity.due_at), 'TIME_FORMAT')}"
