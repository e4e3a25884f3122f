"""What the servers that accounts connect to have shown."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from certificates.models.identity import Environment
from magda_portal.people.models import Organisation


class WatchedServer(models.Model):
    """A server that accounts of one environment connect to, directly or through one proxy."""

    environment = models.CharField(_("environment"), max_length=10, choices=Environment)
    host = models.CharField(_("server"), max_length=253)
    port = models.PositiveIntegerField(_("port"))
    # Empty and 0 for a direct connection.
    proxy_host = models.CharField(_("HTTP proxy"), max_length=253, blank=True)
    proxy_port = models.PositiveIntegerField(_("proxy port"), default=0)
    # Who has an account there; kept up to date by each round of the watch.
    organisations = models.ManyToManyField(Organisation, related_name="watched_servers")
    # Those of them, by primary key, all of whose accounts there accept a host name in the common
    # name of a certificate without subjectAltName.
    accepting_common_name = models.JSONField(default=list, blank=True)
    # IP addresses as text, for organisations that don't say otherwise; empty: any will do.
    expected_addresses = models.JSONField(_("expected addresses"), default=list, blank=True)
    # Due when this has passed; also the claim of the run that looks just now.
    next_look_at = models.DateTimeField(default=timezone.now, db_index=True)
    last_looked_at = models.DateTimeField(_("last looked at"), null=True, blank=True)
    # Why the last look saw no certificate; empty when it saw one.
    error_code = models.CharField(max_length=60, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("watched server")
        ordering = ["host", "port", "environment"]
        constraints = [
            models.UniqueConstraint(
                fields=["environment", "host", "port", "proxy_host", "proxy_port"],
                name="watched_server_unique",
            )
        ]

    def __str__(self) -> str:
        return f"{self.host}:{self.port} ({self.environment})"


class ExpectedAddresses(models.Model):
    """The addresses that one organisation expects of a server, instead of the server's own."""

    server = models.ForeignKey(WatchedServer, on_delete=models.CASCADE, related_name="expectations")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="expected_addresses"
    )
    # IP addresses as text; empty: any will do.
    addresses = models.JSONField(_("expected addresses"), default=list, blank=True)

    class Meta:
        verbose_name = _("expected addresses")
        constraints = [
            models.UniqueConstraint(
                fields=["server", "organisation"], name="expected_addresses_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.server_id}: {', '.join(self.addresses)}"


class ServerSighting(models.Model):
    """What a server showed from ``first_seen_at`` until ``last_seen_at``; a change makes a new row.

    What alarms whom stands in :class:`ServerAlarm`. The codes of findings are those of
    :mod:`certificates.advice.watch`.
    """

    class Severity(models.TextChoices):
        INFORMATION = "INFORMATION", _("for information")
        ALARM = "ALARM", _("alarm")

    server = models.ForeignKey(WatchedServer, on_delete=models.CASCADE, related_name="sightings")
    first_seen_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    # The presented certificates as PEM, the server's own first.
    chain_pem = models.TextField()
    subject = models.TextField(_("subject"))
    issuer = models.TextField(_("issuer"))
    serial = models.CharField(_("serial number"), max_length=64)
    # SHA-256 over the DER form of the server's certificate, and over its public key; hex.
    fingerprint = models.CharField(_("SHA-256 fingerprint"), max_length=64)
    key_fingerprint = models.CharField(max_length=64)
    not_before = models.DateTimeField(_("valid from"))
    not_after = models.DateTimeField(_("valid until"))
    tls_version = models.CharField(_("TLS version"), max_length=20)
    # IP addresses as text, sorted; empty when the proxy looked the name up.
    addresses = models.JSONField(_("addresses"), default=list, blank=True)
    # How many certificates more it showed, which are not kept.
    left_out = models.PositiveIntegerField(default=0)
    # The worst that it means to any organisation, and what it is to those whom nothing alarms.
    severity = models.CharField(max_length=12, choices=Severity)
    finding = models.CharField(max_length=60)
    harmless_finding = models.CharField(max_length=60)

    class Meta:
        verbose_name = _("sighting")
        ordering = ["-last_seen_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.server_id}: {self.fingerprint[:16]}"


class ServerAlarm(models.Model):
    """What alarms one organisation about a sighting, as long as looks find it.

    It ends (``ended_at``) when a look no longer finds it, and when the server shows something else:
    what alarms about that is a row of its own. That row takes over ``alerted_at`` and
    ``acknowledged_at`` when it is about the same thing, so nobody is told twice.
    """

    sighting = models.ForeignKey(ServerSighting, on_delete=models.CASCADE, related_name="alarms")
    organisation = models.ForeignKey(
        Organisation, on_delete=models.CASCADE, related_name="server_alarms"
    )
    finding = models.CharField(max_length=60)
    raised_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    # When the mail left: written before, by a conditional UPDATE.
    alerted_at = models.DateTimeField(null=True, blank=True)
    acknowledged_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("alarm about a server")
        ordering = ["-raised_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["sighting", "organisation", "finding"],
                condition=models.Q(ended_at=None),
                name="server_alarm_unique",
            )
        ]

    def __str__(self) -> str:
        return f"{self.sighting_id}: {self.finding}"
