"""The form of each kind of entry, and those of kinds that ask for more than words."""

from datetime import UTC, datetime, timedelta
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.conf import settings
from django.http import QueryDict
from django.utils.translation import gettext_lazy

from . import picking, sentences
from .forms import EntryForm, ExactTextField, NewPageForm, PageForm
from .signs import SignsField

ENDINGS = (
    ("not-now", gettext_lazy("Not now")),
    ("talk", gettext_lazy("Talk")),
    ("walk-away", gettext_lazy("Walk away")),
)
HOURS = {"24": 24, "72": 72, "336": 336}  # that a letter can wait


class CheckInForm(EntryForm):
    """What somebody noticed in a week. Nothing is an answer too.

    A flag that is off the site can be chosen if it is among the ``signs`` given as initial, in its wording there.
    """

    text = ExactTextField(label=gettext_lazy("Anything you want to remember?"))
    feeling = None  # type: ignore[assignment]  # not asked of a week
    signs = SignsField(label=gettext_lazy("Which of these did you notice, in them or in yourself?"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._signs.offer(self.initial.get("signs", {}))

    @property
    def _signs(self) -> SignsField:
        return cast(SignsField, self.fields["signs"])

    @property
    def as_typed(self) -> dict[str, Any]:
        return {**super().as_typed, "signs": self._signs.known(cast(QueryDict, self.data).getlist("signs"))}


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
            given["opens"] = opens.astimezone(given["zone"] or ZoneInfo(settings.TIME_ZONE)).isoformat()
        return given

    @property
    def as_typed(self) -> dict[str, Any]:
        """A draft does not wait: sealing takes a save."""
        return {**super().as_typed, "opens": ""}


class NewLetterForm(LetterForm):
    entry = forms.UUIDField(widget=forms.HiddenInput)


class PickedField(forms.MultipleChoiceField):
    """Sentences that were ticked, each on one line."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self) -> None:
        super().__init__(required=False)
        self.validators = [_no_nul]

    def valid_value(self, value: str) -> bool:
        return True  # a sentence that has changed meanwhile is the person's own, too

    def clean(self, value: Any) -> list[str]:
        return sentences.each_once(line for each in super().clean(value) for line in sentences.lines(each))


def _no_nul(values: list[str]) -> None:
    for value in values:
        ExactTextField().run_validators(value)


class PickingForm(EntryForm):
    """A text that is put together from what was typed, and from sentences that were picked."""

    feeling = None  # type: ignore[assignment]  # not asked here
    picked = PickedField()

    @property
    def ticked(self) -> list[str]:
        """The sentences that are ticked in the form, whatever is wrong with it."""
        if self.is_bound:
            given = cast(QueryDict, self.data).getlist("picked")
            return sentences.each_once(line for each in given for line in sentences.lines(each))
        return list(self.initial.get("picked", []))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if "text" in given and "picked" in given:
            given["text"] = self.put_together()
            self.check_length(given["text"])
        return given


class LimitsForm(PickingForm):
    """Limits, one on each line. What is picked is added at the end."""

    text = ExactTextField(label=gettext_lazy("My limits, one on each line"))

    def put_together(self) -> str:
        text: str = self.data.get("text", "")
        new = [line for line in self.ticked if line not in sentences.lines(text)]
        return "\n".join([text.rstrip(), *new]).lstrip("\n") if new else text


class SummaryForm(PickingForm):
    """Where somebody is, in sentences of their own, and what they want to remember."""

    text = ExactTextField(label=gettext_lazy("What I want to remember"))
    ending = forms.ChoiceField(
        label=gettext_lazy("Where I am today, if I can say"),
        choices=ENDINGS,
        required=False,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": gettext_lazy("Choose one of these.")},
    )

    @classmethod
    def taken_apart(cls, text: str) -> dict[str, Any]:
        picked, rest = picking.part(text)
        return {"picked": picked, "text": rest}

    def put_together(self) -> str:
        return picking.join(self.ticked, self.data.get("text", ""))


FORMS: dict[str, type[EntryForm]] = {
    "answer": EntryForm,
    "page": PageForm,
    "letter": LetterForm,
    "check-in": CheckInForm,
    "limits": LimitsForm,
    "summary": SummaryForm,
}
# Of the kinds that there can be many of: the form of a new one.
NEW_FORMS: dict[str, type[EntryForm]] = {"page": NewPageForm, "letter": NewLetterForm}
