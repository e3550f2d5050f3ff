import base64
import json
import stat
import uuid
from datetime import UTC, datetime

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey
from pupitre_bus.actors import ALGORITHM, Actor, Keyring
from pupitre_bus.clock import FrozenClock
from pupitre_bus.errors import ActorInvalid

AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
USER = Actor("user", str(uuid.uuid4()), "Zoé Martin", uuid.uuid4())


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    Keyring.create(folder, ["identity", "invoicing", "portal"])
    return folder


@pytest.fixture
def clock():
    return FrozenClock(AT)


@pytest.fixture
def identity(keys, clock):
    return Keyring(keys, "identity", clock)


@pytest.fixture
def invoicing(keys, clock):
    return Keyring(keys, "invoicing", clock)


def claims(**changes):
    now = int(AT.timestamp())
    base = {"iss": "identity", "aud": "invoicing", "iat": now, "exp": now + 60}
    base |= {"sub": USER.id, "kind": "user", "name": "Zoé"}
    return {name: value for name, value in (base | changes).items() if value is not ...}


def signed(keys, payload, issuer="identity"):
    key = OKPKey.import_key((keys / f"{issuer}.key").read_bytes())
    return jwt.encode({"alg": ALGORITHM}, payload, key, algorithms=[ALGORITHM])


def part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def test_a_user_is_recognised_by_the_service_the_token_is_for(identity, invoicing):
    assert invoicing.verify(identity.sign(USER, "invoicing"), "invoicing") == USER


def test_a_service_acts_on_behalf_of_the_user_at_the_origin(invoicing, identity):
    actor = Actor.service("invoicing", behalf_of=USER)
    received = identity.verify(invoicing.sign(actor, "identity"), "identity")
    assert received == actor
    assert received.origin == USER
    assert Actor.service("notifications", behalf_of=received).behalf_of == USER


def test_the_handmade_token_of_the_forgeries_is_accepted_when_nothing_is_forged(keys, invoicing):
    assert invoicing.verify(signed(keys, claims()), "invoicing").id == USER.id


def test_a_missing_token_is_refused(invoicing):
    for nothing in ("", "a.b.c", "..", None):
        with pytest.raises(ActorInvalid):
            invoicing.verify(nothing, "invoicing")


def test_an_expired_token_is_refused(identity, invoicing, clock):
    token = identity.sign(USER, "invoicing")
    clock.advance(64)
    assert invoicing.verify(token, "invoicing") == USER
    clock.advance(2)
    with pytest.raises(ActorInvalid):
        invoicing.verify(token, "invoicing")


def test_a_token_for_another_service_is_refused(identity, invoicing):
    with pytest.raises(ActorInvalid):
        invoicing.verify(identity.sign(USER, "organisation"), "invoicing")


def test_an_altered_token_is_refused(identity, invoicing):
    header, _, signature = identity.sign(USER, "invoicing").split(".")
    with pytest.raises(ActorInvalid):
        invoicing.verify(f"{header}.{part(claims(sub=str(uuid.uuid4())))}.{signature}", "invoicing")


def test_a_token_without_signature_is_refused(invoicing):
    for alg in ("none", "None", ""):
        with pytest.raises(ActorInvalid):
            invoicing.verify(f"{part({'alg': alg})}.{part(claims())}.", "invoicing")


def test_a_token_signed_with_the_public_key_as_a_secret_is_refused(keys, invoicing):
    # joserfc will not take a whole PEM as a secret; a forger's library might, and only the algorithm matters here.
    secret = OctKey.import_key((keys / "identity.pub").read_bytes().replace(b"-----BEGIN", b"", 1))
    token = jwt.encode({"alg": "HS256"}, claims(), secret, algorithms=["HS256"])
    with pytest.raises(ActorInvalid):
        invoicing.verify(token, "invoicing")


@pytest.mark.parametrize("issuer", ["stranger", "../identity", "identity\0", "", 5, None, ...])
def test_a_token_from_an_unknown_issuer_is_refused(keys, invoicing, issuer):
    with pytest.raises(ActorInvalid):
        invoicing.verify(signed(keys, claims(iss=issuer)), "invoicing")


@pytest.mark.parametrize("kind", ["user", "technical"])
def test_a_user_vouched_for_by_another_service_than_identity_is_refused(keys, invoicing, kind):
    token = signed(keys, claims(iss="portal", kind=kind), "portal")
    with pytest.raises(ActorInvalid):
        invoicing.verify(token, "invoicing")


def test_a_service_that_calls_itself_another_is_refused(keys, invoicing):
    token = signed(keys, claims(iss="portal", kind="service", sub="identity"), "portal")
    with pytest.raises(ActorInvalid):
        invoicing.verify(token, "invoicing")


@pytest.mark.parametrize(
    "changes",
    [
        {"exp": ...},
        {"iat": ...},
        {"aud": ...},
        {"sub": ...},
        {"sub": ""},
        {"sub": 5},
        {"kind": "root"},
        {"name": None},
        {"structure": "not a uuid"},
        {"structure": 5},
        {"behalf": {"kind": "user", "sub": "x", "name": "x"}},
        {"exp": int(AT.timestamp()) + 3600},
        {"iat": int(AT.timestamp()) + 30, "exp": int(AT.timestamp()) + 60},
        {"exp": float(AT.timestamp() + 60)},
    ],
    ids=str,
)
def test_a_well_signed_token_with_a_wrong_claim_is_refused(keys, invoicing, changes):
    with pytest.raises(ActorInvalid):
        invoicing.verify(signed(keys, claims(**changes)), "invoicing")


def test_an_issuer_signs_only_for_those_it_may_vouch_for(invoicing, keys):
    with pytest.raises(ValueError):
        invoicing.sign(USER, "organisation")
    with pytest.raises(ValueError):
        invoicing.sign(Actor.service("identity"), "organisation")
    with pytest.raises(ValueError):
        Keyring(keys).sign(Actor.service("invoicing"), "organisation")


def test_keys_are_made_once_and_readable_by_their_owner_only(tmp_path):
    assert Keyring.create(tmp_path / "keys", ["identity", "portal"]) == ["identity", "portal"]
    before = (tmp_path / "keys" / "identity.key").read_bytes()
    assert Keyring.create(tmp_path / "keys", ["identity", "invoicing"]) == ["invoicing"]
    assert (tmp_path / "keys" / "identity.key").read_bytes() == before
    assert stat.S_IMODE((tmp_path / "keys" / "identity.key").stat().st_mode) == 0o600
    assert b"PRIVATE" not in (tmp_path / "keys" / "identity.pub").read_bytes()


def test_a_lost_public_key_is_made_again_from_the_private_one(tmp_path):
    Keyring.create(tmp_path, ["identity"])
    before = (tmp_path / "identity.pub").read_bytes()
    (tmp_path / "identity.pub").unlink()
    Keyring.create(tmp_path, ["identity"])
    assert (tmp_path / "identity.pub").read_bytes() == before


def test_only_a_service_acts_for_another():
    with pytest.raises(ValueError):
        Actor("user", "u", behalf_of=USER)


def test_the_reference_of_an_actor_holds_no_personal_data():
    assert USER.reference == f"user:{USER.id}"
