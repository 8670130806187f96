"""Forms. Field names and ``autocomplete`` values are those that password managers and scripts look for."""

from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator

from . import accounts, crypto, entries, profile, second_factor
from .models import User

FEELINGS = (
    ("thinking", "Still thinking"),
    ("settled", "Settled for now"),
    ("quiet", "Rather not say"),
)


def password_field(label: str, name: str, help_text: str = "") -> forms.CharField:
    """A password is never trimmed, and never sent back in a page."""
    return forms.CharField(
        label=label,
        strip=False,
        max_length=accounts.PASSWORD_MAX_BYTES,
        help_text=help_text,
        error_messages={"required": f"Enter {name}.", "max_length": accounts.TOO_LONG},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )


def new_password_field(label: str) -> forms.CharField:
    field = password_field(
        label,
        "a password",
        "At least 12 characters. A few words in a row are easiest to remember. Longer is safer.",
    )
    field.widget.attrs["autocomplete"] = "new-password"
    return field


def username_field(help_text: str = "") -> forms.CharField:
    return forms.CharField(
        label="User name",
        max_length=40,
        help_text=help_text,
        error_messages={"required": "Enter a user name.", "max_length": "Use at most 40 characters."},
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )


class OurForm(forms.Form):
    """A form whose problems are said by us, in the page, rather than by the browser."""

    use_required_attribute = False


class JoinForm(OurForm):
    username = username_field("We made one up. You can change it. Pick something that does not point to you.")
    password = new_password_field("Password")

    def clean_username(self) -> str:
        username = User.objects.normalize_username(self.cleaned_data["username"])
        field = User._meta.get_field("username")
        field.run_validators(username)
        if User.objects.filter(username=username).exists():
            raise ValidationError(field.error_messages["unique"])
        return username

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        accounts.check_new_password(password, self.cleaned_data.get("username", ""))
        return password


def code_field(help_text: str = "") -> forms.CharField:
    """A code of the second factor: from the app, or a backup code."""
    return forms.CharField(
        label="Code",
        required=False,
        max_length=40,
        help_text=help_text,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "text", "spellcheck": "false"}),
    )


class SignInForm(OurForm):
    username = username_field()
    password = password_field("Password", "your password")
    code = code_field("From your app, or one of your backup codes. Leave it empty if you have no second step.")


class UnlockForm(OurForm):
    password = password_field("Password", "your password")


