"""What is stored must verify for ever: the very bytes that are hashed and signed, as the first versions wrote them."""

import datetime
import uuid

import pytest
from pupitre_bus import anchors
from pupitre_invoicing import history

STORED = {
    "structure_id": uuid.UUID(int=1),
    "number": 2,
    "previous": "ab" * 32,
    "invoice_id": uuid.UUID(int=3),
    "at": datetime.datetime(2026, 11, 21, 9, 30, tzinfo=datetime.UTC),
    "actor": "user:u",
    "actor_name": "Zoé",
    "structure_name": "Fournitures du Quai",
    "action": "move",
    "status_from": "DEPOSEE",
    "status_to": "SUSPENDUE",
    "motive": "pièce absente",
    "comment": None,
    "before": "cd" * 32,
    "after": "ef" * 32,
}


@pytest.mark.requirement("RS-22")
def test_a_line_stored_by_an_earlier_version_has_the_digest_that_was_stored():
    assert history.digest_of(STORED) == "88d78c5dea969a4fe1368fdcdc70489547dc79f7f7e7d2e683347ae5e7cc93d9"


def test_the_seal_of_a_head_signs_the_same_bytes_as_ever():
    signed = history.head_message(uuid.UUID(int=1), 2, "ab" * 32)
    assert signed == (
        b'pupitre-history-head-v1\n{"digest":"' + b"ab" * 32 + b'","number":2,"structure_id":"00000000-0000-0000-0000-000000000001"}'
    )


def test_anchors_and_their_copies_keep_their_format_and_names():
    assert history.CHAIN.anchor_domain == b"pupitre-history-anchor-v1\n"
    assert history.CHAIN.anchor_format == "pupitre-history-anchor-v1"
    assert anchors.name_of(history.CHAIN, 52) == "anchor-000000000052.json"
