"""The editors' desk, in Django's admin at /manage/.

Saving changes the working copy only. "Save and publish" and the actions on a list decide what readers see.
"""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget, AdminURLFieldWidget
from django.db import models
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from simple_history.admin import SimpleHistoryAdmin

from .image_desk import ImageAdmin
from .models import Country, Flag, HelpLine, Image, Page, Question, Section, Sign, Source, Tip
from .publishing import Editable, EditableQuerySet, Publication
from .widgets import MarkdownTextarea

PUBLISHED = "Published. Readers see it now; a page they have just opened may stay as it was for a minute."


class LiveFilter(admin.SimpleListFilter):
    """Filters by what readers see of a record."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("live", "Live"), ("changed", "Live, with a draft"), ("draft", "Draft")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        match self.value():
            case "live":
                return queryset.filter(live=F("newest"))
            case "changed":
                return queryset.filter(live__isnull=False).exclude(live=F("newest"))
            case "draft":
                return queryset.filter(live=None)
        return queryset


class EditableAdmin(SimpleHistoryAdmin):  # type: ignore[misc]  # it has no types
    """What all records of the guide have in common at the desk."""

    list_per_page = 50
    save_on_top = True
    actions = ("publish", "unpublish")
    readonly_fields = ("state", "words", "minutes", "edited_at")
    fixed: tuple[str, ...] = ("slug",)  # can be chosen when a record is added, never changed
    can_be_deleted = True
    # Room to write in.
    formfield_overrides = {
        models.CharField: {"widget": AdminTextInputWidget(attrs={"class": "vLargeTextField"})},
        models.TextField: {"widget": AdminTextareaWidget(attrs={"rows": 16})},
        models.URLField: {"assume_scheme": "https", "widget": AdminURLFieldWidget},
    }

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "body":
            help_text = format_html('Markdown. <a href="{}">What you can write</a>.', reverse("cheatsheet"))
            kwargs |= {"widget": MarkdownTextarea, "help_text": help_text}
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_queryset(self, request: HttpRequest) -> EditableQuerySet:
        queryset: EditableQuerySet = super().get_queryset(request)
        return queryset.with_newest()

    def get_readonly_fields(self, request: HttpRequest, obj: Editable | None = None) -> tuple[str, ...]:
        return (*self.readonly_fields, *(self.fixed if obj else ()))

    def get_list_filter(self, request: HttpRequest) -> tuple[Any, ...]:
        return (LiveFilter, *self.list_filter)

    @admin.display(description="state")
    def state(self, obj: Any) -> str:
        if obj.pk is None or obj.live is None:
            return "draft"
        newest = obj.newest if hasattr(obj, "newest") else obj.history.latest().pk
        return "live" if obj.live == newest else "live + draft"

    @admin.display(description="reading minutes")
    def minutes(self, obj: Editable) -> int:
        return obj.minutes

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(f"guide.publish_{self.opts.model_name}")

    def has_delete_permission(self, request: HttpRequest, obj: Editable | None = None) -> bool:
        # Deleting takes a live record off the site, which is a publisher's to do.
        may_take_off = obj is None or obj.live is None or self.has_publish_permission(request)
        return self.can_be_deleted and may_take_off and super().has_delete_permission(request, obj)

    @admin.action(description="Publish what was saved last", permissions=["publish"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._chosen(queryset).publish()
        self.message_user(
            request,
            PUBLISHED,
            messages.SUCCESS,
        )

    @admin.action(description="Take off the site", permissions=["publish"])
    def unpublish(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._chosen(queryset).unpublish()
        self.message_user(request, "Taken off the site. Nothing was deleted.", messages.SUCCESS)

    def _chosen(self, queryset: QuerySet[Any]) -> Any:
        # Without the annotations of the list: they can't be updated through.
        return self.model.objects.filter(pk__in=list(queryset.values_list("pk", flat=True)))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "_publish" in request.POST and self.has_publish_permission(request):
            obj.publish()
            self.message_user(
                request,
                PUBLISHED,
                messages.SUCCESS,
            )

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        super().delete_model(request, obj)
        Publication.objects.create()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        super().delete_queryset(request, self._chosen(queryset))
        Publication.objects.create()

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["can_publish"] = self.has_publish_permission(request)
        response: HttpResponse = super().render_change_form(request, context, *args, **kwargs)
        return response


@admin.register(Section)
class SectionAdmin(EditableAdmin):
    list_display = ("title", "position", "state", "words", "shows", "edited_at")
    list_editable = ("position",)
    list_filter = ("shows",)
    search_fields = ("title", "lead", "body")
    can_be_deleted = False
    fieldsets = (
        (None, {"fields": ("title", "slug", "position", "summary")}),
        ("Text", {"fields": ("notice", "lead", "body", "shows", "sources")}),
        ("Facts", {"fields": ("state", "words", "minutes", "edited_at")}),
    )


@admin.register(Question)
class QuestionAdmin(EditableAdmin):
    list_display = ("prompt", "number", "position", "state", "words", "edited_at")
    list_editable = ("position",)
    search_fields = ("prompt", "summary", "body")
    fixed = ("slug", "number")
    can_be_deleted = False
    fieldsets = (
        (None, {"fields": ("prompt", "slug", "number", "position", "summary")}),
        ("Text", {"fields": ("body", "follow_ups", "starters")}),
        ("Facts", {"fields": ("state", "words", "minutes", "edited_at")}),
    )


class ItemAdmin(EditableAdmin):
    """A tip or a red flag."""

    list_display = ("title", "position", "state", "words", "edited_at")
    list_editable = ("position",)
    search_fields = ("title", "body")
    fieldsets = (
        (None, {"fields": ("title", "slug", "position", "body")}),
        ("Facts", {"fields": ("state", "words", "edited_at")}),
    )


@admin.register(Tip)
class TipAdmin(ItemAdmin):
    pass


@admin.register(Flag)
class FlagAdmin(ItemAdmin):
    can_be_deleted = False  # check-ins name it


@admin.register(Sign)
class SignAdmin(EditableAdmin):
    list_display = ("text", "group", "position", "high_danger", "state", "edited_at")
    list_editable = ("position",)
    list_filter = ("group", "high_danger")
    search_fields = ("text", "body")
    fieldsets = (
        (None, {"fields": ("text", "slug", "group", "position", "high_danger", "body")}),
        ("Facts", {"fields": ("state", "edited_at")}),
    )


@admin.register(Country)
class CountryAdmin(EditableAdmin):
    list_display = ("name", "slug", "emergency", "position", "state", "edited_at")
    list_editable = ("position",)
    search_fields = ("name", "slug")
    can_be_deleted = False  # others name it
    fieldsets = (
        (None, {"fields": ("name", "slug", "position", "emergency", "body")}),
        ("Facts", {"fields": ("state", "edited_at")}),
    )


@admin.register(HelpLine)
class HelpLineAdmin(EditableAdmin):
    list_display = ("name", "country", "phone", "text_line", "verified_on", "position", "state")
    list_editable = ("position",)
    list_filter = ("country", "verified_on")
    search_fields = ("name", "phone", "website", "body")
    date_hierarchy = "verified_on"
    fieldsets = (
        (None, {"fields": ("name", "slug", "country", "position", "body")}),
        ("How to reach them", {"fields": ("phone", "text_line", "website", "hours", "languages")}),
        ("Facts", {"fields": ("verified_on", "state", "edited_at")}),
    )


@admin.register(Page)
class PageAdmin(EditableAdmin):
    list_display = ("title", "slug", "piece", "state", "words", "edited_at")
    list_filter = ("piece",)
    search_fields = ("title", "lead", "body")
    can_be_deleted = False
    fieldsets = (
        (None, {"fields": ("title", "slug", "piece", "lead", "body")}),
        ("Facts", {"fields": ("state", "words", "minutes", "edited_at")}),
    )


@admin.register(Source)
class SourceAdmin(EditableAdmin):
    list_display = ("title", "kind", "author", "publisher", "position", "state", "edited_at")
    list_editable = ("position",)
    list_filter = ("kind",)
    search_fields = ("title", "author", "publisher")
    can_be_deleted = False  # others name it
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "title",
                    "slug",
                    "kind",
                    "author",
                    "publisher",
                    "published",
                    "url",
                    "position",
                    "body",
                )
            },
        ),
        ("Facts", {"fields": ("state", "edited_at")}),
    )


admin.site.register(Image, ImageAdmin)