class RecoveryKeyField(forms.CharField):
    """A recovery key as somebody typed it. Cleans to its 16 bytes."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        super().__init__(
            label="Recovery key",
            help_text="Six groups of five. Capital or small letters, spaces or dashes: all the same.",
            widget=forms.TextInput(attrs=attrs),
            error_messages={"required": "Enter your recovery key."},
            **kwargs,
        )

    def clean(self, value: Any) -> bytes:
        try:
            return crypto.read_recovery_key(super().clean(value))
        except crypto.RecoveryKeyTypo:
            raise ValidationError(
                "Something in that key is mistyped. Check each group of five. Your journal is safe."
            ) from None


class RecoverForm(OurForm):
    username = username_field()
    recovery_key = RecoveryKeyField()
    new_password = new_password_field("New password")
    code = code_field("From your app, or one of your backup codes. Leave it empty if you have no second step.")

    def clean_new_password(self) -> str:
        password: str = self.cleaned_data["new_password"]
        accounts.check_new_password(password, self.cleaned_data.get("username", ""))
        return password


class ProveForm(OurForm):
    """Asks somebody whose journal is open for the password again, and for a code if there is a second factor."""

    password = password_field("Your password", "your password")
    code = code_field("From your app, or one of your backup codes.")

    def __init__(self, *args: Any, has_code: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_code:
            del self.fields["code"]


class ChangePasswordForm(ProveForm):
    password = password_field("Your password now", "your password")
    new_password = new_password_field("New password")
    lock_out = forms.BooleanField(
        label="Also lock out anyone who knew the old password",
        required=False,
        initial=True,
        help_text="Everything is locked again under a new key, and you get a new recovery key.",
    )
    field_order = ("password", "code", "new_password", "lock_out")

    def __init__(self, *args: Any, username: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.username = username

    def clean_new_password(self) -> str:
        password: str = self.cleaned_data["new_password"]
        accounts.check_new_password(password, self.username)
        if password == self.cleaned_data.get("password"):
            raise ValidationError("That is the password you have now. Choose another one.")
        return password


class TryKeyForm(OurForm):
    """Takes the recovery key as typed. Trying it uses nothing up."""

    recovery_key = RecoveryKeyField()


class TurnOnCodeForm(ProveForm):
    """Turns the second factor on. The seed comes along: it is stored nowhere before a code of it was right."""

    seed = forms.CharField(widget=forms.HiddenInput, max_length=40)
    code = code_field("The six digits that the app shows now.")
    field_order = ("code", "password", "seed")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, has_code=True, **kwargs)
        self.fields["code"].required = True
        self.fields["code"].error_messages["required"] = "Enter the code that the app shows."

    def clean_seed(self) -> bytes:
        try:
            seed = bytes.fromhex(self.cleaned_data["seed"])
        except ValueError:
            seed = b""
        if len(seed) != second_factor.SEED_BYTES:
            raise ValidationError("Something is missing from this form. Load the page again.")
        return seed


class IdleForm(forms.Form):
    minutes = forms.TypedChoiceField(
        label="Lock after",
        coerce=int,
        choices=[(minutes, f"{minutes} quiet minutes") for minutes in profile.IDLE_MINUTES],
        error_messages={"invalid_choice": "Choose one of these."},
    )


class ConfirmKeyForm(forms.Form):
    """Asks two groups of the recovery key back. The key itself comes along: it is stored nowhere."""

    recovery_key = forms.CharField(widget=forms.HiddenInput)
    group_2 = forms.CharField(label="Group 2", required=False)
    group_5 = forms.CharField(label="Group 5", required=False)

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
                self.add_error(
                    f"group_{number}", f"That doesn’t match group {number}. Check the letters and try again."
                )
        return self.cleaned_data


class ExactTextField(forms.CharField):
    """Text kept to the byte: nothing is trimmed or changed, and what can't be kept is refused."""

    default_error_messages = {
        "nul": "There is an invisible character (NUL) in this text that can’t be saved. Copy the text, paste it "
        "as plain text, and save again."
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(strip=False, required=False, **kwargs)
        self.validators = [ProhibitNullCharactersValidator(message=self.error_messages["nul"])]


class EntryForm(forms.Form):
    """What somebody writes about one question."""

    text = ExactTextField(
        label="Your answer",
        widget=forms.Textarea(attrs={"rows": 9, "spellcheck": "true", "autocomplete": "off"}),
    )
    feeling = forms.ChoiceField(
        label="How does this one feel right now?", choices=FEELINGS, required=False, widget=forms.RadioSelect
    )
    base = forms.IntegerField(min_value=0, max_value=2**31 - 2, widget=forms.HiddenInput)
    zone = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    owner = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def clean_text(self) -> str:
        if "text" not in self.data:
            raise ValidationError("The text did not arrive. Go back and save it again.")
        text: str = self.cleaned_data["text"]
        over = entries.length(text) - entries.LIMIT
        if over > 0:
            raise ValidationError(
                f"This is {over:,} characters over the limit of {entries.LIMIT:,}. It is all still in the box: "
                "move some of it to a page of its own, then save."
            )
        return text

    def clean_zone(self) -> ZoneInfo:
        """A zone the browser or an earlier entry named; the site's own if it is none."""
        zone: str = self.cleaned_data["zone"]
        return ZoneInfo(zone if zone in available_timezones() else settings.TIME_ZONE)


class PageForm(EntryForm):
    title = forms.CharField(
        label="Title",
        required=False,
        max_length=120,
        error_messages={"max_length": "Use at most 120 characters for the title."},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    field_order = ("title", "text", "feeling", "base", "zone", "owner")


class NewPageForm(PageForm):
    entry = forms.UUIDField(widget=forms.HiddenInput)
