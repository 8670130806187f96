"""Forms. Field names and ``autocomplete`` values are those that password managers and scripts look for."""

from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.formats import number_format
from django.utils.text import format_lazy
from django.utils.translation import gettext, gettext_lazy

from . import accounts, crypto, entries, hours, names, profile, second_factor, weeks
from .models import User

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

FEELINGS = (
    ("thinking", gettext_lazy("Still thinking")),
    ("settled", gettext_lazy("Settled for now")),
    ("quiet", gettext_lazy("Rather not say")),
)


_ENTER_YOURS = gettext_lazy("Enter your password.")
_CODE_IF_ANY = gettext_lazy("From your app, or one of your backup codes. Leave it empty if you have no second step.")
REVEAL = {"data-show": gettext_lazy("Show"), "data-hide": gettext_lazy("Hide")}  # for journal.js


def password_field(label: "StrOrPromise", missing: "StrOrPromise", help_text: "StrOrPromise" = "") -> forms.CharField:
    """A password is never trimmed, and never sent back in a page."""
    return forms.CharField(
        label=label,
        strip=False,
        max_length=accounts.PASSWORD_MAX_BYTES,
        help_text=help_text,
        error_messages={"required": missing, "max_length": accounts.TOO_LONG},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", **REVEAL}),
    )


def new_password_field(label: "StrOrPromise") -> forms.CharField:
    field = password_field(
        label,
        gettext_lazy("Enter a password."),
        gettext_lazy("At least 12 characters. A few words in a row are easiest to remember. Longer is safer."),
    )
    field.widget.attrs["autocomplete"] = "new-password"
    return field


def username_field(help_text: "StrOrPromise" = "") -> forms.CharField:
    return forms.CharField(
        label=gettext_lazy("User name"),
        max_length=40,
        help_text=help_text,
        error_messages={
            "required": gettext_lazy("Enter a user name."),
            "max_length": gettext_lazy("Use at most 40 characters."),
        },
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )


class OurForm(forms.Form):
    """A form whose problems are said by us, in the page, rather than by the browser."""

    use_required_attribute = False


class JoinForm(OurForm):
    """Offers made-up user names. What is typed as one's own goes before the one that is chosen."""

    suggested = forms.ChoiceField(label=gettext_lazy("User name"), required=False, widget=forms.RadioSelect)
    username = username_field()
    password = new_password_field(gettext_lazy("Password"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.data.get("suggested", "") if self.is_bound else ""
        suggestions = [*([chosen] if chosen else []), *(names.suggest() for _ in range(3))][:3]
        field = cast(forms.ChoiceField, self.fields["suggested"])
        field.choices = [*((name, name) for name in suggestions), ("", gettext_lazy("One of my own"))]
        field.initial = suggestions[0]
        self.fields["username"].label = gettext_lazy("Your own user name")
        self.fields["username"].required = False
        self.fields["username"].widget.attrs["data-own"] = ""

    def clean_username(self) -> str:
        typed = self.cleaned_data["username"] or self.cleaned_data.get("suggested", "")
        if not typed:
            raise ValidationError(self.fields["username"].error_messages["required"])
        username = User.objects.normalize_username(typed)
        field = User._meta.get_field("username")
        field.run_validators(username)
        if User.objects.filter(username=username).exists():
            raise ValidationError(field.error_messages["unique"])
        return username

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        accounts.check_new_password(password, self.cleaned_data.get("username", ""))
        return password


def code_field(help_text: "StrOrPromise" = "") -> forms.CharField:
    """A code of the second factor: from the app, or a backup code."""
    return forms.CharField(
        label=gettext_lazy("Code"),
        required=False,
        max_length=40,
        help_text=help_text,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "text", "spellcheck": "false"}),
    )


class SignInForm(OurForm):
    about = "id_username"  # where a problem with both of the first two is mended

    username = username_field()
    password = password_field(gettext_lazy("Password"), _ENTER_YOURS)
    code = code_field(_CODE_IF_ANY)


class UnlockForm(OurForm):
    password = password_field(gettext_lazy("Password"), _ENTER_YOURS)


