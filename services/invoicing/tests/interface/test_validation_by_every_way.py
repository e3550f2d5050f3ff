"""An invoice with the cadre A9 or A12 names its valideurs by every way in, in every format, and is told the same when one cannot be."""

import datetime

import pytest
from pupitre_bus.clock import FrozenClock
from pupitre_contracts import errors, flux_report
from pupitre_contracts import invoicing as contract
from pupitre_contracts import invoicing_entry as entries
from pupitre_espaces import discovery
from support import invoice_factory as factory
from support.invoice_e1 import e1

PLUGIN, KEY = "pupitre-espace-factures-a-valider", "factures-a-valider"
FIRST, SECOND = "90000005000014", "90000006000011"
NOBODY, NO_ESPACE, CLOSED = "90000007000018", "90000008000015", "90000009000012"
FORMATS = {"ubl": factory.ubl, "cii": factory.cii, "facturx": factory.facturx, "e1": e1}
MIXED = "FLUX_MIXTE"


@pytest.fixture
def service_clock():
    return FrozenClock(datetime.datetime(2026, 12, 1, 9, tzinfo=datetime.UTC))


@pytest.fixture
def plugins():
    found = [each for each in discovery.installed() if each.distribution == PLUGIN]
    assert found, "make setup installs it"
    return found


@pytest.fixture
def people(stage):
    """Who validates for the holder of the contract and for the mandataire of the group."""
    stage.hold("wake-invoices")
    found = []
    for siret, name in ((FIRST, "Gros Œuvre SA"), (SECOND, "Mandataire SARL")):
        made = stage.world.structure(siret, name)
        stage.world.structures[made.structure_id] = type(made)(**{**made.values, "espaces": [*made.espaces, KEY]})
        found.append(stage.world.user((made, KEY, "MODIFICATION"), name=name))
    stage.world.structure(NO_ESPACE, "Sans espace SA")
    stage.world.structure(CLOSED, "Fermée SA", active=False)
    return found


def named(*pairs):
    return [contract.NamedParty(role=role, identifier=siret) for role, siret in pairs]


def note(*pairs):
    return tuple(("AAI", f"#acteur {role} {siret}") for role, siret in pairs)


class TestFormats:
    """Read by the real engine, in its own processes."""

    @pytest.fixture
    def engine(self, real_engine):
        return real_engine

    @pytest.fixture
    def write(self, parties):
        def make(kind, number, cadre, *pairs):
            notes = note(*pairs) if kind == "e1" else (*factory.parts().notes, *note(*pairs))
            return FORMATS[kind](number=number, cadre=cadre, notes=notes, **parties)

        return make

    @pytest.mark.parametrize("kind", FORMATS)
    def test_a_file_of_each_format_names_both_valideurs_in_its_notes(self, stage, people, write, kind):
        code = "A9" if kind == "e1" else "S3"
        reply = stage.prepare(write(kind, "S-1", code, ("valideur-1", FIRST), ("valideur-2", f"{SECOND[:9]} {SECOND[9:]}")))
        assert [each.rule for each in reply.report.findings if each.severity == "error"] == []
        sent = stage.send(reply.invoice)
        assert (sent.cadre, sent.status) == ("A9", "A_VALIDER_1")
        assert [(each.role, each.identifier) for each in sent.parties] == [("valideur-1", FIRST), ("valideur-2", SECOND)]

    def test_a_flux_of_all_formats_takes_what_files_name_and_what_is_named_for_all(self, stage, people, write, ended, make_lot):
        files = {
            "ubl.xml": write("ubl", "L-1", "S3", ("valideur-1", FIRST)),
            "cii.xml": write("cii", "L-2", "S6"),
            "facturx.pdf": write("facturx", "L-3", "S3"),
            "e1.xml": write("e1", "L-4", "A12", ("valideur-1", FIRST)),
        }
        flux = ended(stage.deposit_flux(make_lot(files), syntaxe_flux=MIXED, parties=named(("valideur-1", SECOND))))
        assert (flux.accepted, flux.refused, flux.errors) == (4, 0, [])
        found = stage.call(stage.writer, contract.SearchInvoices, side="issued").invoices
        shown = {each.number: (each.cadre, stage.get(each, stage.writer).parties[0].identifier) for each in found}
        assert shown == {"L-1": ("A9", FIRST), "L-2": ("A12", SECOND), "L-3": ("A9", SECOND), "L-4": ("A12", FIRST)}


A9 = {"code": "S3", "cadre": "A9"}
ABOUT = ("rule", "severity", "code", "field", "value", "message", "remedy")
WRONG = {
    "PUP-PARTY-MISSING": (None, "error"),
    "PUP-PARTY-UNKNOWN": (NOBODY, "error"),
    "PUP-PARTY-SELF": ("90000001000012", "error"),
    "PUP-PARTY-INACTIVE": (CLOSED, "error"),
    "PUP-PARTY-ESPACE": (NO_ESPACE, "warning"),
}


def about(findings):
    return [tuple(getattr(each, name) for name in ABOUT) for each in findings if each.rule.startswith("PUP-PARTY")]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("rule", WRONG)
def test_the_same_valideur_is_answered_the_same_as_file_as_entry_and_in_a_flux(stage, people, ended, rule, language):
    siret, severity = WRONG[rule]
    given = named(("valideur-1", siret)) if siret else []
    draft = stage.prepare(stage.file("F-1", cadre=A9), parties=given, language=language)
    [told] = about(draft.report.findings)
    assert told[:3] == (rule, severity, "D-CAD")
    assert told[3] == ("Actor “valideur-1”" if language == "en" else "Acteur « valideur-1 »")
    assert (told[4], bool(told[5]), bool(told[6])) == (siret, True, True)

    line = entries.EntryLine(name="Ramettes", quantity="10", price="3,90", rate="20")
    typed = {"number": "E-1", "issue_date": "2026-10-01", "recipient_siret": stage.BUYER, "payment_mode": "CHEQUE", "cadre": "A9"}
    entry = entries.Entry(**typed, lines=[line], parties=given)
    state = stage.call(stage.writer, entries.SaveEntry, structure_id=stage.supplier.structure_id, entry=entry, language=language).state
    assert about(state.findings) == [told]

    by_note = {"notes": [{"code": None, "text": f"#acteur valideur-1 {siret}"}]} if siret else {}
    flux = ended(stage.deposit_flux(stage.file("L-1", cadre=A9, **by_note), file_name="l.xml"))
    assert (flux.state == "IN_INTEGRE") == (severity == "warning")
    report = stage.call(stage.writer, flux_report.ReadFluxReport, numero_flux=flux.numero_flux, language=language)
    if severity == "error":
        [fault] = report.files[0].errors
        assert (fault.rule, fault.code, fault.field, fault.value, fault.message, fault.remedy) == (told[0], *told[2:])
        with pytest.raises(errors.InvoiceRefused) as refused:
            stage.send(draft.invoice, parties=given, language=language)
        assert tuple(refused.value.details["findings"][0].get(name) for name in ABOUT) == told
    else:
        kept = stage.call(stage.writer, contract.GetInvoice, invoice_id=report.files[0].invoice_id, language=language).invoice
        assert about(kept.report.findings) == [told]
        assert kept.status == "A_VALIDER_1"


def test_what_the_notes_of_a_file_say_is_not_the_value_of_a_valideur_who_is_missing(stage, people, ended):
    flux = ended(stage.deposit_flux(stage.file("L-1", cadre=A9, terms={"BT-22": "Merci de régler"}), file_name="l.xml"))
    assert [(each.rule, each.value) for each in flux.errors] == [("PUP-PARTY-MISSING", None)]
