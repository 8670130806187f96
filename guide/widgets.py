"""Boxes of the editors' desk."""

from typing import Any

from django.contrib.admin.widgets import AdminIntegerFieldWidget, AdminTextareaWidget
from django.forms.widgets import Script
from django.urls import reverse_lazy


class MarkdownTextarea(AdminTextareaWidget):
    """A box for Markdown. With scripts it has a toolbar, and pasted text becomes Markdown; without, it is a box."""

    class Media:
        js = [Script("js/toolbar.js", defer=True)]

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        about = {"rows": 16, "data-markdown": "", "data-cheatsheet": reverse_lazy("cheatsheet")}
        super().__init__({**about, **(attrs or {})})


class PlaceInput(AdminIntegerFieldWidget):
    """The number of a row in a list. With scripts the rows can be dragged, and the numbers follow."""

    class Media:
        js = [Script("js/order.js", defer=True)]

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        # No browser fills in the numbers of before a reload, beside rows in another order.
        super().__init__({"aria-label": "Order", "autocomplete": "off", **(attrs or {})})
