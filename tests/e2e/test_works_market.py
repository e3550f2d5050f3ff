"""A works contract by those who take part in it: months, the final account, the tacit procedure, a group, and who may what."""

from decimal import Decimal

import pytest
from support import cast
from support.espaces import steps
from support.visitor import Visitor

pytestmark = [pytest.mark.e2e, pytest.mark.slow]

WORKS, TO_VALIDATE = "factures-travaux", "factures-a-valider"
MONTH, END = "acompte", "decompte-final"


class Market:
    """The actors of one contract."""

    def __init__(self, sandbox, number):
        self.sandbox, self.number = sandbox, number
        self.holder, self.subcontractor, self.joint = (sandbox.actor(key) for key in ("titulaire", "sous-traitant", "cotraitant"))
        self.moe, self.moa = sandbox.actor("maitrise-oeuvre"), sandbox.actor("maitrise-ouvrage")
        self.stranger = sandbox.actor("agricultrice")

    def parties(self, *roles):
        everybody = {
            "valideur-1": self.holder, "titulaire": self.holder, "moe": self.moe, "moa": (self.moa, "TRAVAUX"),
            "service-financier": (self.moa, "FINANCES"),
        }
        return {role: everybody[role] for role in roles}

    def deposit(self, maker, kind, cadre, number, works, vat, *roles, **form):
        """Send the first piece of a dossier."""
        month = {"mois": f"{self.sandbox.today():%Y-%m}"} if kind == MONTH else {}
        form = {"marche": f"M-{self.number}", "travaux": works, "tva": vat, **month, **form}
        return maker.send(maker.draft(WORKS, kind, cadre, number=number, form=form, parties=self.parties(*roles)))

    def follow(self, maker, previous, cadre, *roles, **form):
        """Send the piece that follows another one."""
        more = {"parties": self.parties(*roles)} if roles else {}
        draft = maker.draft(WORKS, previous["kind"], cadre, previous_id=previous["request_id"], form=form, **more)
        return maker.send(draft)


@pytest.fixture
def market(sandbox, new_number):
    return Market(sandbox, new_number())


def pay(sandbox, invoice_id, number):
    """The financial service puts an invoice of Factures reçues into payment, on its page."""
    person = sandbox.person("service-financier")
    assert person.open("/factures-recues/", onglet="tout", number=number).link(number)
    page = person.open(f"/factures-recues/{invoice_id}")
    paid = person.submit(page.form("/statut", to="MISE_EN_PAIEMENT"), to="MISE_EN_PAIEMENT")
    assert paid.status == 200, paid.main
    return page


@pytest.mark.requirement("R182")
@pytest.mark.requirement("R183")
@pytest.mark.requirement("R184")
@pytest.mark.requirement("R190")
@pytest.mark.requirement("R193")
def test_a_month_goes_from_the_contractor_over_moe_and_moa_to_payment(sandbox, market):
    everybody = ("moe", "moa", "service-financier")
    number = f"S-{market.number}"
    account = market.deposit(market.holder, MONTH, "A4", number, "10000.00", "2000.00", *everybody)
    assert account["status"] == "A_ASSOCIER_MOE"
    assert (account["dossier_id"], [each["kind"] for each in account["delay"]]) == (account["dossier_id"], ["START"])
    began = account["delay"][0]["on"]
    assert began == sandbox.today().isoformat()
    assert market.stranger.sees(account) == 404
    assert market.subcontractor.sees(account) == 404
    assert market.holder.may_not(account, "REFUSEE_MOE", "moe", motive_code="AUTRE", motive="Non"), "the MOE alone refuses it"
    blocked = market.moe.moved(account, "REFUSEE_MOE", motive_code="ERREUR_MONTANT")
    assert (blocked.status_code, blocked.json()["code"]) == (422, "requests.motive-refused")

    assert market.moe.move(account, "PRISE_EN_COMPTE_MOE")["status"] == "PRISE_EN_COMPTE_MOE"
    draft = market.moe.draft(WORKS, MONTH, "A15", previous_id=account["request_id"], form={"travaux": "9500.00", "tva": "1900.00"})
    assert (draft["dossier_id"], draft["number"]) == (account["dossier_id"], f"{number}-EA")
    assert "ecart" in " ".join(each["term"] or "" for each in draft["findings"]), "other amounts need reasons"
    state = market.moe.send(market.moe.change(draft, form={"travaux": "9500.00", "tva": "1900.00", "ecart": "Métré corrigé"}))
    assert state["status"] == "A_ASSOCIER_MOA"
    assert market.holder.status(account) == "ASSOCIEE"

    validated = market.follow(market.moa, state, "A19", "service-financier")
    assert validated["status"] == "MISE_A_DISPOSITION"
    assert market.moa.status(state) == "ASSOCIEE"
    invoice_id = market.moa.latest(validated)["invoice_id"]
    assert invoice_id
    pay(sandbox, invoice_id, validated["number"])

    for actor in (market.holder, market.moe, market.moa):
        pieces = actor.dossier(account)
        assert [each["cadre"] for each in pieces] == ["A4", "A15", "A19"]
        assert pieces[-1]["invoice_status"] == "MISE_EN_PAIEMENT"
        assert [Decimal(each["gross"]) for each in pieces] == [12000, 11400, 11400]
        acts = [entry for each in pieces for entry in each["history"]]
        assert all(entry["at"] and entry["actor"] for entry in acts)
        assert {market.holder.name, market.moe.name, market.moa.name} <= {entry["structure_name"] for entry in acts}
        assert pieces[0]["delay"][0] == account["delay"][0], "the day on which the délai began stays what it was"
    assert market.stranger.ask("get", f"dossiers/{account['dossier_id']}").status_code == 404
    for key in ("titulaire", "maitrise-oeuvre", "maitrise-ouvrage"):
        page = sandbox.person(key).open(f"/espaces/{WORKS}/dossiers/{account['dossier_id']}")
        assert page.status == 200
        assert [each for each in (number, f"{number}-EA", f"{number}-EAV", "payé", "11 400,00") if each not in page.main] == [], page.main


