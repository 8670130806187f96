"""People in the admin: who may work on the guide, and nothing about anybody's journal."""

from collections.abc import Iterable
from typing import Any

from django.contrib import admin
from django.contrib.admin.forms import AdminAuthenticationForm, AdminPasswordChangeForm
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth import authenticate
from django.contrib.auth.admin import GroupAdmin
from django.contrib.auth.models import Group
from django.contrib.auth.views import PasswordChangeView
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseBase, QueryDict
from django.template.defaultfilters import pluralize
from django.urls import reverse

from .models import User
from .second_factor import WrongCodeError
from .throttle import BusyError, TooManyTriesError


class DeskSignInForm(AdminAuthenticationForm):
    """The desk's own door has no box for a code: who needs one comes in by the journal's.

    Whatever it refuses, it stays: words may be waiting in its page.
    """

    def clean(self) -> dict[str, Any]:
        try:
            return dict(super().clean())
        except WrongCodeError:
            why = "Your account asks for a code. Sign in to your journal first, then come here."
            raise ValidationError(why) from None
        except TooManyTriesError as error:
            why = f"Too many tries. Please wait {error.minutes} minute{pluralize(error.minutes)}, then try again."
            raise ValidationError(why, "too_many_tries") from None
        except BusyError:
            why = "Too many people are signing in now. Please try again in a few seconds."
            raise ValidationError(why, "busy") from None


class DeskPasswordForm(AdminPasswordChangeForm):
    """Has the old password checked where every other is, so that tries are counted."""

    def clean_old_password(self) -> str:
        password: str = self.cleaned_data["old_password"]
        if authenticate(None, username=self.user.get_username(), password=password, code=None) is None:
            raise ValidationError(self.error_messages["password_incorrect"], code="password_incorrect")
        return password

    def save(self, commit: bool = True) -> Any:
        user = super().save(commit)
        LogEntry.objects.log_actions(user.pk, [user], CHANGE, change_message="Set a new password.", single_object=True)
        return user


def change_password(request: HttpRequest) -> HttpResponseBase:
    """The desk's own page for a new password, with our form in it."""
    view = PasswordChangeView.as_view(
        form_class=DeskPasswordForm,
        success_url=reverse("admin:password_change_done"),
        extra_context=admin.site.each_context(request),
    )
    return view(request)


admin.site.login_form = DeskSignInForm


def changes(form: "ModelForm[Any]") -> str:
    """Say what a form changed, with the old and the new value of each field: “Groups: Editors → Publishers”."""
    said = (
        f"{form.fields[name].label}: {_in_words(form.initial.get(name))} → {_in_words(form.cleaned_data[name])}"
        for name in form.changed_data
    )
    return "; ".join(said) or "Nothing changed."


def _in_words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(sorted(map(str, value))) or "nothing"
    return "nothing" if value in (None, "") else str(value)


class SuperusersAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # Django 5.2 has no subscript here
    """What superusers alone see and change, whatever a group was given. The log says what it was and what it became."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_superuser(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_superuser(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return _is_superuser(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_superuser(request)

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        return super().construct_change_message(request, form, formsets, add) if add else changes(form)


def _is_superuser(request: HttpRequest) -> bool:
    return request.user.is_active and request.user.is_superuser


@admin.register(User)
class UserAdmin(SuperusersAdmin):
    """Lists staff. Of other accounts it tells how many there are, and shows one to whoever types its exact name.

    It never says whether somebody keeps a journal, and has no form for a password.
    """

    list_display = ("username", "is_active", "is_superuser")
    list_filter = ("is_active", "groups")
    search_fields = ("username",)
    ordering = ("username",)
    filter_horizontal = ("groups",)
    readonly_fields = ("username",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        # A page of an account has the search it was found by in its address. Its number alone leads to staff only.
        found_by = QueryDict(request.GET.get("_changelist_filters", "")).get("q", "")
        name = User.objects.normalize_username(request.GET.get("q", found_by))
        users: QuerySet[User] = super().get_queryset(request)
        return users.filter(Q(is_staff=True) | Q(username=name))

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return super().get_search_results(request, queryset, User.objects.normalize_username(search_term))

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        others = User.objects.filter(is_staff=False).count()
        note = f"Staff only. Other accounts: {others}. An exact name finds one."
        return super().changelist_view(request, {**(extra_context or {}), "subtitle": note})

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # Nobody becomes staff here: `manage.py editor` makes an account for that, without a journal.
        return ["username", "is_active", *(["groups"] if obj and obj.is_staff else [])]

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        # The log outlives an account. Of a reader's it has the number, not the name.
        logged = obj if obj.is_staff else User(pk=obj.pk, username="An account that is not staff")
        return super().log_change(request, logged, message)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        # Any other filter in the address would tell who keeps a journal, or spell out a hash.
        return lookup in {"is_active__exact", "groups__id__exact", "groups__isnull"}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # a password is typed by the person it belongs to: join, or `manage.py editor`

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # only the person deletes a journal


admin.site.unregister(Group)


@admin.register(Group)
class GroupsAdmin(SuperusersAdmin, GroupAdmin):
    """What each group may do."""


@admin.register(LogEntry)
class LogAdmin(SuperusersAdmin):
    """Who changed what at the desk, and when. It is read here, and changed nowhere."""

    list_display = ("action_time", "user", "what", "kind", "which", "change")
    list_display_links = None
    list_select_related = ("user", "content_type")
    search_fields = ("user__username", "object_repr", "change_message")
    date_hierarchy = "action_time"
    ordering = ("-action_time", "-pk")

    @admin.display(description="what")
    def what(self, entry: LogEntry) -> str:
        return entry.get_action_flag_display()

    @admin.display(description="kind")
    def kind(self, entry: LogEntry) -> str:
        return entry.content_type.name if entry.content_type else ""

    @admin.display(description="which")
    def which(self, entry: LogEntry) -> str:
        return entry.object_repr

    @admin.display(description="change")
    def change(self, entry: LogEntry) -> str:
        return entry.get_change_message()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
