from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JournalConfig(AppConfig):
    name = "journal"

    def ready(self) -> None:
        autodiscover_modules("checks")  # by now models are there, which they import
