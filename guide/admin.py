"""The editors' desk, in Django's admin at /manage/.

Saving changes the working copy only. "Save and publish" and the actions on a list decide what readers see.
"""

from functools import partial
from typing import Any, cast
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextareaWidget, AdminTextInputWidget, AdminURLFieldWidget
from django.db import models
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_POST, require_safe

from .desk import asking, drafts, words
from .desk.forms import EditableForm
from .desk.releases import name_of
from .image_desk import ImageAdmin
from .language import CODES, ORIGINAL
from .models import Country, Flag, HelpLine, Image, Page, Question, Section, Sign, Source, Tip
from .plans import Change
from .publishing import Editable, EditableQuerySet
from .widgets import MarkdownTextarea, PlaceInput


class LiveFilter(admin.SimpleListFilter):
    """Filters by what readers see of a record."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("live", "Live"), ("changed", "Live, with a draft"), ("draft", "Draft"),
            ("waits", "Waits for a second person"), ("scheduled", "Scheduled"), ("archived", "Archived"),
        ]  # fmt: skip

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "archived":
            return queryset.exclude(archived_at=None)
        queryset = queryset.filter(archived_at=None)
        match self.value():
            case "live":
                return queryset.filter(live=F("newest"))
            case "changed":
                return queryset.filter(live__isnull=False).exclude(live=F("newest"))
            case "draft":
                return queryset.filter(live=None)
            case "waits" | "scheduled" as plan:
                return queryset.filter(**{plan: True})
        return queryset


class LanguageFilter(admin.SimpleListFilter):
    """Shows one language, the original's unless another one is chosen."""

    title = "language"
    parameter_name = "language"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return list(settings.LANGUAGES)

    def choices(self, changelist: Any) -> Any:
        for code, name in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: code})
            yield {"selected": (self.value() or ORIGINAL) == code, "query_string": query, "display": name}

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(language=self.value() or ORIGINAL)


class EditableAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # Django 5.2 has no subscript here
    """What all records of the guide have in common at the desk."""

    list_per_page = 50
    save_on_top = True
    actions = ("publish", "unpublish", "together", "translate", "bring_back")
    readonly_fields = ("state", "checks", "words", "minutes", "edited_at")
    form = EditableForm
    fixed: tuple[str, ...] = ("slug",)  # can be chosen when a record is added, never changed
    can_be_deleted = True

    class Media:
        js = ["js/checks.js"]

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
        queryset = cast(EditableQuerySet, super().get_queryset(request))
        return cast(EditableQuerySet, asking.with_plans(queryset.with_newest()))

    def get_urls(self) -> list[Any]:
        def at(route: str, view: Any, name: str, methods: Any = require_POST) -> Any:
            bound = self.admin_site.admin_view(methods(partial(view, self)))
            return path(route, bound, name=f"guide_{self.opts.model_name}_{name}")

        return [
            at("add/preview/", drafts.preview, "preview_new"),
            at("add/checks/", drafts.check, "check_new"),
            at("<int:pk>/preview/", drafts.preview, "preview"),
            at("<int:pk>/checks/", drafts.check, "check"),
            at("<int:pk>/link/", drafts.link, "link"),
            at("<int:pk>/discard/", drafts.discard, "discard"),
            at("<int:pk>/history/compare/", drafts.compare, "compare", require_safe),
            at("<int:pk>/history/<int:version>/restore/", drafts.restore, "restore"),
            *super().get_urls(),
        ]

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        return drafts.history(self, request, object_id)

    def get_fieldsets(self, request: HttpRequest, obj: Editable | None = None) -> Any:
        return (*super().get_fieldsets(request, obj), ("This change", {"fields": ("checks", "why", "base")}))

    def get_readonly_fields(self, request: HttpRequest, obj: Editable | None = None) -> tuple[str, ...]:
        if obj and obj.original:  # everything else is its original's
            said = {"body", *obj.translated}
            named = (str(name) for _, part in self.fieldsets or () for name in part["fields"] if name not in said)
            return tuple(dict.fromkeys((*self.readonly_fields, *named)))
        movable = obj and obj.slug_may_change and obj.slug not in obj.named_by_the_site
        fixed = [name for name in self.fixed if obj and not (name == "slug" and movable)]
        return (*self.readonly_fields, *fixed)

    def get_list_filter(self, request: HttpRequest) -> tuple[Any, ...]:
        return (LiveFilter, LanguageFilter, *self.list_filter)

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        """Offer in the archive what there is to do in the archive, and elsewhere the rest."""
        offered: dict[str, Any] = super().get_actions(request)
        archive = request.GET.get(LiveFilter.parameter_name) == "archived"
        return {name: action for name, action in offered.items() if (name == "bring_back") == archive}

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        return super().get_changelist_form(request, widgets={"position": PlaceInput}, **kwargs)

    @admin.display(description="state")
    def state(self, obj: Any) -> str:
        return asking.state_of(obj) if obj.pk else "draft"

    @admin.display(description="checks")
    def checks(self, obj: Editable) -> SafeString:
        """What there is to say about the text; `checks.js` asks again while it is written."""
        name, args = ("check", [obj.pk]) if obj.pk else ("check_new", [])
        url = reverse(f"admin:guide_{self.opts.model_name}_{name}", args=args)
        said = drafts.panel(obj) if obj.pk else mark_safe("<p>Write, and it stands here.</p>")
        ended = "You were signed out. Press Save: you can sign in there, and your words come along."
        return format_html('<div data-checks="{}" data-ended="{}">{}</div>', url, ended, said)

    @admin.display(description="reading minutes")
    def minutes(self, obj: Editable) -> int:
        return obj.minutes

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return asking.may_publish(request, str(self.opts.model_name))

    def has_delete_permission(self, request: HttpRequest, obj: Editable | None = None) -> bool:
        # Archiving takes a live record off the site, which is a publisher's to do; of safety, two people's.
        may_take_off = obj is None or obj.live is None or (self.has_publish_permission(request) and not obj.is_safety)
        return self.can_be_deleted and may_take_off and super().has_delete_permission(request, obj)

    @admin.action(description="Publish what was saved last", permissions=["publish"])
    def publish(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        asking.ask(request, [Change.to_newest(record) for record in queryset])

    @admin.action(description="Take off the site", permissions=["publish"])
    def unpublish(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        asking.ask(request, [Change.to_nothing(record) for record in queryset])

    @admin.action(description="Publish together with others, or at a time…", permissions=["publish"])
    def together(self, request: HttpRequest, queryset: QuerySet[Any]) -> HttpResponse:
        chosen = urlencode({"record": [name_of(record) for record in queryset]}, doseq=True)
        return redirect(f"{reverse('release')}?{chosen}")

    @admin.action(description="Translate", permissions=["change"])
    def translate(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        codes = [code for code in CODES if code != ORIGINAL]
        made = [record.translate(code, request.user) for record in queryset for code in codes]
        new = [record for record in made if record]
        for record in new:
            self.log_addition(request, record, "Began a translation.")
        self.message_user(request, f"{len(new)} drafts of translations were made. Choose the language in the filter.")

    @admin.action(description="Bring back from the archive", permissions=["change"])
    def bring_back(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        for record in queryset:
            record.bring_back()
            self.log_change(request, record, "Brought back from the archive.")
        self.message_user(request, "Brought back, as drafts.", messages.SUCCESS)

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        return super().construct_change_message(request, form, formsets, add) if add else words.changes(form)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj._history_user = request.user
        super().save_model(request, obj, form, change)
        if "_publish" in request.POST and self.has_publish_permission(request):
            asking.ask(request, [Change.to_newest(obj)])

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Name what goes into the archive. Translations go along, and nothing that points to it is lost."""
        return [str(record) for record in objs], {self.opts.verbose_name_plural: len(objs)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self._archive(request, [obj])

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        self._archive(request, list(queryset))

    def _archive(self, request: HttpRequest, records: list[Any]) -> None:
        live = [record for record in records if record.live is not None]
        if live and not all(self.has_delete_permission(request, record) for record in live):
            self.message_user(request, "Take them off the site first: two people do that here.", messages.ERROR)
        elif not live or asking.ask(request, [Change.to_nothing(record) for record in live]):
            for record in records:
                record.archive()
            archive = f"{reverse(f'admin:guide_{self.opts.model_name}_changelist')}?state=archived"
            self.message_user(
                request, format_html('Put into the <a href="{}">archive</a>, where it can be brought back.', archive)
            )

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["can_publish"] = self.has_publish_permission(request)
        context["state"] = self.state(kwargs["obj"]) if kwargs.get("obj") else ""
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

    list_display: tuple[str, ...] = ("title", "position", "state", "words", "edited_at")
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
    list_display = ("title", "position", "offers_help", "state", "words", "edited_at")
    fieldsets = (
        (None, {"fields": ("title", "slug", "position", "offers_help", "body")}),
        ("Facts", {"fields": ("state", "words", "edited_at")}),
    )


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
