"""Programs enter invoices field by field and from PDFs, with the checks of the page: soumettre, deposer/pdf, ajouter/fichier."""

import base64
import uuid

import pytest
from support.typed_pdf import pdf

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
embedded = pytest.mark.parametrize("installation", ["embedded"], indirect=True)


def encoded(content):
    return base64.b64encode(content).decode()


def body(story, number, **changes):
    line = {
        "lignePosteNumero": 1,
        "lignePosteDenomination": "Ramettes A4",
        "lignePosteQuantite": 10,
        "lignePosteMontantUnitaireHT": 3.9,
        "lignePosteTauxTvaManuel": 20,
    }
    return {
        "modeDepot": "SAISIE_API",
        "numeroFactureSaisi": number,
        "destinataire": {"codeDestinataire": story.easy.siret},
        "cadreDeFacturation": {"codeCadreFacturation": "A1_FACTURE_FOURNISSEUR"},
        "references": {"typeFacture": "FACTURE", "typeTva": "TVA_SUR_DEBIT", "modePaiement": "CHEQUE"},
        "lignePoste": [line],
        "montantTotal": {"montantHtTotal": 39, "montantTVA": 7.8, "montantTtcTotal": 46.8, "montantAPayer": 46.8},
        **changes,
    }


@embedded
def test_a_program_submits_an_invoice_and_a_second_number_leaves_the_first_alone(story):
    number = f"A-{uuid.uuid4().hex[:8]}"
    found = story.machine.ask("factures/v1/soumettre", body(story, number))
    assert (found["numeroFacture"], found["statutFacture"], found["identifiantStructure"]) == (number, "DEPOSEE", story.supplier.siret)
    assert len(found["empreinteCertificatDepot"]) == 44
    again = story.machine.post("factures/v1/soumettre", body(story, number)).json()
    assert again["codeRetour"] == 20002
    assert "a déjà été utilisé par ce fournisseur" in again["libelle"]
    listed = story.machine.ask("factures/v1/rechercher/fournisseur", {"numeroFacture": number})["listeFactures"]
    assert [(each["identifiantFactureCPP"], each["modeDepot"]) for each in listed] == [(found["identifiantFactureCPP"], "SAISIE_API")]
    assert number in story.visitor(story.easy).open("/factures-recues/").main


@embedded
@pytest.mark.requirement("R161")
@pytest.mark.requirement("R168")
def test_what_the_page_refuses_the_route_refuses_in_the_same_words(story):
    strict = {"destinataire": {"codeDestinataire": story.strict.siret}}
    refused = story.machine.post("factures/v1/soumettre", body(story, f"A-{uuid.uuid4().hex[:8]}", **strict)).json()
    assert refused["codeRetour"] == 20002
    assert any(each.startswith("code_service : ") and "exige un code service" in each for each in refused["listeErreurs"])
    works = {"cadreDeFacturation": {"codeCadreFacturation": "A4_PROJET_DECOMPTE_MENSUEL_FOURNISSEUR"}}
    refused = story.machine.post("factures/v1/soumettre", body(story, f"A-{uuid.uuid4().hex[:8]}", **works)).json()
    assert "ne se saisit pas dans Factures émises" in refused["libelle"]
    drafts = story.visitor(story.supplier).open("/factures-emises/", onglet="tout", number="A-*", statut="BROUILLON").main
    assert "A-" not in drafts.partition("Résultats")[2]


@embedded
def test_a_pdf_is_deposited_read_and_submitted(story):
    number = f"A-{uuid.uuid4().hex[:8]}"
    content = pdf(f"FACTURE N° {number}", "Total HT : 100,00", "Total TVA : 20,00", "Total TTC : 120,00", f"SIRET {story.easy.siret}")
    read = story.machine.ask(
        "factures/v1/deposer/pdf", {"fichierFacture": encoded(content), "nomFichier": "f.pdf", "formatDepot": "PDF_NON_SIGNE"}
    )
    assert (read["numeroFacture"], read["codeDestinataire"], read["montantHtTotal"]) == (number, story.easy.siret, 100)
    added = story.machine.ask(
        "transverses/v1/ajouter/fichier", {"pieceJointeFichier": encoded(b"%PDF-1.4 x"), "pieceJointeNom": "bon.pdf"}
    )
    found = story.machine.ask(
        "factures/v1/soumettre",
        body(
            story,
            number,
            modeDepot="DEPOT_PDF_API",
            lignePoste=[],
            ligneTva=[{"ligneTvaTauxManuel": 20, "ligneTvaMontantBaseHtParTaux": 100, "ligneTvaMontantTvaParTaux": 20}],
            montantTotal={"montantHtTotal": 100, "montantTVA": 20, "montantTtcTotal": 120, "montantAPayer": 120},
            pieceJointePrincipale=[{"pieceJointePrincipaleDesignation": "Facture", "pieceJointePrincipaleId": read["pieceJointeId"]}],
            pieceJointeComplementaire=[
                {"pieceJointeComplementaireId": added["pieceJointeId"], "pieceJointeComplementaireNumeroLigneFacture": 1}
            ],
        ),
    )
    assert found["numeroFacture"] == number
    recipient = story.visitor(story.easy)
    invoice = recipient.open(recipient.open("/factures-recues/").link(number))
    joined = recipient.open(invoice.link("Pièces jointes")).main
    assert "bon.pdf" in joined
    assert "se rapporte à la ligne 1" in joined
