"""The form of a record: with a note why, and a mark of the version that it was opened on."""

from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join

from guide.publishing import Editable

from . import words


class EditableForm(forms.ModelForm):  # type: ignore[type-arg]  # Django 5.2 has no subscript here
    """Refuses to overwrite what somebody else saved since it was opened, and shows both. A second save overwrites."""

    why = forms.CharField(
        label="Why",
        max_length=100,
        required=False,
        help_text="A note for the history.",
        widget=forms.TextInput(attrs={"class": "vLargeTextField"}),
    )
    base = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "base" in self.fields:
            self.fields["base"].initial = self.initial["base"] = self.instance.history.latest().history_id

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if self.instance.pk and "base" in self.fields:
            # Held until the save is done: of two editors who save at the same moment the second sees the first one's.
            type(self.instance).objects.select_for_update().get(pk=self.instance.pk)
            newest = self.instance.history.latest()
            if values.get("base") != newest.history_id:
                self._refuse(newest, values)
        return values

    def _refuse(self, newest: Any, values: dict[str, Any]) -> None:
        theirs = self.instance.version(newest.history_id)
        mine: Editable = type(self.instance)(
            **{f.attname: getattr(theirs, f.attname) for f in theirs._meta.concrete_fields}
        )
        for name in values.keys() - {"why", "base"}:
            setattr(mine, name, values[name])
        changed = list(words.fields(theirs, mine))
        self.add_error(
            None,
            format_html(
                "{} saved this at {} while you were writing. Nothing is lost: theirs is in the history, and yours "
                "is in the form below. Saving again puts yours over theirs. {}{}",
                newest.history_user or "Somebody",
                newest.history_date.strftime("%H:%M UTC"),
                "From theirs to yours:" if changed else "Both say the same.",
                format_html_join("", '<div class="compared"><b>{}</b><div>{}</div></div>', changed),
            ),
        )
        self.data = {**self.data.dict(), "base": str(newest.history_id)}  # type: ignore[attr-defined]  # a QueryDict

    def save(self, commit: bool = True) -> Any:
        self.instance._change_reason = self.cleaned_data.get("why", "")
        return super().save(commit)
