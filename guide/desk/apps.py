"""Puts our desk in the place of Django's admin."""

from django.contrib.admin.apps import AdminConfig


class DeskConfig(AdminConfig):
    default_site = "guide.desk.site.DeskSite"
