"""Whom an error concerns."""

import pytest

from exchange.errors import NotReadyError
from exchange.ftps import (
    ConnectError,
    DeniedError,
    FTPSError,
    LoginError,
    ProxyError,
    RefusedError,
    ServerCertificateError,
    Stage,
    StalledError,
    StorageFullError,
    UnconfirmedError,
)
from exchange.services.troubles import Consequence, consequence_of


@pytest.mark.parametrize(
    ("error", "consequence"),
    [
        (NotReadyError("account.no_certificate"), Consequence.ACCOUNT),
        (LoginError("530", stage=Stage.LOGIN), Consequence.ACCOUNT),
        (ServerCertificateError("untrusted", stage=Stage.SECURE), Consequence.ACCOUNT),
        (
            ProxyError("403", stage=Stage.PROXY, code="proxy.refused", retryable=False),
            Consequence.ACCOUNT,
        ),
        (RefusedError("refused", stage=Stage.CONNECT), Consequence.CONNECTION),
        # A connection that breaks in the middle of a file may break because of that file.
        (ConnectError("421", stage=Stage.COMMAND), Consequence.PASSING),
        (StalledError("nothing moves", stage=Stage.DATA), Consequence.PASSING),
        (StorageFullError("452", stage=Stage.DATA), Consequence.PASSING),
        (UnconfirmedError("lost", stage=Stage.COMMAND), Consequence.PASSING),
        (DeniedError("553", stage=Stage.COMMAND), Consequence.FILE),
    ],
)
def test_each_error_concerns_whom_it_should(
    error: FTPSError | NotReadyError, consequence: Consequence
) -> None:
    assert consequence_of(error) is consequence
