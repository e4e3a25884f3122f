"""The MAGDA portal: settings, wiring, and what every app stands on."""

from magda_portal.celery import app as celery_app

__all__ = ["celery_app"]
