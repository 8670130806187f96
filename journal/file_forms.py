"""Forms for taking a copy along and for bringing one in."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, gettext_lazy

from . import accounts
from .forms import REVEAL, OurForm, ProveForm, new_password_field
from .import_formats import MOST_BYTES


class ExportForm(ProveForm):
    shape = forms.ChoiceField(
        label=gettext_lazy("Which file?"),
        choices=(("locked", gettext_lazy("Locked file")), ("readable", gettext_lazy("Readable file"))),
        initial="locked",
        error_messages={
            "required": gettext_lazy("Choose one of the two."),
            "invalid_choice": gettext_lazy("Choose one of the two."),
        },
    )
    field_order = ("shape", "password", "code")


class RecordForm(ProveForm):
    """Asks for a passphrase for a file that somebody else is to open."""

    passphrase = new_password_field(gettext_lazy("Passphrase for the file"))
    field_order = ("passphrase", "password", "code")

    def __init__(self, *args: Any, username: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.username = username

    def clean(self) -> dict[str, Any]:
        passphrase = self.cleaned_data.get("passphrase", "")
        try:
            if passphrase:
                accounts.check_new_password(passphrase, self.username)
        except ValidationError as problem:
            self.add_error("passphrase", problem)
        if passphrase and passphrase == self.cleaned_data.get("password"):
            self.add_error("passphrase", gettext("That opens your journal. Choose another one for the file."))
        return self.cleaned_data


class ImportForm(OurForm):
    """Takes a file, and what opens it if it is locked."""

    file = forms.FileField(
        label=gettext_lazy("Your file"),
        max_length=None,
        error_messages={
            "required": gettext_lazy("Choose a file."),
            "invalid": gettext_lazy("Choose a file."),
            "empty": gettext_lazy("There is nothing in this file."),
        },
    )
    opens = forms.CharField(
        label=gettext_lazy("If it is a locked file: its password or recovery key"),
        help_text=gettext_lazy("Those of the day when the file was made."),
        strip=False,
        required=False,
        max_length=accounts.PASSWORD_MAX_BYTES,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", **REVEAL}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise ValidationError(gettext("This file is larger than 20 MB. Send it in parts, or without pictures."))
        return file
