"""What every template may use."""

from django.conf import settings
from django.http import HttpRequest


def portal(request: HttpRequest) -> dict[str, str]:
    """Return the portal's own address, for texts that tell people where they are."""
    return {"portal_url": settings.PORTAL_URL}
