"""The address below ``health/`` that this app answers at."""

from django.urls import path

from certificates.views.health import health_certificates

urlpatterns = [path("certificates", health_certificates, name="health_certificates")]
