import pytest

from certificates.errors import CertificateCode, IdentityError
from certificates.models import ClientIdentity, Environment
from certificates.services.identities import change_role_mailbox, get_or_add_identity
from certificates.tests.builders import COMMON_NAME
from certificates.tests.rows import ACTOR, make_identity, make_organisation
from magda_portal.audit.models import AuditEvent

pytestmark = pytest.mark.django_db


def test_it_adds_an_identity_with_the_name_exactly_as_given() -> None:
    organisation = make_organisation()

    identity = get_or_add_identity(
        organisation, environment=Environment.TNI, common_name=COMMON_NAME, actor=ACTOR
    )

    identity.refresh_from_db()
    assert identity.common_name == COMMON_NAME
    assert AuditEvent.objects.get().action == "identity.added"


def test_a_second_call_returns_the_same_identity_and_records_nothing() -> None:
    organisation = make_organisation()
    first, second = (
        get_or_add_identity(
            organisation, environment=Environment.TNI, common_name=COMMON_NAME, actor=ACTOR
        )
        for _ in range(2)
    )

    assert first == second
    assert AuditEvent.objects.count() == 1


def test_the_same_name_may_live_in_two_environments() -> None:
    organisation = make_organisation()
    for environment in (Environment.TNI, Environment.PRD):
        get_or_add_identity(
            organisation, environment=environment, common_name=COMMON_NAME, actor=ACTOR
        )

    assert ClientIdentity.objects.count() == 2


def test_a_name_of_another_organisation_is_refused() -> None:
    get_or_add_identity(
        make_organisation(), environment=Environment.TNI, common_name=COMMON_NAME, actor=ACTOR
    )

    with pytest.raises(IdentityError) as caught:
        get_or_add_identity(
            make_organisation("Elders"),
            environment=Environment.TNI,
            common_name=COMMON_NAME,
            actor=ACTOR,
        )

    assert caught.value.code == CertificateCode.IDENTITY_TAKEN
    assert ClientIdentity.objects.count() == 1


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "a\x00b", "x" * 201])
def test_what_no_certificate_could_bear_is_refused(name: str) -> None:
    with pytest.raises(IdentityError) as caught:
        get_or_add_identity(
            make_organisation(), environment=Environment.TNI, common_name=name, actor=ACTOR
        )

    assert caught.value.code == CertificateCode.IDENTITY_COMMON_NAME
    assert not ClientIdentity.objects.exists()


def test_another_role_mailbox_is_kept_and_recorded_once() -> None:
    identity = make_identity(role_mailbox="oud@voorbeeld.example")

    changed = [change_role_mailbox(identity, "rol@voorbeeld.example", actor=ACTOR) for _ in "ab"]

    identity.refresh_from_db()
    assert (changed, identity.role_mailbox) == ([True, False], "rol@voorbeeld.example")
    assert AuditEvent.objects.get().details == {
        "role_mailbox": {"before": "oud@voorbeeld.example", "after": "rol@voorbeeld.example"}
    }