@pytest.mark.requirement("R185")
def test_the_final_account_ends_in_a_general_and_definitive_account(sandbox, market):
    claim = market.deposit(market.holder, END, "A7", f"F-{market.number}", "50000.00", "10000.00", "moe", "moa", "service-financier")
    assert claim["status"] == "A_ASSOCIER_MOE"
    draft_general = market.follow(market.moe, claim, "A17", "moa", "titulaire")
    assert draft_general["status"] == "A_ASSOCIER_MOA"
    general = market.follow(market.moa, draft_general, "A20", "titulaire")
    assert general["status"] == "A_ASSOCIER_FOURNISSEUR"
    assert market.moa.may_not(general, "REFUSEE_FOURNISSEUR", "titulaire", motive="Non"), "the holder alone answers it"
    signed = market.follow(market.holder, general, "A8", "service-financier")
    assert signed["status"] == "MISE_A_DISPOSITION"
    assert [each["cadre"] for each in market.moe.dossier(claim)] == ["A7", "A17", "A20", "A8"]
    assert market.moa.status(general) == "ASSOCIEE"
    pay(sandbox, market.holder.latest(signed)["invoice_id"], signed["number"])
    assert market.holder.dossier(claim)[-1]["invoice_status"] == "MISE_EN_PAIEMENT"


def test_without_a_general_account_in_time_the_account_becomes_definitive_tacitly(sandbox, market):
    claim = market.deposit(market.holder, END, "A7", f"T-{market.number}", "8000.00", "1600.00", "moe", "moa", "service-financier")
    early = market.holder.draft(WORKS, END, "A22", previous_id=claim["request_id"], form={}, parties=market.parties("moe", "moa"))
    assert "delai-non-ecoule" in market.holder.refused_sending(early)
    sandbox.pass_days(31)
    market.holder.comes_to(claim, "ABSENCE_VALIDATION_MOE_DELAI_REGLEMENTAIRE")
    tacit = market.holder.send(market.holder.latest(market.holder.change(market.holder.latest(early), form={})))
    assert tacit["status"] == "A_ASSOCIER_MOA"
    assert market.holder.status(claim) == "REMPLACEE_PAR_A22"
    sandbox.pass_days(11)
    market.holder.comes_to(tacit, "ABSENCE_VALIDATION_MOE_DELAI_REGLEMENTAIRE")
    assert market.moa.moved(tacit, "REFUSEE_MOA", motive_code="AUTRE", motive="Trop tard").status_code == 409
    definitive = market.follow(market.holder, tacit, "A23", "service-financier")
    assert definitive["status"] == "MISE_A_DISPOSITION"
    assert market.holder.latest(definitive)["invoice_id"]


