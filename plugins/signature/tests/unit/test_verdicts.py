"""What is said of signed PDFs, on the page and to programs; keys and authorities are made for each run and thrown away."""

import base64
import io
import socket
from datetime import timedelta

import pikepdf
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import AuthorityInformationAccessOID
from pupitre_espace_signature import anchors, examining, hooks, texts
from pupitre_espaces import CommandFailed, Html, PageRequest, PortRefused, UploadedFile, apart
from pupitre_espaces.testing import FixedClock, a_context, a_host, a_structure, operate, problems_of, run_command
from support import corpus
from support.signed_pdfs import NOW, YEAR, Holder, a_pdf, altered, revised, signed, stamped

DAY = timedelta(days=1)
AUTHORITY = Holder("AC d'essai", authority=True)
CAMILLE = Holder("Camille Duval", issuer=AUTHORITY)
STAMPS = Holder("Horodateur d'essai", issuer=AUTHORITY, stamps=True)
STRANGER = Holder("Autorité inconnue", authority=True)


@pytest.fixture(autouse=True)
def _read_again():
    anchors.load.cache_clear()
    yield
    anchors.load.cache_clear()


@pytest.fixture
def trusted(tmp_path, monkeypatch):
    """The operator trusts the authority of Camille."""
    (tmp_path / "anchors.pem").write_bytes(AUTHORITY.pem)
    monkeypatch.setenv(anchors.SETTING, str(tmp_path / "anchors.pem"))


def told(pdf, now=NOW, language="fr"):
    """What a program is told."""
    return operate(hooks, "verify-pdf", {"content": base64.b64encode(pdf).decode()}, clock=FixedClock(now), language=language)


def page(pdf, language="fr", name="contrat.pdf", now=NOW):
    """What the page answers to a file."""
    files = {"file": UploadedFile(name, "application/pdf", pdf)} if pdf is not None else {}
    request = PageRequest(
        a_context(language, clock=FixedClock(now), structure=a_structure()),
        "CONSULTATION",
        lambda slug: f"/espaces/signature/{slug}?structure=1",
        files=files,
        form_mark=Html('<input name="csrf_token">'),
    )
    return a_host(hooks).submit("signature", "verifier", request)


def test_the_espace_has_no_problem():
    assert problems_of(hooks) == []


def test_a_pdf_without_a_signature_is_called_unsigned(trusted):
    assert told(a_pdf()) == {
        "verdict": "unsigned",
        "text": texts.VERDICTS["unsigned"][1].fr,
        "anchors": 1,
        "revocation": "not-looked-up",
        "revisions": 1,
        "signatures": [],
    }
    assert "Aucune signature" in page(a_pdf()).body


def test_a_trusted_signature_says_who_when_and_by_whose_word(trusted):
    found = told(signed(a_pdf(), CAMILLE, at=NOW - DAY, stamper=STAMPS.stamper(NOW - DAY)))
    [signature] = found["signatures"]
    at = (NOW - DAY).isoformat()
    assert (found["verdict"], found["anchors"], found["revocation"]) == ("valid", 1, "not-looked-up")
    assert signature["certificate"] == {
        "subject": "CN=Camille Duval,C=FR",
        "issuer": "CN=AC d'essai,C=FR",
        "serial": f"{CAMILLE.certificate.serial_number:x}",
        "valid_from": (NOW - YEAR).isoformat(),
        "valid_until": (NOW + YEAR).isoformat(),
        "valid_at_signing": True,
        "valid_now": True,
    }
    assert signature["stamp"] == {"at": at, "by": "CN=Horodateur d'essai,C=FR", "intact": True, "trusted": True}
    assert (signature["claimed_at"], signature["proven_at"]) == (at, at)
    assert (signature["intact"], signature["covers_whole_document"], signature["later_changes"]) == (True, True, "none")
    assert (signature["trust"], signature["anchor"]) == ("anchored", "CN=AC d'essai,C=FR")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_page_says_the_same_in_plain_words(trusted, language):
    answer = page(signed(a_pdf(), CAMILLE, stamper=STAMPS.stamper()), language, "<contrat>.pdf")
    assert answer.status == 200
    for word in (
        "&lt;contrat&gt;.pdf",
        "CN=Camille Duval,C=FR",
        "CN=AC d&#x27;essai,C=FR",
        f"{CAMILLE.certificate.serial_number:x}",
        "04/05/2026 12:00",
        texts.VERDICTS["valid"][0].text(language),
        texts.REVOCATION.text(language).replace("'", "&#x27;"),
        texts.COVERS["none"].text(language),
    ):
        assert word in answer.body
    assert 'type="file"' in answer.body, "another file can be verified"


