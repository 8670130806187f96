"""Links and words of the desk's own pages."""

from typing import Any

from django import template
from django.urls import reverse

register = template.Library()


@register.filter
def desk_url(thing: Any) -> str:
    """Name the form of a record, or of what a change is about."""
    kind = thing.kind if hasattr(thing, "release_id") else thing._meta.model_name
    return f"admin:guide_{kind}_change"


@register.filter
def kind(record: Any) -> str:
    return str(record._meta.verbose_name)


@register.filter
def compare_url(change: Any) -> str:
    """Where the version that readers see stands beside the one that they would see."""
    history = reverse(f"admin:guide_{change.kind}_history", args=[change.record])
    live = change.model.objects.get(pk=change.record).live
    return f"{history}compare/?from={live or ''}&to={change.version}"
