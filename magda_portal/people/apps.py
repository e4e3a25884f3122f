from importlib import import_module

from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "magda_portal.people"
    label = "people"

    def ready(self) -> None:
        import_module("magda_portal.people.receivers")