@pytest.mark.requirement("R170")
@pytest.mark.requirement("R171")
@pytest.mark.requirement("R172")
@pytest.mark.requirement("R173")
@pytest.mark.requirement("R188")
def test_what_a_joint_contractor_claims_waits_for_the_mandataire_for_ever(sandbox, market):
    roles = ("valideur-1", "moe", "moa", "service-financier")
    joint = market.deposit(market.joint, MONTH, "A13", f"C-{market.number}", "3000.00", "600.00", *roles, groupement="conjoint")
    owed = market.deposit(market.subcontractor, MONTH, "A10", f"D-{market.number}", "700.00", "0.00", *roles)
    assert (joint["status"], owed["status"]) == ("A_VALIDER_1", "A_VALIDER_1")
    listed = {each["request_id"] for each in market.holder.found(TO_VALIDATE, role="valideur-1", text=f"*{market.number}*")}
    assert listed == {joint["request_id"], owed["request_id"]}
    assert market.moe.sees(joint) == 404, "it has not come to the MOE"
    assert market.subcontractor.sees(joint) == 404
    assert market.joint.may_not(joint, "VALIDEE_1", "valideur-1", stated=True), "nobody validates his own claim"

    sandbox.pass_days(16)
    market.subcontractor.comes_to(owed, "A_ASSOCIER_MOE")
    sandbox.pass_days(120)
    market.moe.comes_to(owed, "ABSENCE_VALIDATION_MOE_DELAI_REGLEMENTAIRE")
    assert market.joint.status(joint) == "A_VALIDER_1"
    assert market.moe.sees(joint) == 404

    mandataire = sandbox.person("titulaire")
    page = mandataire.open(f"/espaces/{TO_VALIDATE}/demandes", texte=market.number)
    page = mandataire.open(page.link(joint["number"]))
    move = next(each for each in mandataire_moves(page) if "VALIDEE_1" in each)
    page = mandataire.open(move)
    form = page.form("/passage")
    untold = mandataire.submit(form, without=("stated",), comment="Conforme au marché")
    assert untold.status == 422
    done = mandataire.submit(page.form("/passage"), stated="1", comment="Conforme au marché")
    assert done.status == 200, done.main
    validated = market.joint.latest(joint)
    assert validated["status"] == "A_ASSOCIER_MOE"
    assert [each for each in steps(validated) if each in ("DEPOSEE", "MISE_A_DISPOSITION_MOE")] == ["DEPOSEE", "MISE_A_DISPOSITION_MOE"]
    [entry] = [each for each in validated["history"] if each["status_to"] == "VALIDEE_1"]
    assert "Conforme au marché" in f"{entry['comment']} {entry['motive']}"
    assert "mandataire" in f"{entry['comment']} {entry['motive']}"
    assert market.moe.sees(joint) == 200


def mandataire_moves(page):
    """The addresses of the passages that a page offers."""
    return [each for each in page.tree.xpath("//main//a/@href") if "/passage" in each]


@pytest.mark.requirement("R180")
@pytest.mark.requirement("R181")
@pytest.mark.requirement("R185")
@pytest.mark.requirement("R189")
def test_each_actor_deposits_with_the_cadres_of_his_role(market):
    kinds = market.holder.kinds(WORKS)
    makers = {cadre["code"]: cadre["maker"] for kind in (MONTH, END) for cadre in kinds[kind]["cadres"] if cadre["offered"]}
    assert set(makers) == {f"A{number}" for number in (4, 5, 6, 7, 8, 10, 13, 14, 15, 16, 17, 18, 19, 20, 22, 23, 24, 25)}
    of = {role: {code for code, maker in makers.items() if maker == role} for role in makers.values()}
    assert of["sous-traitant"] == {"A10"} and of["cotraitant"] == {"A13", "A14"} and of["moe"] == {"A15", "A16", "A17", "A18", "A24"}
    assert of["moa"] == {"A19", "A20", "A25"} and of["titulaire"] == {"A4", "A5", "A6", "A7", "A8", "A22", "A23"}
    [account] = [each for each in kinds[MONTH]["cadres"] if each["code"] == "A4"]
    assert account["needs"] == ["moe"], "the mandataire's own goes straight to the MOE"
    ordinary = market.holder.ask("post", f"espaces/{WORKS}/requests", json={"kind": MONTH, "cadre": "A1"})
    assert (ordinary.status_code, list(ordinary.json()["details"]["fields"])) == (422, ["cadre"])
    alone = market.moe.ask("post", f"espaces/{WORKS}/requests", json={"kind": MONTH, "cadre": "A15", "form": {}})
    begun = alone.json()["request_id"] if alone.status_code == 201 else None
    assert begun is None or market.moe.refused_sending(alone.json()), "an état d'acompte answers a piece"


