"""Pictures at the editors' desk: uploading, finding, copying, archiving. Nothing here is for readers."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextInputWidget
from django.db import models
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from . import images
from .desk import words
from .images import Image

UPLOAD_HELP = (
    f"JPEG, PNG, WebP or GIF, up to {images.MAX_BYTES // 2**20} MB. It is made at most {images.MAX_SIDE} pixels wide "
    "and high. Where and when it was taken is taken out. Of a moving picture the first frame is kept."
)


class UploadForm(forms.ModelForm):  # type: ignore[type-arg]  # Django 5.2 has no subscript here
    """A new picture. What was uploaded is gone once it is read."""

    picture = forms.FileField(
        help_text=UPLOAD_HELP,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/gif"}),
    )

    class Meta:
        model = Image
        fields = ("slug", "alt", "credit")

    def clean_picture(self) -> images.Picture:
        picture = images.read(self.cleaned_data["picture"].read())
        self.instance.show(picture)
        return picture


class ArchivedFilter(admin.SimpleListFilter):
    """Shows what has an address, unless somebody asks for what was archived."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("archived", "Archived"), ("all", "All")]

    def choices(self, changelist: Any) -> Iterator[Any]:
        first, *others = super().choices(changelist)
        yield {**first, "display": "Not archived"}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return queryset
        return queryset.filter(archived_at__isnull=self.value() != "archived")


class ImageAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # Django 5.2 has no subscript here
    """Pictures can be added and archived. What a picture shows in words and its credit can change, its bytes never."""

    list_display = ("slug", "thumbnail", "alt", "size", "added_at")
    list_filter = (ArchivedFilter,)
    list_per_page = 30
    search_fields = ("slug", "alt", "credit")
    actions = ("bring_back",)
    fixed = ("preview", "copy", "slug", "size", "added_at", "archived_at")
    delete_confirmation_template = "admin/guide/archive_image.html"

    formfield_overrides = {models.CharField: {"widget": AdminTextInputWidget(attrs={"class": "vLargeTextField"})}}

    def get_queryset(self, request: HttpRequest) -> QuerySet[Image]:
        return super().get_queryset(request).defer("data")

    def get_form(self, request: HttpRequest, obj: Image | None = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **kwargs, **({} if obj else {"form": UploadForm}))

    def get_fields(self, request: HttpRequest, obj: Image | None = None) -> tuple[str, ...]:
        return (*self.fixed, "alt", "credit") if obj else ("picture", "slug", "alt", "credit")

    def get_readonly_fields(self, request: HttpRequest, obj: Image | None = None) -> tuple[str, ...]:
        return self.fixed if obj else ()

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        actions: dict[str, Any] = super().get_actions(request)
        actions.pop("delete_selected", None)
        return actions

    def get_urls(self) -> list[URLPattern]:
        own = path("<int:pk>/picture/", self.admin_site.admin_view(self.picture), name="guide_image_picture")
        return [own, *super().get_urls()]

    def picture(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show a picture at the desk: at once, and archived ones too."""
        image = Image.objects.filter(pk=pk).first()
        if image is None or not self.has_view_permission(request, image):
            raise Http404
        return HttpResponse(bytes(image.data), content_type=images.CONTENT_TYPE)

    @admin.display(description="picture")
    def thumbnail(self, obj: Image) -> SafeString:
        address = reverse("admin:guide_image_picture", args=[obj.pk])
        return format_html('<img class="thumbnail" src="{}" alt="" loading="lazy">', address)

    @admin.display(description="picture")
    def preview(self, obj: Image) -> SafeString:
        address = reverse("admin:guide_image_picture", args=[obj.pk])
        return format_html('<img class="preview" src="{}" alt="{}">', address, obj.alt)

    @admin.display(description="Markdown to copy")
    def copy(self, obj: Image) -> SafeString:
        return format_html('<pre class="copy">{}</pre>', obj.markdown)

    @admin.display(description="size")
    def size(self, obj: Image) -> str:
        return f"{obj.width} × {obj.height}"

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:
        return super().construct_change_message(request, form, formsets, add) if add else words.changes(form)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[Any, dict[str, int], set[str], list[str]]:
        """Say what archiving touches: nothing else; and what stands in its way."""
        in_use = [f"{use._meta.verbose_name}: {use}" for image in objs for use in image.uses()]
        return [str(image) for image in objs], {}, set(), in_use

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> Any:
        return super().delete_view(request, object_id, {**(extra_context or {}), "title": "Archive a picture"})

    def delete_model(self, request: HttpRequest, obj: Image) -> None:
        obj.archive()

    def response_delete(self, request: HttpRequest, obj_display: str, obj_id: int) -> HttpResponse:
        self.message_user(request, f"“{obj_display}” was archived. Nothing of it was deleted.", "success")
        return HttpResponseRedirect(reverse("admin:guide_image_changelist"))

    @admin.action(description="Bring back from the archive", permissions=["delete"])
    def bring_back(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        chosen = Image.objects.filter(pk__in=list(queryset.values_list("pk", flat=True)))
        chosen.bring_back()
        for image in chosen.defer("data"):
            self.log_change(request, image, "Brought back from the archive.")
        self.message_user(request, "Brought back. They stand at the same addresses as before.", "success")
