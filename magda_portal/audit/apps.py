from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "magda_portal.audit"
    label = "audit"
