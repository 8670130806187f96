from wagtail.fields import RichTextField
from wagtail.models import Page


class HomePage(Page):
    """A page with one rich text, as Wagtail's own tutorial has it."""

    body = RichTextField(blank=True)
    content_panels = [*Page.content_panels, "body"]
