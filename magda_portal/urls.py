"""The portal's addresses."""

from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from magda_portal.web.health import health_live, health_ready

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/live", health_live, name="health_live"),
    path("health/ready", health_ready, name="health_ready"),
    path("health/", include("certificates.health_urls")),
    # Also before logging in: whoever can't read the login page must be able to change it.
    path("i18n/setlang/", login_not_required(set_language), name="set_language"),
    path("", include("magda_portal.people.urls")),
    path("certificates/", include("certificates.urls")),
    path("", include("exchange.urls")),
]

handler403 = "magda_portal.people.views.refusals.refused"
handler500 = "magda_portal.web.outages.failed"
