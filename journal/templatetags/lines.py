"""How what somebody wrote is told in a line. Rows are most of a page that lists many, so they are Python."""

from datetime import datetime

from django import template
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from ..entries import Head, Version
from ..forms import FEELINGS
from ..subjects import Subject

register = template.Library()


@register.filter
def day(when: datetime | None) -> str:
    """Write a day as its own clock had it: “March 3”, with the year if it was another one."""
    if when is None:
        return gettext("at some time")
    this_year = when.year == datetime.now(when.tzinfo).year
    return date_format(when, gettext("F j") if this_year else gettext("F j, Y"))


@register.filter
def hour(when: datetime) -> str:
    """Write a day and the hour that began then: “March 3, after 10 PM”."""
    return gettext("{day}, after {hour}").format(day=day(when), hour=_on_clock(when, gettext("g A")))


@register.filter
def moment(when: datetime | None) -> str:
    """Write a day and a time as its own clock had them: “March 3, 10:42 PM”, or “March 3, 10:42 PM UTC”."""
    if when is None:
        return day(when)
    return gettext("{day}, {time}").format(day=day(when), time=_on_clock(when, gettext("g:i A")))


def _on_clock(when: datetime, form: str) -> str:
    """Write a time, in one piece. Where no browser has told its clock's zone it says how far from UTC it is."""
    name = when.tzname() or ""
    said = date_format(when, form) + (f" {name}" if name.startswith("UTC") else "")
    return said.replace(" ", "\u00a0")


@register.filter
def feeling(head: Head) -> str:
    """Say how writing it felt, in the words that were chosen; nothing, if none were."""
    return str(dict(FEELINGS).get(head.feeling, ""))


@register.filter
def state(head: Head) -> str:
    """Say what it is and from when: “Record · Still thinking · March 3”."""
    said = (gettext("Record") if head.record else "", feeling(head), day(head.written_at))
    return " · ".join(part for part in said if part)


@register.simple_tag
def entry_row(subject: Subject, version: Version, url: str) -> SafeString:
    """One of somebody's entries in a list."""
    if version.head is None:
        lines = gettext("Something you wrote"), gettext("Couldn’t open this one. Nothing was deleted.")
        return format_html('<li><a href="{}"><b>{}</b><span>{}</span></a></li>', url, *lines)
    name = version.head.title or version.head.asked or subject.name
    row = '<li><a href="{}"><b dir="auto">{}</b><span>{}</span></a></li>'
    return format_html(row, url, name, state(version.head))
