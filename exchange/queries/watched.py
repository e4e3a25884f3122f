"""The watched server that an account connects to."""

from certificates.models import WatchedServer
from exchange.models import Account


def watched_server_of(account: Account) -> WatchedServer | None:
    """Return the server as the portal watches it; None until it does, some minutes at first."""
    servers = WatchedServer.objects.filter(
        environment=account.environment,
        host=account.host,
        port=account.port,
        proxy_host=account.proxy_host,
    )
    return servers.filter(proxy_port=account.proxy_port if account.proxy_host else 0).first()
