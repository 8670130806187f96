"""The red flags of a week, as a form has them."""

from collections.abc import Collection, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from guide import questions


class SignsField(forms.MultipleChoiceField):
    """Red flags that were noticed. Cleans to their wording by short name; `offer` says which can be chosen."""

    widget = forms.CheckboxSelectMultiple
    default_error_messages = {
        "invalid_choice": gettext_lazy(
            "The list of red flags has changed since you opened this page. Your note and your other ticks are here. "
            "Look through the list, then save again."
        )
    }

    wordings: Mapping[str, str] = {}

    def offer(self, before: Mapping[str, str]) -> None:
        """Offer the flags that readers see, and of those that were noticed before, what has left the site."""
        now = {flag.slug: flag.title for flag in questions.flags()}
        gone = {slug: wording for slug, wording in before.items() if slug not in now}
        self.wordings = {**now, **gone}
        self.choices = list(self.wordings.items())

    def known(self, slugs: Collection[str]) -> dict[str, str]:
        """Return the wording of those that are offered."""
        return {slug: wording for slug, wording in self.wordings.items() if slug in slugs}

    def prepare_value(self, value: Any) -> list[str]:
        return list(value or [])

    def clean(self, value: Any) -> dict[str, str]:
        return self.known(super().clean(value))