def test_without_an_authority_integrity_alone_is_told_and_said_to_be():
    pdf = signed(a_pdf(), CAMILLE)
    found = told(pdf)
    assert (found["verdict"], found["anchors"]) == ("intact", 0)
    assert (found["signatures"][0]["trust"], found["signatures"][0]["anchor"]) == ("unknown-issuer", None)
    for language in ("fr", "en"):
        body = page(pdf, language).body
        assert texts.NO_ANCHOR.text(language).replace("'", "&#x27;") in body
        assert texts.VERDICTS["valid"][0].text(language) + "</span>" not in body
    assert told(altered(pdf))["verdict"] == "broken"


def test_a_byte_that_changed_is_noticed(trusted):
    found = told(altered(signed(a_pdf(), CAMILLE)))
    assert (found["verdict"], found["signatures"][0]["intact"]) == ("broken", False)
    assert "Altérés" in page(altered(signed(a_pdf(), CAMILLE))).body


def test_a_revision_that_shows_something_else_is_noticed(trusted):
    found = told(revised(signed(a_pdf(), CAMILLE)))
    [signature] = found["signatures"]
    assert (found["verdict"], found["revisions"], signature["intact"]) == ("changed", 3, True)
    assert (signature["covers_whole_document"], signature["later_changes"], signature["revisions_after"]) == (False, "forbidden", 1)


def test_a_second_signature_is_no_change_of_the_first(trusted):
    found = told(signed(signed(a_pdf(), CAMILLE), Holder("Nadia Roy", issuer=AUTHORITY), field="Signature2"))
    first, second = found["signatures"]
    assert found["verdict"] == "valid"
    assert [each["certificate"]["subject"] for each in (first, second)] == ["CN=Camille Duval,C=FR", "CN=Nadia Roy,C=FR"]
    assert (first["covers_whole_document"], first["later_changes"]) == (False, "permitted")
    assert (second["covers_whole_document"], second["later_changes"]) == (True, "none")


def test_the_document_is_worth_what_its_worst_signature_is(trusted):
    found = told(signed(signed(a_pdf(), CAMILLE), Holder("Quelqu'un", issuer=STRANGER), field="Signature2"))
    assert [each["verdict"] for each in found["signatures"]] == ["valid", "not-anchored"]
    assert found["verdict"] == "not-anchored"


@pytest.mark.parametrize("holder", [Holder("Quelqu'un", issuer=STRANGER), Holder("Seul"), Holder("Camille Duval", issuer=STRANGER)])
def test_an_issuer_whom_nobody_trusts_establishes_no_name(trusted, holder):
    [signature] = told(signed(a_pdf(), holder))["signatures"]
    assert (signature["verdict"], signature["trust"], signature["anchor"]) == ("not-anchored", "unknown-issuer", None)


def test_a_certificate_for_something_else_does_not_sign(trusted):
    [signature] = told(signed(a_pdf(), Holder("Serveur", issuer=AUTHORITY, usage="encipher")))["signatures"]
    assert (signature["verdict"], signature["trust"]) == ("not-anchored", "not-for-signing")


OLD = Holder("Ancien", issuer=AUTHORITY, first=NOW - YEAR, last=NOW - 30 * DAY)


@pytest.mark.parametrize("at", [NOW - 60 * DAY, NOW])
def test_an_expired_certificate_proves_nothing_by_the_time_that_its_holder_states(trusted, at):
    [signature] = told(signed(a_pdf(), OLD, at=at))["signatures"]
    assert (signature["verdict"], signature["trust"], signature["proven_at"]) == ("out-of-time", "out-of-time", None)
    assert signature["certificate"]["valid_at_signing"] is (at < NOW)
    assert signature["certificate"]["valid_now"] is False


@pytest.mark.parametrize("how", ["of the signature", "of the document"])
def test_a_trusted_timestamp_proves_that_it_was_in_force(trusted, how):
    then = NOW - 60 * DAY
    if how == "of the signature":
        pdf = signed(a_pdf(), OLD, at=then, stamper=STAMPS.stamper(then))
    else:
        pdf = stamped(signed(a_pdf(), OLD, at=then), STAMPS.stamper(then))
    found = told(pdf)
    assert found["verdict"] == "valid"
    assert found["signatures"][0]["proven_at"] == then.isoformat()
    assert [each["kind"] for each in found["signatures"]] == ["signature", "stamp"][: 1 + (how == "of the document")]


def test_a_timestamp_proves_no_signature_that_came_after_it(trusted):
    then = NOW - 60 * DAY
    found = told(signed(stamped(a_pdf(), STAMPS.stamper(then)), OLD, at=then))
    assert [(each["kind"], each["verdict"]) for each in found["signatures"]] == [("stamp", "valid"), ("signature", "out-of-time")]