@pytest.mark.requirement("R191")
@pytest.mark.requirement("R192")
def test_what_a_structure_says_of_its_moa_decides_who_gets_the_piece(sandbox, market):
    without, only = sandbox.actor("mediatheque-gestionnaire"), sandbox.actor("prefecture")
    says(sandbox, "mediatheque-gestionnaire", "SANS_MOA")
    says(sandbox, "prefecture", "EXCLUSIVEMENT_MOA")
    account = market.deposit(market.holder, MONTH, "A4", f"N-{market.number}", "400.00", "80.00", "moe")
    wrong = market.moe.draft(WORKS, MONTH, "A16", previous_id=account["request_id"], form={}, parties=market.parties("service-financier"))
    assert "A15" in remedies(wrong), "with a MOA the MOE's piece goes to it first"
    never = market.moe.change(wrong, parties={"service-financier": only})
    assert "exclusivement-moa" in market.moe.refused_sending(never)
    direct = market.moe.send(market.moe.change(never, parties={"service-financier": without}))
    assert direct["status"] == "MISE_A_DISPOSITION"
    assert direct["number"] in sandbox.person("mediatheque-gestionnaire").open("/factures-recues/", onglet="tout").main
    assert market.number not in sandbox.person("prefecture").open("/factures-recues/", onglet="tout").main
    misled = market.holder.draft(WORKS, MONTH, "A5", number=f"O-{market.number}", form={}, parties={"moa": without})
    assert "A6" in remedies(misled)


def says(sandbox, persona, presence):
    """The gestionnaire of a body says whether a MOA works in the portal."""
    person = sandbox.person(persona)
    structure = person.open(person.open("/structures/").link("/structures/")).url.split("?")[0].rstrip("/")
    form = person.open(f"{structure}/gestion/parametres").form("/gestion/parametres")
    assert person.submit(form, moa_presence=presence).status == 200


def remedies(request):
    return " ".join(each["remedy"] or "" for each in request["findings"] if each["severity"] == "error")


@pytest.mark.requirement("R186")
def test_the_sheet_of_a_contract_fills_in_the_deposits_of_its_actors(sandbox, market):
    contract = f"M-{market.number}"
    form = {"marche": contract, "objet": "École", "groupement": "aucun", "moe_mode": "portail", "moa_mode": "AVEC_MOA"}
    fields = market.holder.kinds(WORKS)["fiche-marche"]["form"]["properties"]
    form["moa_mode"] = fields["moa_mode"]["enum"][0]
    parties = market.parties("titulaire", "moe", "moa", "service-financier")
    draft = market.moa.draft(WORKS, "fiche-marche", "FICHE", form=form, parties=parties)
    sheet = market.moa.send(draft)
    assert "A4" in sheet["form"]["en_cours"] and "A20" in sheet["form"]["en_fin"]
    assert market.stranger.sees(sheet) == 404
    person = sandbox.person("titulaire")
    page = person.open(f"/espaces/{WORKS}/fiche", id=sheet["request_id"])
    assert (page.status, contract in page.main) == (200, True)
    filled = person.open(next(each for each in page.tree.xpath("//main//a/@href") if "nouvelle" in each and "cadre=A4" in each))
    typed = dict(next(form for form in filled.forms if "form.marche" in dict(form.form_values())).form_values())
    assert (typed["form.marche"], typed["party.moe"]) == (contract, market.moe.siret)


PARTS = (("1000.00", "1200.00"), ("500.00", "600.00"), ("250.50", "300.60"))


@pytest.fixture
def group(sandbox, market):
    """A second joint contractor and a second sub-contractor, beside those of the demonstration."""
    with cast.operator(sandbox.installation) as operator:
        made = [operator.structure(f"{market.number}-{name}", name, "PRIVATE") for name in ("Toitures du Lac", "Peintures Vives")]
        yield [operator.gestionnaire(each, given_name, (WORKS,)) for each, given_name in zip(made, ("Tess", "Paco"), strict=True)]


def sheet_of(market, group, groupement, **form):
    """The form, parties and amounts of a fiche with three members and two sub-contractors."""
    joint, subcontractor = group
    typed = {"marche": f"G-{market.number}", "objet": "Lycée", "groupement": groupement, "moe_mode": "portail", "moa_mode": "avec"}
    several = {"cotraitant": [market.joint, joint], "sous-traitant": [market.subcontractor, subcontractor]}
    members = (market.holder, market.joint, joint)
    lines = [{"membre": each.siret, "ht": net, "ttc": gross} for each, (net, gross) in zip(members, PARTS, strict=True)]
    return typed | form, market.parties("titulaire", "moe", "moa", "service-financier") | several, lines


