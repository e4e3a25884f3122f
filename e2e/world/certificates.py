"""Keys, requests, trust and servers of the world's identities."""

from certificates.models import ClientIdentity
from certificates.pki import KeyKind, SubjectName
from certificates.services.key_pairs import make_key_pair
from certificates.services.requests import request_with_new_key
from e2e.world.accounts import Keys
from e2e.world.cast import ACTOR


def add_requests(keys: Keys) -> Keys:
    """Make a key that nothing uses and a request that waits for its certificate."""
    identity = ClientIdentity.objects.get(pk=keys["new_identity"])
    spare = make_key_pair(identity, KeyKind.EC_P256, actor=ACTOR)
    made = request_with_new_key(
        identity, KeyKind.EC_P256, subject=SubjectName(identity.common_name), actor=ACTOR
    )
    used = ClientIdentity.objects.get(pk=keys["test_identity"]).current
    assert used is not None
    return {"spare_key": str(spare.pk), "request_csr": str(made.pk), "certificate": str(used.pk)}
