"""Look into every folder of an account at MAGDA, now, for somebody who waits for the page.

Folders: MAGDA, "FTPS Technical Information" (folder structure).
"""

from exchange.ftps import CommandError, FTPSClient, NotFoundError
from exchange.models import Account
from exchange.queries.folder_contents import Listing, folders_of
from exchange.services.looking import looking_at_magda

# For all folders together; a worker would have more patience.
LONGEST_LOOK_SECONDS = 12.0


def look_into_folders(account: Account) -> list[Listing]:
    """List each folder of ``account`` over one connection; nothing is changed there.

    A folder that is missing or refused is told in its own listing. Raises FTPSError and
    AccountError as :func:`~exchange.services.looking.looking_at_magda`.
    """
    with looking_at_magda(account, at_most=LONGEST_LOOK_SECONDS) as client:
        return [_listing(client, folder) for folder in folders_of(account)]


def _listing(client: FTPSClient, folder: str) -> Listing:
    try:
        return Listing(folder, client.entries(folder))
    except NotFoundError:
        return Listing(folder, [], is_missing=True)
    except CommandError as exc:
        return Listing(folder, [], error_code=exc.code)
