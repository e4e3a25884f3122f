from importlib import import_module

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "magda_portal.web"
    label = "web"

    def ready(self) -> None:
        import_module("magda_portal.web.checks")
