"""What expires, for monitoring."""

import hmac

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from certificates.queries.expiring import expiring_things
from magda_portal.people.models import Organisation


@login_not_required
@require_GET
def health_certificates(request: HttpRequest) -> HttpResponse:
    """List everything that can stop an account of any organisation, for who shows the token.

    Without ``HEALTH_TOKEN`` there is no such page. Always 200: what is too near is for the reader
    to say.
    """
    token: str = settings.HEALTH_TOKEN
    if not token:
        raise Http404
    if not _shows(request, token):
        refusal = HttpResponse("A bearer token is needed.\n", "text/plain", status=401)
        refusal["WWW-Authenticate"] = 'Bearer realm="health"'
        return refusal
    things = expiring_things(Organisation.objects.all(), now=timezone.now())
    return JsonResponse({"certificates": [thing.facts() for thing in things]})


def _shows(request: HttpRequest, token: str) -> bool:
    scheme, _, shown = request.headers.get("Authorization", "").partition(" ")
    # As octets: compare_digest takes no text beyond ASCII.
    return scheme.lower() == "bearer" and hmac.compare_digest(
        shown.strip().encode(), token.encode()
    )
