"""Let only somebody in who has just given the password again."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import urlencode

from allauth.account.decorators import reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse

from magda_portal.people.access import PersonRequest

P = ParamSpec("P")
View = Callable[Concatenate[PersonRequest, P], HttpResponse]


def after_reauthentication(view: View[P]) -> View[P]:
    """Ask for the password first, unless that was done minutes ago.

    allauth would keep a posted form in the session until then. These forms hold a passphrase, so
    what was posted is dropped, and the page is shown anew.
    """

    @wraps(view)
    def guarded(request: PersonRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            _check(request)
        except ReauthenticationRequired:
            query = urlencode({"next": request.get_full_path()})
            return HttpResponseRedirect(f"{reverse('account_reauthenticate')}?{query}")
        return view(request, *args, **kwargs)

    return guarded


@reauthentication_required  # type: ignore[untyped-decorator]  # allauth has no types
def _check(_request: PersonRequest) -> HttpResponse:
    return HttpResponse()
