"""Redis as Celery's broker, whose silence makes no worker deaf.

A worker takes no more messages than it may have unacknowledged. With kombu's own transport one
whose acknowledgement met a Redis that hung stays among those for good, so a worker of one task at a
time never takes another until it is started anew. Here it is let go of: Redis may hand it out a
second time after the visibility time-out, which is harmless, because it is only a nudge.
"""

import logging
from typing import Any

from kombu.transport import redis, virtual

logger = logging.getLogger(__name__)


class QoS(redis.QoS):
    """Differs from kombu's in what becomes of a message when Redis doesn't answer."""

    def ack(self, delivery_tag: str) -> None:
        try:
            super().ack(delivery_tag)
        except self._connection_errors() as exc:
            self._let_go(delivery_tag, exc)

    def reject(self, delivery_tag: str, requeue: bool = False) -> None:
        try:
            super().reject(delivery_tag, requeue)
        except self._connection_errors() as exc:
            self._let_go(delivery_tag, exc)

    def _connection_errors(self) -> tuple[type[Exception], ...]:
        errors: tuple[type[Exception], ...] = self.channel.connection_errors  # type: ignore[attr-defined]  # the stubs don't know it
        return errors

    def _let_go(self, delivery_tag: str, reason: Exception) -> None:
        logger.warning("Redis could not be told that a message was done with: %s", reason)
        virtual.QoS.ack(self, delivery_tag)


class Channel(redis.Channel):
    """Differs from kombu's in what it says when its connection is closed already."""

    QoS = QoS

    def _connparams(self, asynchronous: bool = False) -> dict[str, Any]:
        # A task that was under way when Redis went is acknowledged, or put back, on a connection
        # that kombu closed and stripped of its client. kombu asks it for a host all the same, and
        # the AttributeError ends the whole worker, where a connection error is expected and told.
        if self.connection.client is None:
            raise ConnectionError("The connection to Redis is closed.")
        parameters: dict[str, Any] = super()._connparams(asynchronous)  # type: ignore[misc]  # the stubs don't know it
        return parameters


class Transport(redis.Transport):
    Channel = Channel
