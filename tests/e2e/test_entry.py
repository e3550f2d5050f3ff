"""An invoice typed without any script, over HTTP: what its recipient demands, the draft, the confirmation, the sending; and from a PDF."""

import io
import uuid

import pytest
from pypdf import PdfReader
from support.typed_pdf import pdf

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
embedded = pytest.mark.parametrize("installation", ["embedded"], indirect=True)


def begin(visitor, siret):
    form = visitor.open("/factures-emises/saisie").form("/saisie")
    page = visitor.submit(form, recipient_siret=siret)
    assert page.status == 200, page.text
    return page


def press(visitor, page, action, **values):
    """Fill the entry in and press one of its buttons, as a browser without scripts does."""
    return visitor.submit(page.form("/saisie"), action=action, **values)


def line(position, name="Ramettes A4", quantity="10", price="3,90", rate="20"):
    fields = {"name": name, "quantity": quantity, "price": price, "rate": rate}
    return {f"lines-{position}-{field}": value for field, value in fields.items()}


def field(page, name):
    [found] = page.tree.xpath(f"//main//*[@name='{name}']")
    return found.value


@pytest.mark.requirement("R160")
@pytest.mark.requirement("R161")
@pytest.mark.requirement("R162")
@pytest.mark.requirement("R163")
@pytest.mark.requirement("R164")
@pytest.mark.requirement("R166")
@pytest.mark.requirement("R167")
def test_an_invoice_is_typed_kept_confirmed_and_sent_without_scripts(story):
    supplier, number = story.visitor(story.supplier), f"S-{uuid.uuid4().hex[:8]}"
    page = begin(supplier, story.easy.siret)
    assert "notes d'honoraires de maîtrise d'œuvre se saisissent ici" in page.main
    # A9 and A12 come with the espace Factures à valider; none of works, of court costs or of refunds is offered.
    assert {option.get("value") for option in page.tree.xpath("//select[@name='cadre']/option")} == {"A1", "A2", "A9", "A12"}
    assert "Comment nous facturer" in page.main
    page = press(supplier, page, "add", **line(1))
    page = press(supplier, page, "compute", payment_mode="CHEQUE", number=number, **line(2, "Livres", "12,5", "8", "5,5"))
    assert "152,30" in page.main.replace("\xa0", " ")
    listed = supplier.open("/factures-emises/")
    assert number in listed.main
    recipient = story.visitor(story.easy)
    assert number not in recipient.open("/factures-recues/", onglet="tout").main

    page = supplier.open(listed.link(number))
    assert "Brouillon non envoyé" in page.main
    assert field(page, "lines-2-name") == "Livres"
    confirmation = press(supplier, page, "confirm")
    assert confirmation.url.endswith("/confirmation"), confirmation.main
    assert story.easy.name in confirmation.main
    assert number not in recipient.open("/factures-recues/", onglet="tout").main
    recap = supplier.submit(confirmation.form("/envoi"))
    assert f"La facture n° {number} est validée et en cours d'acheminement" in recap.main
    certificate = supplier.open(recap.link("/certificat")).response.content
    assert number in PdfReader(io.BytesIO(certificate)).pages[0].extract_text()
    assert number in recipient.open("/factures-recues/").main
    assert number not in supplier.open("/factures-emises/").main
    assert number in supplier.open("/factures-emises/", onglet="tout").main


@embedded
@pytest.mark.requirement("R168")
def test_what_the_recipient_demands_is_asked_and_its_absence_blocks(story):
    supplier = story.visitor(story.supplier)
    page = begin(supplier, story.strict.siret)
    assert "Exigé par ce destinataire." in page.main
    page = press(supplier, page, "confirm", number="X-1", payment_mode="CHEQUE", **line(1))
    assert page.status == 422
    assert "exige un code service" in page.main
    codes = [option.get("value") for option in page.tree.xpath("//select[@name='code_service']/option") if option.get("value")]
    page = press(supplier, page, "confirm", code_service=codes[0], engagement="EJ-1", number=f"S-{uuid.uuid4().hex[:8]}")
    assert page.url.endswith("/confirmation"), page.main


@embedded
def test_a_second_number_is_refused_with_a_link_to_the_first(story, new_number):
    supplier, number = story.visitor(story.supplier), new_number()
    first = story.sent(supplier, number)
    page = press(supplier, begin(supplier, story.easy.siret), "confirm", number=number, payment_mode="CHEQUE", **line(1))
    assert page.status == 422
    assert "a déjà été utilisé par ce fournisseur" in page.main
    assert page.link("Voir la facture qui porte déjà").endswith(first)


