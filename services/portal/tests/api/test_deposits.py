"""/api/v1/factures: an invoice entered or deposited and sent in one call, what waits for a valideur, and the moves of an invoice."""

import dataclasses
import io
import json
import uuid

import pytest
from machine_world import BEARER, a_flux
from portal_world import INVOICE, SUPPLIER, a_summary, an_invoice
from pupitre_contracts import errors, invoice_parties, invoicing
from pupitre_contracts import invoicing_entry as calls
from pupitre_espaces.discovery import Source
from pupitre_espaces.host import Host
from support.endorsing_espace import HOLDER, KEY, Endorsing
from test_submitting import a_state
from test_valideur import a_move, a_party

ENTER, FILE, LISTED = "/api/v1/factures/emises", "/api/v1/factures/emises/fichier", f"/api/v1/espaces/{KEY}/factures"
ONE = f"/api/v1/factures/{INVOICE}"
SIRET = "90000005000014"
NAMED = [invoicing.NamedParty(role=HOLDER, identifier=SIRET)]
BODY = {
    "number": "F-1",
    "cadre": "X9",
    "issue_date": "2026-03-01",
    "recipient_siret": "21750001600019",
    "payment_mode": "CHEQUE",
    "lines": [{"name": "Pose", "quantity": 2, "price": 10.05, "rate": "20"}],
    "parties": [{"role": HOLDER, "identifier": SIRET}],
}
MISSING = invoicing.Finding(
    rule="PUP-PARTY-MISSING",
    severity="error",
    term="BT-22",
    location=f"parties-{HOLDER}",
    message="Titulaire : le cadre X9 demande que cet acteur soit désigné.",
    remedy="Indiquez son SIRET.",
    code="D-CAD",
    field=f"Acteur « {HOLDER} »",
)


@pytest.fixture(autouse=True)
def espaces(app, http):
    """The cadres of a plugin, in the application that all tests share."""
    before = app.extensions["pupitre"]
    app.extensions["pupitre"] = dataclasses.replace(before, espaces=Host("portal", discover=False, plugins=[Source.of(Endorsing())]))
    yield
    app.extensions["pupitre"] = before


@pytest.fixture(autouse=True)
def answers(bus):
    sent = an_invoice(status="A_VALIDER_1", cadre="X9", parties=[a_party(uuid.UUID(int=5))])
    bus.answers |= {
        calls.SaveEntry: {"state": a_state()},
        calls.ConfirmEntry: {"state": a_state(), "invoice": an_invoice(status="BROUILLON", version=2)},
        invoicing.PrepareInvoice: {"report": sent.report, "invoice": an_invoice(status="BROUILLON", version=1)},
        invoicing.SendInvoice: {"invoice": sent},
        invoicing.DeleteDraft: {},
        invoicing.GetInvoice: {"invoice": an_invoice(role_moves=[a_move("VALIDEE_1")], parties=[a_party()])},
        invoicing.MoveInvoice: {"invoice": an_invoice()},
    }


@pytest.fixture
def ask(http):
    def ask(method, path, **options):
        headers = {"Authorization": f"Bearer {BEARER}", **options.pop("headers", {})}
        return http.open(path, method=method, headers=headers, **options)

    return ask


def test_an_invoice_is_entered_with_its_valideur_confirmed_and_sent(ask, bus):
    answer = ask("POST", ENTER, json=BODY)
    assert (answer.status_code, answer.json["status"], answer.json["parties"][0]["role"]) == (201, "A_VALIDER_1", HOLDER)
    [saved] = bus.requests(calls.SaveEntry)
    entry, [line] = saved.entry, saved.entry.lines
    assert (saved.structure_id, saved.deposit_mode, entry.cadre, entry.parties) == (SUPPLIER, "SAISIE_API", "X9", NAMED)
    assert (line.quantity, line.price, line.rate, line.unit) == ("2", "10.05", "20", "")
    assert [each.version for each in bus.requests(invoicing.SendInvoice)] == [2]


def test_an_entry_may_come_with_files(ask, bus):
    files = {"body": json.dumps(BODY), "documents": (io.BytesIO(b"%PDF-1.4 x"), "situation.pdf")}
    assert ask("POST", ENTER, data=files).status_code == 201
    assert [each.name for each in bus.requests(calls.SaveEntry)[0].documents] == ["situation.pdf"]
    files = {"body": json.dumps(BODY), "documents": (io.BytesIO(b"MZ"), "virus.exe")}
    assert ask("POST", ENTER, data=files).status_code == 422
    assert len(bus.requests(calls.SaveEntry)) == 1


