"""Redis as Celery's broker, whose silence makes no worker deaf.

A worker takes no more messages than it may have unacknowledged. With kombu's own transport one
whose acknowledgement met a Redis that hung stays among those for good, so a worker of one task at a
time never takes another until it is started anew. Here it is let go of: Redis may hand it out a
second time after the visibility time-out, which is harmless, because it is only a nudge.
"""

import logging

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
    QoS = QoS


class Transport(redis.Transport):
    Channel = Channel
