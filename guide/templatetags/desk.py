"""Links and words of the desk's own pages."""

from typing import Any

from django import template
from django.urls import reverse

register = template.Library()


@register.filter
def desk_url(record: Any) -> str:
    """Name the form of a record."""
    return f"admin:guide_{record._meta.model_name}_change"


@register.filter
def kind(record: Any) -> str:
    return str(record._meta.verbose_name)


@register.simple_tag
def compare_url(change: Any, row: Any) -> str:
    """Where the version that readers see stands beside the one that they would see."""
    history = reverse(f"admin:guide_{change.kind}_history", args=[change.record])
    return f"{history}compare/?from={row.live or ''}&to={change.version}"
