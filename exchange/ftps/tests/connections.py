"""Makes clients that differ from the ordinary one in a single respect."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from exchange.ftps import ClientCredentials, Endpoint, FTPSClient, Proxy, Timeouts, TrustStore
from sandbox.authority import Authority

ACCOUNT = "test-account"
OTHER_ACCOUNT = "other-account"


@dataclass
class Connections:
    authority: Authority
    endpoint: Endpoint
    timeouts: Timeouts = field(default_factory=lambda: Timeouts(connect=5, reply=5, stall=5))

    def credentials(
        self, *, issuer: Authority | None = None, name: str = ACCOUNT, username: str = ""
    ) -> ClientCredentials:
        issued = (issuer or self.authority).issue_client(name)
        chain = issued.certificate_pem + issued.chain_pem
        return ClientCredentials(username or name, chain, issued.private_key_pem)

    def client(
        self,
        *,
        credentials: ClientCredentials | None = None,
        trust: TrustStore | None = None,
        host: str = "",
        port: int = 0,
        proxy: Proxy | None = None,
        timeouts: Timeouts | None = None,
        heartbeat: Callable[[], object] | None = None,
    ) -> FTPSClient:
        endpoint = replace(
            self.endpoint,
            host=host or self.endpoint.host,
            port=port or self.endpoint.port,
            proxy=proxy,
        )
        return FTPSClient(
            endpoint,
            credentials or self.credentials(),
            trust or TrustStore(self.authority.root_pem),
            timeouts or self.timeouts,
            heartbeat=heartbeat,
        )