class RecoveryKeyField(forms.CharField):
    """A recovery key as somebody typed it. Cleans to its 16 bytes."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        super().__init__(
            label=gettext_lazy("Recovery key"),
            help_text=gettext_lazy("Six groups of five. Capital or small letters, spaces or dashes: all the same."),
            widget=forms.TextInput(attrs=attrs),
            error_messages={"required": gettext_lazy("Enter your recovery key.")},
            **kwargs,
        )

    def clean(self, value: Any) -> bytes:
        try:
            return crypto.read_recovery_key(super().clean(value))
        except crypto.RecoveryKeyTypo:
            raise ValidationError(
                gettext("Something in that key is mistyped. Check each group of five. Your journal is safe.")
            ) from None


class RecoverForm(OurForm):
    username = username_field()
    recovery_key = RecoveryKeyField()
    new_password = new_password_field(gettext_lazy("New password"))
    code = code_field(_CODE_IF_ANY)

    def clean_new_password(self) -> str:
        password: str = self.cleaned_data["new_password"]
        accounts.check_new_password(password, self.cleaned_data.get("username", ""))
        return password


class ProveForm(OurForm):
    """Asks somebody whose journal is open for the password again, and for a code if there is a second factor."""

    password = password_field(gettext_lazy("Your password"), _ENTER_YOURS)
    code = code_field(gettext_lazy("From your app, or one of your backup codes."))

    def __init__(self, *args: Any, has_code: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_code:
            del self.fields["code"]


class ChangePasswordForm(ProveForm):
    password = password_field(gettext_lazy("Your password now"), _ENTER_YOURS)
    new_password = new_password_field(gettext_lazy("New password"))
    lock_out = forms.BooleanField(
        label=gettext_lazy("Also lock out anyone who knew the old password"),
        required=False,
        initial=True,
        help_text=gettext_lazy("Everything is locked again under a new key, and you get a new recovery key."),
    )
    field_order = ("password", "code", "new_password", "lock_out")

    def __init__(self, *args: Any, username: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.username = username

    def clean_new_password(self) -> str:
        password: str = self.cleaned_data["new_password"]
        accounts.check_new_password(password, self.username)
        if password == self.cleaned_data.get("password"):
            raise ValidationError(gettext("That is the password you have now. Choose another one."))
        return password


class TryKeyForm(OurForm):
    """Takes the recovery key as typed. Trying it uses nothing up."""

    recovery_key = RecoveryKeyField()


class TurnOnCodeForm(ProveForm):
    """Turns the second factor on. The seed comes along: it is stored nowhere before a code of it was right."""

    seed = forms.CharField(widget=forms.HiddenInput, max_length=40)
    code = code_field(gettext_lazy("The six digits that the app shows now."))
    field_order = ("code", "password", "seed")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, has_code=True, **kwargs)
        self.fields["code"].required = True
        self.fields["code"].error_messages["required"] = gettext_lazy("Enter the code that the app shows.")

    def clean_seed(self) -> bytes:
        try:
            seed = bytes.fromhex(self.cleaned_data["seed"])
        except ValueError:
            seed = b""
        if len(seed) != second_factor.SEED_BYTES:
            raise ValidationError(gettext("Something is missing from this form. Load the page again."))
        return seed


class IdleForm(forms.Form):
    minutes = forms.TypedChoiceField(
        label=gettext_lazy("Lock after"),
        coerce=int,
        choices=[
            (minutes, format_lazy(gettext_lazy("{minutes} quiet minutes"), minutes=minutes))
            for minutes in profile.IDLE_MINUTES
        ],
        error_messages={"invalid_choice": gettext_lazy("Choose one of these.")},
    )


class ConfirmKeyForm(forms.Form):
    """Asks two groups of the recovery key back. The key itself comes along: it is stored nowhere."""

    recovery_key = forms.CharField(widget=forms.HiddenInput)
    group_2 = forms.CharField(label=gettext_lazy("Group 2"), required=False)
    group_5 = forms.CharField(label=gettext_lazy("Group 5"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("group_2", "group_5"):
            attrs = {
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "class": "short",
            }
            self.fields[name].widget.attrs.update(attrs)

    def clean(self) -> dict[str, Any]:
        groups = self.cleaned_data.get("recovery_key", "").split("-")
        for number in (2, 5):
            typed = crypto.forgive(self.cleaned_data.get(f"group_{number}", ""))
            if len(groups) != 6 or typed != groups[number - 1]:
                wrong = gettext("That doesn’t match group {number}. Check the letters and try again.")
                self.add_error(f"group_{number}", wrong.format(number=number))
        return self.cleaned_data


class ExactTextField(forms.CharField):
    """Text kept to the byte: nothing is trimmed or changed, and what can't be kept is refused."""

    default_error_messages = {
        "nul": gettext_lazy(
            "There is an invisible character (NUL) in this text that can’t be saved. Copy the text, paste it "
            "as plain text, and save again."
        )
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strip=False, required=False, **kwargs)
        self.validators = [ProhibitNullCharactersValidator(message=self.error_messages["nul"])]


