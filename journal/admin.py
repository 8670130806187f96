"""People in the admin: who may work on the guide, and nothing about anybody's journal."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from .models import User


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
