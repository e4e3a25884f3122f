"""What people change about themselves."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from magda_portal.people.access import PersonRequest
from magda_portal.people.forms import ProfileForm
from magda_portal.people.models import Language
from magda_portal.people.services.profile import change_profile


@require_http_methods(["GET", "POST"])
def profile(request: PersonRequest) -> HttpResponse:
    person = request.user
    initial = {"name": person.name, "language": person.language or settings.LANGUAGE_CODE}
    form = ProfileForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        language = Language(form.cleaned_data["language"])
        change_profile(person, name=form.cleaned_data["name"], language=language)
        with translation.override(language):
            messages.success(request, _("Your profile is saved."))
        return _in_language(language, redirect("profile"))
    return render(
        request, "people/profile.html", {"form": form}, status=422 if form.errors else 200
    )


def _in_language(language: Language, response: HttpResponse) -> HttpResponse:
    """Let the pages of this browser follow, as Django's own ``set_language`` does."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        path=settings.LANGUAGE_COOKIE_PATH,
        domain=settings.LANGUAGE_COOKIE_DOMAIN,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
    return response
