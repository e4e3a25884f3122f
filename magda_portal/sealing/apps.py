from django.apps import AppConfig


class SealingConfig(AppConfig):
    name = "magda_portal.sealing"
    label = "sealing"