class EntryForm(forms.Form):
    """What somebody writes about one question."""

    text = ExactTextField(
        label=gettext_lazy("Your answer"),
        widget=forms.Textarea(attrs={"rows": 9, "spellcheck": "true", "autocomplete": "off"}),
    )
    feeling = forms.ChoiceField(
        label=gettext_lazy("How does this one feel right now?"),
        choices=FEELINGS,
        required=False,
        widget=forms.RadioSelect,
    )
    base = forms.IntegerField(min_value=0, max_value=2**31 - 2, widget=forms.HiddenInput)
    zone = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    owner = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    writer = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)  # names this page
    over = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)  # and that of its draft before
    turn = forms.IntegerField(required=False, min_value=0, max_value=2**53, widget=forms.HiddenInput)  # set by a script

    @classmethod
    def taken_apart(cls, text: str) -> dict[str, Any]:
        """Return what the fields show of a stored text."""
        return {"text": text}

    def put_together(self) -> str:
        """Return the text that the fields make, whatever is wrong with it: `taken_apart` undone."""
        text: str = self.data.get("text", "")
        return text

    @property
    def as_typed(self) -> dict[str, Any]:
        """What a draft keeps of a form that was checked, whatever is wrong with it."""
        return {**self.cleaned_data, "title": self.data.get("title", "")}

    def clean_text(self) -> str:
        if "text" not in self.data:
            raise ValidationError(gettext("The text did not arrive. Go back and save it again."))
        text: str = self.cleaned_data["text"]
        self.check_length(text)
        return text

    def check_length(self, text: str) -> None:
        over = entries.length(text) - entries.LIMIT
        if over > 0:
            too_long = gettext(
                "This is over the limit of {limit} characters by {over}. It is all still in the box: "
                "move some of it to a page of its own, then save."
            )
            numbers = {"over": over, "limit": entries.LIMIT}
            raise ValidationError(
                too_long.format(**{name: number_format(n, force_grouping=True) for name, n in numbers.items()})
            )

    def clean_zone(self) -> ZoneInfo | None:
        """A zone the browser or an earlier entry named; None if it is none."""
        zone: str = self.cleaned_data["zone"]
        return ZoneInfo(zone) if zone in hours.ZONES else None


class PageForm(EntryForm):
    title = forms.CharField(
        label=gettext_lazy("Title"),
        required=False,
        max_length=120,
        error_messages={"max_length": gettext_lazy("Use at most 120 characters for the title.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    record = forms.BooleanField(label=gettext_lazy("This is a record of what happened"), required=False)
    happened = forms.DateField(
        label=gettext_lazy("Day"),
        required=False,
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": gettext_lazy("Write the day as year, month and day, like 2026-03-09.")},
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "autocomplete": "off"}),
    )
    place = forms.CharField(
        label=gettext_lazy("Place"),
        required=False,
        max_length=120,
        error_messages={"max_length": gettext_lazy("Use at most 120 characters for the place.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("title", "text", "feeling", "record", "happened", "place", "base", "zone", "owner")

    @property
    def as_typed(self) -> dict[str, Any]:
        return {"happened": "", **super().as_typed, "place": self.data.get("place", "")}

    def clean_happened(self) -> str:
        """A day up to today, or to tomorrow: somewhere that is today already."""
        day = self.cleaned_data["happened"]
        if day and day > weeks.tomorrow():
            raise ValidationError(gettext("This day has not come yet. Choose today or a day before."))
        return day.isoformat() if day else ""


class NewPageForm(PageForm):
    entry = forms.UUIDField(widget=forms.HiddenInput)
