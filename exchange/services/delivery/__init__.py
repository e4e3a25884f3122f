"""Deliver requests: :func:`deliver_batch` for one account, over one connection.

Per file: store under a temporary name → compare the size → rename. What changes the server is
committed before it is asked for, so a later attempt knows where this one stopped.

MAGDA, "FTPS Technical Information", File Exchange: a file uploaded under its own name may be
picked up half; upload under a temporary name and rename.
"""

from exchange.services.delivery.batch import deliver_batch

__all__ = ["deliver_batch"]
