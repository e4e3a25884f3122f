"""The portal's addresses."""

from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from magda_portal.web.health import health_live, health_ready
from magda_portal.web.help_pages import accessibility, help_contents, help_topic, whats_new

urlpatterns: list[URLPattern | URLResolver] = [
    path("health/live", health_live, name="health_live"),
    path("health/ready", health_ready, name="health_ready"),
    path("health/", include("certificates.health_urls")),
    # Also before logging in: whoever can't read the login page must be able to change it.
    path("i18n/setlang/", login_not_required(set_language), name="set_language"),
    # Help, and what the law wants everybody to be able to read.
    path("help/", help_contents, name="help_contents"),
    path("help/<slug:slug>/", help_topic, name="help_topic"),
    path("accessibility/", accessibility, name="accessibility"),
    path("whats-new/", whats_new, name="whats_new"),
    path("", include("magda_portal.people.urls")),
    path("certificates/", include("certificates.urls")),
    path("", include("exchange.urls")),
]

handler400 = "magda_portal.web.plain_pages.misunderstood"
handler403 = "magda_portal.people.views.refusals.refused"
handler500 = "magda_portal.web.outages.failed"
