"""People in the admin: who may work on the guide, and nothing about anybody's journal."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm, AdminPasswordChangeForm
from django.contrib.auth import authenticate
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from .models import User
from .second_factor import WrongCodeError


class DeskSignInForm(AdminAuthenticationForm):
    """The desk's own door has no box for a code: who needs one comes in by the journal's."""

    def clean(self) -> dict[str, Any]:
        try:
            return dict(super().clean())
        except WrongCodeError:
            raise ValidationError(
                "Your account asks for a code. Sign in to your journal first, then come here."
            ) from None


class DeskPasswordForm(AdminPasswordChangeForm):
    """Has the old password checked where every other is, so that tries are counted."""

    def clean_old_password(self) -> str:
        password: str = self.cleaned_data["old_password"]
        if authenticate(None, username=self.user.get_username(), password=password, code=None) is None:
            raise ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        return password


def change_password(request: HttpRequest) -> HttpResponseBase:
    """The desk's own page for a new password, with our form in it."""
    view = PasswordChangeView.as_view(
        form_class=DeskPasswordForm,
        success_url=reverse("admin:password_change_done"),
        extra_context=admin.site.each_context(request),
    )
    return view(request)


admin.site.login_form = DeskSignInForm


@admin.register(User)
class UserAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # Django 5.2 has no subscript here
    """Shows what somebody may do. Not whether they keep a journal, and no form for a password."""

    list_display = ("username", "is_staff", "is_active")
    list_filter = ("is_staff", "is_active", "groups")
    search_fields = ("username",)
    ordering = ("username",)
    filter_horizontal = ("groups",)
    fields = ("username", "is_active", "is_staff", "groups")
    readonly_fields = ("username",)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        # Any other filter in the address would tell who keeps a journal, or spell out a hash.
        return lookup.split("__", maxsplit=1)[0] in {"is_staff", "is_active", "groups"}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # a password is typed by the person it belongs to: join, or `manage.py editor`

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # only the person deletes a journal
