"""Everything that is checked of a request file before it is sent."""

import io
from typing import BinaryIO

from django.conf import settings

from exchange.messages import MessageError
from exchange.models import Account
from exchange.services.checks.by_schema import check_by_schema, service_of
from exchange.services.checks.finding import Finding, Severity
from exchange.services.checks.messages import check_numbers, read_message, refusal
from exchange.services.checks.names import check_name
from exchange.services.checks.references import check_reference


def check_request(account: Account, name: str, content: BinaryIO) -> list[Finding]:
    """Return what is wrong with a file that ``account`` would send under ``name``.

    ``content`` is seekable; it is read as a stream, up to four times, each from its beginning,
    and left there. Whether the name may be used at all is for :mod:`exchange.services.submission`,
    which refuses by itself what makes an ERROR here for every account: an empty file and one over
    the limit.
    """
    if (size := _size(content)) == 0:
        return [Finding("upload.empty", Severity.ERROR)]
    if size > settings.UPLOAD_LIMIT:
        return [Finding("upload.too_large", Severity.ERROR)]
    findings = _check(account, name, content)
    content.seek(0)
    return findings


def _check(account: Account, name: str, content: BinaryIO) -> list[Finding]:
    services = list(account.services.all())
    findings = check_name(services, name)
    message = read_message(content)
    context = None if isinstance(message, MessageError) else message.context
    service = service_of(services, name, context)
    if isinstance(message, MessageError):
        must_be_xml = account.expects_xml or service is not None
        return [*findings, refusal(message)] if must_be_xml else findings
    if service is not None:
        findings += check_by_schema(service, content)
    return findings + check_reference(account, context) + check_numbers(message.numbers)


def _size(content: BinaryIO) -> int:
    size = content.seek(0, io.SEEK_END)
    content.seek(0)
    return size