@pytest.mark.parametrize(
    "body, field",
    [
        ({**BODY, "unknown": 1}, "unknown"),
        ({**BODY, "kind": "DEVIS"}, "kind"),
        ({**BODY, "parties": [{"role": HOLDER}]}, "parties"),
        ({**BODY, "lines": [{"price": []}]}, "lines"),
        ({**BODY, "read_in_pdf": ["number"]}, "read_in_pdf"),
    ],
)
def test_what_cannot_be_understood_is_said_by_field_and_nothing_is_kept(ask, bus, body, field):
    answer = ask("POST", ENTER, json=body)
    assert (answer.status_code, answer.json["code"]) == (422, "invalid")
    assert field in answer.json["details"]["fields"]
    assert not bus.requests(calls.SaveEntry)


def test_an_entry_without_its_valideur_is_refused_with_code_field_rule_and_remedy_and_leaves_no_draft(ask, bus):
    bus.answers[calls.ConfirmEntry] = {"state": a_state([MISSING])}
    answer = ask("POST", ENTER, json={**BODY, "parties": []})
    assert (answer.status_code, answer.json["code"]) == (422, "invoicing.invoice-refused")
    [told] = answer.json["details"]["findings"]
    assert (told["code"], told["field"], told["rule"]) == ("D-CAD", f"Acteur « {HOLDER} »", "PUP-PARTY-MISSING")
    assert told["remedy"] == "Indiquez son SIRET."
    assert [each.invoice_id for each in bus.requests(invoicing.DeleteDraft)] == [INVOICE]


def test_a_file_is_deposited_with_its_valideur_and_sent(ask, bus, blobs):
    answer = ask("POST", f"{FILE}?name=a9.xml&party={HOLDER}:{SIRET}&lang=en", data=b"<Invoice/>", content_type="application/xml")
    assert (answer.status_code, answer.json["status"]) == (201, "A_VALIDER_1")
    [prepared] = bus.requests(invoicing.PrepareInvoice)
    assert blobs.kept[prepared.sha256] == b"<Invoice/>"
    assert (prepared.name, prepared.deposit_mode, prepared.parties, prepared.language) == ("a9.xml", "UPLOAD_API", NAMED, "en")
    assert [(each.version, each.parties) for each in bus.requests(invoicing.SendInvoice)] == [(1, NAMED)]


def test_a_file_that_is_invalid_or_goes_nowhere_is_refused_and_leaves_no_draft(ask, bus):
    wrong = invoicing.Report(verdict="invalid", stage="schematron", findings=[MISSING], terms={})
    bus.answers[invoicing.PrepareInvoice] = {"report": wrong}
    answer = ask("POST", FILE, data=b"<Invoice/>")
    assert (answer.status_code, answer.json["code"], answer.json["details"]["stage"]) == (422, "invoicing.invoice-refused", "schematron")
    assert not bus.requests(invoicing.SendInvoice)
    bus.answers[invoicing.PrepareInvoice] = {"report": wrong, "invoice": an_invoice(status="BROUILLON")}
    bus.answers[invoicing.SendInvoice] = errors.InvoiceRefused(count=1, stage="routing", findings=[MISSING.dump()])
    answer = ask("POST", FILE, data=b"<Invoice/>")
    assert (answer.status_code, answer.json["details"]["findings"][0]["rule"]) == (422, "PUP-PARTY-MISSING")
    assert [each.invoice_id for each in bus.requests(invoicing.DeleteDraft)] == [INVOICE]
    bus.answers[invoicing.SendInvoice] = errors.DuplicateInvoice(number="F-1")
    assert ask("POST", FILE, data=b"<Invoice/>").status_code == 409
    assert ask("POST", FILE, data=b"").status_code == 422


@pytest.mark.parametrize("path, call", [(FILE, invoicing.PrepareInvoice), ("/api/v1/flux", invoicing.DepositFlux)])
def test_who_validates_is_named_in_the_address_and_nonsense_there_is_refused(ask, bus, path, call):
    bus.answers[invoicing.DepositFlux] = {"flux": a_flux()}
    query = {"name": "x.xml", "party": [f"{HOLDER}:{SIRET}", "agent : 90000006000011"]}
    assert ask("POST", path, query_string=query, data=b"x").status_code == 201
    second = invoicing.NamedParty(role="agent", identifier="90000006000011")
    assert [each.parties for each in bus.requests(call)] == [[*NAMED, second]]
    for wrong in (SIRET, f"{HOLDER}:", f":{SIRET}", f"{HOLDER}:{'9' * 41}"):
        answer = ask("POST", path, query_string={"name": "x.xml", "party": wrong}, data=b"x")
        assert (answer.status_code, list(answer.json["details"]["fields"])) == (422, ["party"])
    assert len(bus.requests(call)) == 1


def test_one_key_makes_one_invoice_of_one_client(ask, bus):
    for _ in range(2):
        ask("POST", ENTER, json=BODY, headers={"Idempotency-Key": "k-1"})
    ask("POST", ENTER, json=BODY)
    for call in (calls.SaveEntry, calls.ConfirmEntry, invoicing.SendInvoice):
        first, second, other = bus.keys(call)
        assert first == second != other