@embedded
@pytest.mark.requirement("R093")
def test_a_file_is_joined_to_a_line_and_the_link_shows_on_the_line_and_in_the_recap(story):
    supplier, number = story.visitor(story.supplier), f"S-{uuid.uuid4().hex[:8]}"
    page = press(supplier, begin(supplier, story.easy.siret), "save", number=number, payment_mode="CHEQUE", **line(1))
    form = page.form("/saisie")
    chosen = {"documents": ("bon.pdf", b"%PDF-1.4 bon", "application/pdf")}
    page = supplier.submit(form, files=chosen, action="attach", designation="Bon de livraison", document_line="1")
    assert "Pièces de cette ligne : bon.pdf" in page.main
    confirmation = press(supplier, page, "confirm")
    assert "bon.pdf, Bon de livraison (se rapporte à la ligne 1)" in confirmation.main
    recap = supplier.submit(confirmation.form("/envoi"))
    seen = story.visitor(story.easy).open(recap.link("Suivre la facture").replace("/factures-emises/", "/factures-recues/"))
    assert "Pièce : Bon de livraison" in seen.main
    assert "se rapporte à la ligne 1" in story.visitor(story.easy).open(seen.link("Pièces jointes")).main


@embedded
def test_a_pdf_fills_the_entry_in_and_stays_with_the_invoice(story):
    supplier, number = story.visitor(story.supplier), f"P-{uuid.uuid4().hex[:8]}"
    content = pdf(
        f"FACTURE N° {number}",
        "Date de facture : 02/03/2026",
        f"Fournisseur SIRET {story.supplier.siret}",
        f"Client : {story.easy.name} SIRET {story.easy.siret}",
        "Total HT : 1 000,00 EUR",
        "Total TVA : 200,00 EUR",
        "Total TTC : 1 200,00 EUR",
    )
    form = supplier.open("/factures-emises/depot-pdf").form("/depot-pdf")
    page = supplier.submit(form, files={"file": ("facture.pdf", content, "application/pdf")})
    read = {name: field(page, name) for name in ("number", "issue_date", "recipient_siret", "lines-1-price", "lines-1-rate")}
    assert read == {
        "number": number,
        "issue_date": "2026-03-02",
        "recipient_siret": story.easy.siret,
        "lines-1-price": "1000.00",
        "lines-1-rate": "20",
    }
    assert page.main.count("Lu dans le PDF, à vérifier.") == len(read)
    assert "facture d'origine (PDF)" in page.main
    page = press(supplier, page, "save", number=f"{number}-B", payment_mode="CHEQUE")
    assert page.main.count("Lu dans le PDF, à vérifier.") == len(read) - 1
    recap = supplier.submit(press(supplier, page, "confirm").form("/envoi"))
    invoice = supplier.open(recap.link("Suivre la facture"))
    readable = supplier.open(f"{invoice.url}/documents/readable")
    assert readable.response.content == content


@embedded
def test_a_scan_says_so_and_leaves_the_form_empty(story):
    supplier = story.visitor(story.supplier)
    form = supplier.open("/factures-emises/depot-pdf").form("/depot-pdf")
    page = supplier.submit(form, files={"file": ("scan.pdf", pdf(), "application/pdf")})
    assert "Ce PDF est une image" in page.main
    assert field(page, "number") == field(page, "recipient_siret") == ""
    assert "Lu dans le PDF" not in page.main


@embedded
def test_a_factur_x_that_is_refused_offers_to_go_on_as_a_plain_pdf(story, new_number):
    supplier, number = story.visitor(story.supplier), new_number()
    faulty = story.invoice(number, "facturx", engagement="E" * 60, cadre="A4")
    page = story.deposit_on_page(supplier, faulty, number, "facturx")
    assert page.status == 422, page.text
    form = supplier.open(page.link("Continuer en simple PDF")).form("/depot-pdf")
    page = supplier.submit(form, files={"file": ("facture.pdf", faulty, "application/pdf")})
    assert "Saisie d'une facture" in page.main


@embedded
def test_the_card_of_a_recipient_can_be_printed_by_anybody(story):
    from support.visitor import Visitor

    nobody = Visitor(story.installation)
    found = nobody.open("/annuaire/", identifiant=story.strict.siret)
    page = nobody.open(nobody.open(found.link(story.strict.name)).link("Comment nous facturer"))
    assert page.tree.xpath("//main//svg[@role='img']")
    assert "obligatoire" in page.main
    assert page.url in page.main


@embedded
def test_who_may_only_read_or_belongs_elsewhere_types_nothing(story):
    draft = begin(story.visitor(story.supplier), story.easy.siret).url
    stranger = story.visitor(story.other_supplier)
    assert stranger.open(draft).status == 404
    recipient = story.visitor(story.easy)
    assert recipient.open(draft).status == 404