def seated(sandbox, somebody):
    visitor = Visitor(sandbox.installation)
    assert visitor.sign_in(somebody.email, somebody.password).status == 200
    return visitor


@pytest.mark.requirement("R186")
@pytest.mark.requirement("R292")
def test_the_sheet_of_a_groupement_conjoint_has_one_amount_for_each_member(sandbox, market, group):
    form, parties, lines = sheet_of(market, group, "conjoint")
    buyer, joint = market.moa, parties["cotraitant"]
    draft = buyer.draft(WORKS, "fiche-marche", "FICHE", form=form, parties=parties, lines=lines[:2])
    assert "montant-du-membre-absent" in buyer.refused_sending(draft)
    stranger = {"membre": market.subcontractor.siret, "ht": "1.00", "ttc": "1.00"}
    for wrong, rule in ((stranger, "montant-hors-groupement"), (lines[1], "montant-en-double")):
        draft = buyer.change(draft, lines=[*lines, wrong])
        assert rule in buyer.refused_sending(draft)
    draft = buyer.change(draft, lines=lines, parties={"cotraitant": [*joint, joint[0]]})
    assert market.joint.name in buyer.refused_sending(draft)["party-twice"]
    many = [{"role": "cotraitant", "identifier": each} for each in [market.joint.siret] * 21]
    refused = buyer.ask("put", f"espaces/{WORKS}/requests/{draft['request_id']}", json={"version": draft["version"], "parties": many})
    assert (refused.status_code, list(refused.json()["details"]["fields"])) == (422, ["party.cotraitant"])

    sheet = buyer.send(buyer.change(draft, parties={"cotraitant": joint}))
    assert (Decimal(sheet["net"]), Decimal(sheet["gross"])) == (Decimal("1750.50"), Decimal("2100.60"))
    named = [(each["role"], each["identifier"]) for each in sheet["parties"]]
    for role in ("sous-traitant", "cotraitant"):
        assert [siret for of, siret in named if of == role] == [each.siret for each in parties[role]]
    assert "Chaque cotraitant : A13" in sheet["form"]["en_cours"] and "Chaque sous-traitant" in sheet["form"]["en_cours"]
    for actor in (market.holder, market.joint, market.moe):
        seen = actor.latest(sheet)
        assert ([each["ttc"] for each in seen["lines"]], seen["lines_hidden"]) == ([gross for _, gross in PARTS], False)
    seen = market.subcontractor.latest(sheet)
    assert (seen["roles"], seen["lines"], seen["lines_hidden"]) == (["sous-traitant"], [], True)
    assert market.stranger.sees(sheet) == 404

    for somebody, cadre, reads in ((group[0], "A13", True), (group[1], "A10", False)):
        person = seated(sandbox, somebody)
        page = person.open(f"/espaces/{WORKS}/fiche", id=sheet["request_id"])
        assert (page.status, "300,60" in page.main, "2 100,60" in page.main) == (200, reads, True)
        assert "Toitures du Lac" in page.main and "Peintures Vives" in page.main
        assert ("300,60" in person.open(f"/espaces/{WORKS}/demandes/{sheet['request_id']}").main) is reads
        filled = person.open(next(each for each in page.tree.xpath("//main//a/@href") if "nouvelle" in each and f"cadre={cadre}" in each))
        typed = dict(next(form for form in filled.forms if "form.marche" in dict(form.form_values())).form_values())
        assert (typed["form.marche"], typed["form.groupement"]) == (form["marche"], "conjoint")
        assert (typed["party.valideur-1"], typed["party.moe"]) == (market.holder.siret, market.moe.siret)


@pytest.mark.requirement("R292")
def test_the_sheet_of_a_groupement_solidaire_has_the_total_alone(market, group):
    form, parties, lines = sheet_of(market, group, "solidaire")
    buyer = market.moa
    draft = buyer.draft(WORKS, "fiche-marche", "FICHE", form=form, parties=parties, lines=lines)
    refused = buyer.refused_sending(draft)
    assert "engagé pour la totalité du marché" in refused["montants-par-membre-refuses"]
    assert "montant-total-absent" in refused
    total = form | {"total_ht": "1750.50", "total_ttc": "2100.60"}
    sheet = buyer.send(buyer.change(draft, form=total, lines=[]))
    assert (sheet["lines"], sheet["form"]["groupement"], Decimal(sheet["gross"])) == ([], "solidaire", Decimal("2100.60"))
    assert Decimal(market.subcontractor.latest(sheet)["form"]["total_ttc"]) == Decimal("2100.60")
    assert "A13" not in sheet["form"]["en_cours"]
