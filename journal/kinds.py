"""The form of each kind of entry, and those of kinds that ask for more than words."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from .forms import CheckInForm, EntryForm, NewPageForm, PageForm

HOURS = {"24": 24, "72": 72, "336": 336}  # that a letter can wait


class LetterForm(PageForm):
    """A letter that nobody is sent. It stays open, or waits for as long as the writer chooses."""

    feeling = record = happened = place = None  # type: ignore[assignment]  # not asked of a letter
    wait = forms.ChoiceField(
        label=gettext_lazy("Put it out of sight for a while?"),
        choices=[
            ("", gettext_lazy("Keep it open")),
            ("24", gettext_lazy("24 hours")),
            ("72", gettext_lazy("72 hours")),
            ("336", gettext_lazy("Two weeks")),
        ],
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": gettext_lazy("Choose one of these.")},
    )

    def clean(self) -> dict[str, Any]:
        """Add when it opens: hours on the clock of nobody, written down by the clock of the writer."""
        given = self.cleaned_data
        if given.get("wait") and "zone" in given:
            opens = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=HOURS[given["wait"]])
            given["opens"] = opens.astimezone(given["zone"]).isoformat()
        return given

    @property
    def as_typed(self) -> dict[str, Any]:
        """A draft does not wait: sealing takes a save."""
        return {**super().as_typed, "opens": ""}


class NewLetterForm(LetterForm):
    entry = forms.UUIDField(widget=forms.HiddenInput)


FORMS: dict[str, type[EntryForm]] = {
    "answer": EntryForm,
    "page": PageForm,
    "letter": LetterForm,
    "check-in": CheckInForm,
    "limits": EntryForm,
    "summary": EntryForm,
}
# Of the kinds that there can be many of: the form of a new one.
NEW_FORMS: dict[str, type[EntryForm]] = {"page": NewPageForm, "letter": NewLetterForm}
