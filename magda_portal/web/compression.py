"""Pages go compressed over the line; files go as they are."""

from django.http import HttpRequest, HttpResponseBase
from django.middleware.gzip import GZipMiddleware


class CompressedPagesMiddleware(GZipMiddleware):
    """Differs from Django's in leaving alone all that is not a page.

    A download would lose its length, and with it the browser's progress, and cost a processor for
    each file. Pages hold secrets beside what a query may bring in (BREACH), so Django adds random
    bytes to each; and since our cookies are SameSite=Lax, another site can't ask for pages as
    somebody who is logged in without that person seeing it.
    """

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """Compress a page for a browser that takes it so."""
        if response.streaming or not response.get("Content-Type", "").startswith("text/html"):
            return response
        compressed: HttpResponseBase = super().process_response(request, response)
        return compressed