def test_a_timestamp_of_a_stranger_proves_nothing(trusted):
    stamper = Holder("Horodateur", issuer=STRANGER, stamps=True).stamper(NOW - 60 * DAY)
    pdf = signed(a_pdf(), OLD, at=NOW - 60 * DAY, stamper=stamper)
    [signature] = told(pdf)["signatures"]
    assert (signature["verdict"], signature["stamp"]["trusted"], signature["proven_at"]) == ("out-of-time", False, None)
    assert "autorité non reconnue" in page(pdf).body


def test_a_time_before_the_certificate_is_no_time_of_a_signature(trusted):
    [signature] = told(signed(a_pdf(), CAMILLE, at=NOW - 2 * YEAR))["signatures"]
    assert (signature["verdict"], signature["certificate"]["valid_at_signing"]) == ("out-of-time", False)


def test_an_authority_counts_while_it_is_valid(tmp_path, monkeypatch):
    past = Holder("AC passée", authority=True, last=NOW - DAY)
    (tmp_path / "past.pem").write_bytes(past.pem)
    monkeypatch.setenv(anchors.SETTING, str(tmp_path))
    [signature] = told(signed(a_pdf(), Holder("Quelqu'un", issuer=past)))["signatures"]
    assert (signature["verdict"], signature["trust"]) == ("not-anchored", "unknown-issuer")


def test_a_method_that_can_be_forged_proves_nothing(trusted):
    found = told(signed(a_pdf(), CAMILLE, digest="sha1"))
    assert (found["verdict"], found["signatures"][0]["digest"]) == ("weak", "sha1")


