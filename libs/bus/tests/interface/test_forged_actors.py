"""Forged actor tokens, sent as a caller inside the broker could send them: each is refused and written down, none has an effect (RS-41)."""

import base64
import json
import time
import uuid

import pytest
import sqlalchemy as sa
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey
from pupitre_bus import Service, rpc
from pupitre_bus.actors import ALGORITHM, Keyring
from pupitre_bus.testing import user
from pupitre_contracts import errors
from pupitre_contracts.message import Call, Message, fields

metadata = sa.MetaData()
written = sa.Table("written", metadata, sa.Column("who", sa.Text, primary_key=True))


class Write(Call):
    """Write down who asks. Errors: none."""

    service, writes = "diary", True

    class Request(Message):
        pass

    class Reply(Message):
        who = fields.String(required=True)


class Diary(Service):
    name = "diary"
    metadata = metadata

    @rpc(Write)
    def write(self, request, scope):
        with scope.begin() as tx:
            tx.execute(written.insert().values(who=scope.actor.reference))
            return tx.answer(Write.Reply(who=scope.actor.reference))


class Forger:
    """Somebody who has the public keys and the private key of one service, the portal's."""

    def __init__(self, keys):
        Keyring.create(keys, ["identity", "portal", "diary"])
        self.keys = keys
        self.victim = str(uuid.uuid4())

    def claims(self, **changes):
        now = int(time.time())
        base = {"iss": "identity", "aud": "diary", "iat": now, "exp": now + 60, "sub": self.victim, "kind": "user", "name": "Zoé"}
        return {**base, **changes}

    def signed(self, issuer="identity", **changes):
        key = OKPKey.import_key((self.keys / f"{issuer}.key").read_bytes())
        return jwt.encode({"alg": ALGORITHM}, self.claims(**changes), key, algorithms=[ALGORITHM])

    def altered(self):
        header, _, signature = self.signed().split(".")
        return f"{header}.{_part(self.claims(sub=str(uuid.uuid4())))}.{signature}"

    def unsigned(self):
        return f"{_part({'alg': 'none'})}.{_part(self.claims())}."

    def signed_with_the_public_key(self):
        secret = OctKey.import_key((self.keys / "identity.pub").read_bytes().replace(b"-----BEGIN", b"", 1))
        return jwt.encode({"alg": "HS256"}, self.claims(), secret, algorithms=["HS256"])


def _part(value):
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _ago(seconds):
    now = int(time.time())
    return {"iat": now - seconds, "exp": now - seconds + 60}


FORGERIES = {
    "missing": lambda forger: "",
    "rubbish": lambda forger: "a.b.c",
    "expired": lambda forger: forger.signed(**_ago(90)),
    "not yet issued": lambda forger: forger.signed(**_ago(-30)),
    "for another service": lambda forger: forger.signed(aud="identity"),
    "good for an hour": lambda forger: forger.signed(exp=int(time.time()) + 3600),
    "altered": lambda forger: forger.altered(),
    "without signature": lambda forger: forger.unsigned(),
    "signed with the public key as a secret": lambda forger: forger.signed_with_the_public_key(),
    "a user vouched for by the portal": lambda forger: forger.signed("portal", iss="portal"),
    "signed by the portal as identity": lambda forger: forger.signed("portal"),
    "the portal as the operator": lambda forger: forger.signed("portal", iss="portal", kind="service", sub="operator"),
    "from an unknown issuer": lambda forger: forger.signed("portal", iss="stranger", kind="service", sub="stranger"),
}


class Fixed:
    def __init__(self, token):
        self._token = token

    def token_for(self, audience):
        return self._token


@pytest.fixture
def forger(bench):
    return Forger(bench.backend.keys)


def test_what_the_forger_makes_is_accepted_when_nothing_is_forged(running, caller, forger):
    running(Diary)
    assert caller().call(Write, credentials=Fixed(forger.signed())).who == f"user:{forger.victim}"


@pytest.mark.requirement("RS-41")
def test_every_forgery_is_refused_written_down_and_without_effect(running, caller, forger, bench, caplog):
    assert len(FORGERIES) >= 8
    running(Diary)
    bus = caller()
    for name, forge in FORGERIES.items():
        caplog.clear()
        with pytest.raises((errors.ActorInvalid, errors.ActorMissing)) as refused:
            bus.call(Write, credentials=Fixed(forge(forger)))
        assert refused.value.details == {}, name
        told = [record.getMessage() for record in caplog.records if record.name == "pupitre.security"]
        assert len(told) == 1, name
        assert told[0].startswith("diary refused write: "), name
        assert "Zoé" not in told[0], name
    caplog.clear()
    assert caller(user()).call(Write).who.startswith("user:")
    assert not [record for record in caplog.records if record.name == "pupitre.security"]
    database = bench.database("diary")
    with database.reading() as db:
        assert db.execute(sa.select(sa.func.count()).select_from(written)).scalar_one() == 1
    database.close()


def test_the_line_of_a_refusal_cannot_be_used_to_forge_other_lines(running, caller, forger, caplog):
    running(Diary)
    with pytest.raises(errors.ActorInvalid):
        caller().call(Write, credentials=Fixed(forger.signed("portal", sub="x\nnotes: all is well é", iss="portal")))
    [told] = [record.getMessage() for record in caplog.records if record.name == "pupitre.security"]
    assert "\n" not in told
    assert told.isascii()