def test_the_cadres_say_who_is_to_be_named(ask):
    found = {each["code"]: each for each in ask("GET", "/api/v1/factures/cadres").json["cadres"]}
    roles = [(each["key"], each["espace"], each["needed"]) for each in found["X9"]["roles"]]
    assert roles[0] == (HOLDER, KEY, True)


def test_a_valideur_lists_what_waits_for_him(ask, bus):
    row = {**a_summary(status="A_VALIDER_1").values, "parties": [a_party()]}
    listed = invoice_parties.AssignedInvoice(**{name: value for name, value in row.items() if value is not None})
    bus.answers[invoice_parties.SearchInvoicesOfRole] = {"invoices": [listed], "total": 3}
    found = ask("GET", f"{LISTED}?to_do=true&status=A_VALIDER_1&cadre=X9&page_size=2").json
    assert [each["status"] for each in found["invoices"]] == ["A_VALIDER_1"]
    assert (found["total"], found["next_page"]) == (3, 2)
    [asked] = bus.requests(invoice_parties.SearchInvoicesOfRole)
    assert (asked.espace, asked.structure_id, asked.to_do, asked.statuses, asked.cadre) == (KEY, SUPPLIER, True, ["A_VALIDER_1"], "X9")
    assert ask("GET", f"{LISTED}?page_size=0").status_code == 422
    assert ask("GET", "/api/v1/espaces/ailleurs/factures").status_code == 404
    bus.answers[invoice_parties.SearchInvoicesOfRole] = errors.Forbidden(needed=KEY)
    assert ask("GET", LISTED).status_code == 403


def test_an_invoice_is_read_with_what_may_be_done_with_it_and_that_of_others_is_not_found(ask, bus):
    found = ask("GET", ONE).json
    assert ([each["to"] for each in found["role_moves"]], found["parties"][0]["identifier"]) == (["VALIDEE_1"], SIRET)
    assert bus.requests(invoicing.GetInvoice)[0].invoice_id == INVOICE
    bus.answers[invoicing.GetInvoice] = errors.NotFound(what="invoice")
    assert ask("GET", ONE).status_code == 404


def test_a_valideur_validates_refuses_and_brings_a_file(ask, bus):
    answer = ask("POST", f"{ONE}/moves", json={"version": 3, "to": "VALIDEE_1", "stated": True, "comment": "Vu"})
    assert (answer.status_code, answer.json["outcome"], answer.json["explanation_fr"]) == (200, "done", None)
    ask("POST", f"{ONE}/moves", json={"version": 3, "to": "REFUSEE_1", "motive": "hors marché"})
    correction = {"version": 3, "to": "A_VALIDER_1", "parties": [{"role": HOLDER, "identifier": SIRET}]}
    ask("POST", f"{ONE}/moves", json=correction)
    files = {"body": json.dumps({"version": 3, "to": "VALIDEE_1"}), "documents": (io.BytesIO(b"%PDF-1.4 x"), "accord.pdf")}
    ask("POST", f"{ONE}/moves", data=files)
    made = bus.requests(invoicing.MoveInvoice)
    assert [(each.to, each.stated, each.motive, each.comment) for each in made[:2]] == [
        ("VALIDEE_1", True, None, "Vu"), ("REFUSEE_1", False, "hors marché", None)]
    assert (made[2].parties, [each.name for each in made[3].documents]) == (NAMED, ["accord.pdf"])


@pytest.mark.parametrize(
    "error, status",
    [
        (errors.Forbidden(needed=KEY), 403),
        (errors.MotiveMissing(status_to="REFUSEE_1"), 422),
        (errors.TransitionForbidden(status_from="DEPOSEE", status_to="REFUSEE_1", allowed="-"), 409),
        (errors.Conflict(what="invoice"), 409),
        (errors.PassageBarred(number="F-1", status_to="MANDATEE", why_fr="a", why_en="b", remedy_fr="c", remedy_en="d"), 409),
        (errors.GuardSilent(number="F-1", espace_fr="Garde", espace_en="Guard"), 503),
        (errors.NotFound(what="invoice"), 404),
    ],
)
def test_who_may_not_answer_and_an_answer_without_its_motive_are_refused(ask, bus, error, status):
    bus.answers[invoicing.MoveInvoice] = error
    answer = ask("POST", f"{ONE}/moves", json={"version": 3, "to": "REFUSEE_1"})
    assert (answer.status_code, answer.json["code"]) == (status, error.code)
    assert ask("POST", f"{ONE}/moves", json={"to": "REFUSEE_1"}).status_code == 422


@pytest.mark.parametrize(
    "method, path",
    [("POST", ENTER), ("POST", FILE), ("GET", LISTED), ("GET", ONE), ("POST", f"{ONE}/moves"), ("GET", "/api/v1/factures/cadres")],
)
def test_without_a_token_nothing_is_done(http, bus, method, path):
    answer = http.open(path, method=method, data=b"{}")
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="pupitre"')
    assert not bus.calls