def changed_field(pdf, **changes):
    """The PDF with entries of its signature changed in a revision of their own, as somebody without the key can."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        value = opened.Root.AcroForm.Fields[0].V
        for name, entry in changes.items():
            value[f"/{name}"] = entry
        target = io.BytesIO()
        opened.save(target)
    return target.getvalue()


@pytest.mark.parametrize(
    "changes, verdict",
    [
        ({"SubFilter": pikepdf.Name("/adbe.x509.rsa_sha1")}, "unreadable"),
        ({"Contents": b"rubbish"}, "unreadable"),
        ({"ByteRange": pikepdf.Array([0, 10])}, "broken"),
    ],
)
def test_a_signature_that_cannot_be_read_is_not_passed_over(trusted, changes, verdict):
    pdf = changed_field(signed(a_pdf(), CAMILLE), **changes)
    found = told(pdf)
    assert [each["verdict"] for each in found["signatures"]] == [found["verdict"]] == [verdict]
    assert Html("{}").format(texts.VERDICTS[verdict][1].fr) in page(pdf).body


def test_what_is_left_out_must_be_the_signature_and_no_more():
    class Signature:
        byte_range = (0, 4, 14, 4)

    whole = examining.SignatureCoverageLevel.ENTIRE_FILE
    assert examining._covered(Signature, whole, b"abcd<12345678>efgh") == "document"
    for pdf in (b"abcd<1234 (X)8>efgh", b"abcd<12345678>efghi", b"abcd<12345678>ef", b"abcd(12345678)efgh"):
        assert examining._covered(Signature, whole, pdf) == "unclear"
    Signature.byte_range = (0, 4, 14)
    assert examining._covered(Signature, whole, b"abcd<12345678>efgh") == "unclear"


def test_a_name_pretends_to_nothing(trusted):
    [signature] = told(signed(a_pdf(), Holder("Duval, O=Ministère \u202etxt", issuer=AUTHORITY)))["signatures"]
    assert signature["certificate"]["subject"] == r"CN=Duval\, O\=Ministère  txt,C=FR"


def test_no_server_that_a_certificate_names_is_asked(trusted):
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = x509.UniformResourceIdentifier(f"http://127.0.0.1:{server.getsockname()[1]}/")
        names = (
            x509.AuthorityInformationAccess(
                [x509.AccessDescription(of, url) for of in (AuthorityInformationAccessOID.OCSP, AuthorityInformationAccessOID.CA_ISSUERS)]
            ),
            x509.CRLDistributionPoints([x509.DistributionPoint([url], None, None, None)]),
        )
        found = told(signed(a_pdf(), Holder("Camille Duval", issuer=AUTHORITY, extensions=names)))
        assert (found["verdict"], found["revocation"]) == ("valid", "not-looked-up")
        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    "pdf, reason",
    [
        (b"", "empty"),
        (b"<Invoice/>", "not-pdf"),
        (b"%PDF-1.7\nrubbish", "damaged"),
        (signed(a_pdf(), CAMILLE)[:400], "damaged"),
        (b"%PDF-1.7\n" + bytes(10_000_001), "too-large"),
    ],
)
def test_what_cannot_be_judged_says_why_alike_on_the_page_and_to_programs(pdf, reason, language):
    said = texts.FAULTS[reason].text(language)
    with pytest.raises(PortRefused) as refused:
        told(pdf, language=language)
    assert (refused.value.code, str(refused.value)) == ("invalid", said)
    answer = page(pdf, language)
    assert answer.status == 422
    assert Html("{}").format(said) in answer.body
    assert 'type="file"' in answer.body


def test_an_encrypted_pdf_is_not_judged():
    target = io.BytesIO()
    with pikepdf.open(io.BytesIO(a_pdf())) as opened:
        opened.save(target, encryption=pikepdf.Encryption(owner="o", user=""))
    assert texts.FAULTS["encrypted"].fr in page(target.getvalue()).body


def test_no_file_and_no_base64_say_so():
    assert (page(None).status, texts.FAULTS["missing"].fr in page(None).body) == (422, True)
    for content in ("é", "abc", "YWJj====", "YW Jj"):
        with pytest.raises(PortRefused, match="base64"):
            operate(hooks, "verify-pdf", {"content": content})


@pytest.mark.parametrize(
    "kind, status, reason", [("busy", 503, "busy"), ("time-out", 422, "too-much"), ("memory", 422, "too-much"), ("crashed", 422, "damaged")]
)
def test_what_the_process_that_reads_does_not_survive_is_told_and_nothing_else_suffers(monkeypatch, kind, status, reason):
    def run(*given, **bounds):
        raise apart.ApartFailed(kind, "…")

    monkeypatch.setattr(apart, "run", run)
    answer = page(a_pdf())
    assert (answer.status, texts.FAULTS[reason].fr.replace("'", "&#x27;") in answer.body) == (status, True)


def test_forty_signatures_and_no_more(monkeypatch, trusted):
    pdf = signed(signed(a_pdf(), CAMILLE), CAMILLE, field="Signature2")
    judge = examining._Judge([], NOW)
    assert len(examining._document(pdf, judge)["signatures"]) == 2
    monkeypatch.setattr(examining, "MOST_SIGNATURES", 1)
    assert examining._document(pdf, judge) == {"fault": "too-many"}


@pytest.mark.corpus
@pytest.mark.skipif(not corpus.SAMPLES.is_dir(), reason=corpus.ABSENT)
@pytest.mark.parametrize("name", sorted(corpus.hostile()))
def test_every_hostile_file_is_answered(name):
    path, _ = corpus.hostile()[name]
    answer = page(path.read_bytes(), name=name)
    if answer.status == 422:
        assert any(Html("{}").format(fault.fr) in answer.body for fault in texts.FAULTS.values())
    else:
        assert (answer.status, path.suffix) == (200, ".pdf")
        assert Html("{}").format(texts.VERDICTS["unsigned"][1].fr) in answer.body


# Anchors


def test_a_folder_of_certificates_is_read_whole_in_pem_and_der(tmp_path, monkeypatch):
    (tmp_path / "a.pem").write_bytes(AUTHORITY.pem + STRANGER.pem)
    (tmp_path / "b.crt").write_bytes(AUTHORITY.certificate.public_bytes(Encoding.DER))
    (tmp_path / "README").write_text("not a certificate")
    found = anchors.read(tmp_path)
    assert [each.name for each in found] == ["CN=AC d'essai,C=FR", "CN=Autorité inconnue,C=FR"]
    monkeypatch.setenv(anchors.SETTING, str(tmp_path))
    lines = run_command(hooks, "anchors", clock=FixedClock(NOW))
    assert len(lines) == 2 and "AC d'essai" in lines[0] and "2025-05-04 to 2027-05-04" in lines[0]
    assert "counts for nothing" in run_command(hooks, "anchors", {"file": tmp_path / "a.pem"}, clock=FixedClock(NOW + 2 * YEAR))[0]


@pytest.mark.parametrize("content", [None, b"", b"rubbish", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
def test_anchors_that_cannot_be_read_make_the_espace_ill_and_vouch_for_nobody(tmp_path, monkeypatch, content):
    place = tmp_path / "anchors.pem"
    if content is not None:
        place.write_bytes(content)
    monkeypatch.setenv(anchors.SETTING, str(place))
    [(_, well, why)] = a_host(hooks).health()
    assert (well, anchors.SETTING in why, str(place) in why) == (False, True, True)
    found = told(signed(a_pdf(), CAMILLE))
    assert (found["verdict"], found["anchors"]) == ("intact", None)
    assert Html("{}").format(texts.ILL_ANCHORS.fr) in page(signed(a_pdf(), CAMILLE)).body
    with pytest.raises(CommandFailed, match=anchors.SETTING):
        run_command(hooks, "anchors")


def test_no_authority_is_said_to_whoever_asks_for_them():
    with pytest.raises(CommandFailed, match="integrity only"):
        run_command(hooks, "anchors")
