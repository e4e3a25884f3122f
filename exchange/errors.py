"""What the services refuse, before any server is asked.

ExchangeError            code
├─ SubmissionError       a request that can't be accepted
├─ AccountError          an account that can't be changed or used like that
│  └─ NotReadyError      an account that has no usable certificate or trust anchor
├─ AddressError          an address that can't be whitelisted
└─ StateError            a transfer whose state doesn't allow it (any more)

``code`` is stable; :mod:`exchange.advice` has two sentences for each.
"""


class ExchangeError(Exception):
    """``str()`` is one technical line in English, without secrets or file contents."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code


class SubmissionError(ExchangeError):
    pass


class AccountError(ExchangeError):
    pass


class NotReadyError(AccountError):
    pass


class AddressError(ExchangeError):
    pass


class StateError(ExchangeError):
    pass
