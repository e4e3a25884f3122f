"""Keep revocation lists, and know from them which certificates are revoked.

Lists come from the addresses that certificates name, in the background, or from somebody's hands.
No transfer ever waits for one: what stands here already is what a connection is judged by. A
download that fails changes no verdict; a list that gets too old makes "good" into "list too old",
and never takes a revocation back.
"""

from certificates.services.revocation.clients import judge_again, refuse_revoked_client
from certificates.services.revocation.lists import accept_list
from certificates.services.revocation.refresh import Refreshed, refresh_all, refresh_due
from certificates.services.revocation.servers import refuse_revoked_server
from certificates.services.revocation.sources import sync_sources
from certificates.services.revocation.told import tell_revoked
from certificates.services.revocation.verdicts import check_certificates

__all__ = [
    "Refreshed",
    "accept_list",
    "check_certificates",
    "judge_again",
    "refresh_all",
    "refresh_due",
    "refuse_revoked_client",
    "refuse_revoked_server",
    "sync_sources",
    "tell_revoked",
]
