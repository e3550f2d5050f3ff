"""Fiches of a contract to play with, and the pages of the espace over the requests of a desk."""

import html
from types import SimpleNamespace
from urllib.parse import parse_qs, urlparse

from pupitre_espace_factures_travaux import hooks
from pupitre_espaces import Ports
from pupitre_espaces.testing import a_host, a_request
from works_market import HOLDER, JOINT, MOA, MOE, PAYER, SUB

KEY = "factures-travaux"
SHEET = {
    "marche": "M-2024-7",
    "objet": "École <neuve>",
    "groupement": "conjoint",
    "engagement": "E-88",
    "moe_mode": "portail",
    "moa_mode": "avec",
}
ACTORS = {
    "titulaire": HOLDER,
    "cotraitant": JOINT,
    "sous-traitant": SUB,
    "moe": MOE,
    "moa": MOA,
    "service-financier": PAYER,
}


#: What each member of the groupement conjoint is to be paid.
AMOUNTS = ({"membre": HOLDER.siret, "ht": "1000", "ttc": "1200"}, {"membre": JOINT.siret, "ht": "500", "ttc": "600"})


def ports_of(desk):
    def search(*, kind="", status="", text="", to_do=False, limit=50):
        sent = [each.view() for each in desk.requests if each.sent_at]
        return tuple(each for each in reversed(sent) if kind in ("", each.kind) and status in ("", each.status))[:limit]

    def get(wanted):
        return next((each for each in search() if each.id == wanted), None)

    return Ports(requests=SimpleNamespace(search=search, get=get, count=lambda to_do: len(desk.work_of("moe"))))


def show(desk, slug, language="fr", structure=HOLDER, **query):
    request = a_request(KEY, language, query=query, structure=structure, ports=ports_of(desk))
    return a_host(hooks).page(KEY, slug, request)


def a_sheet(desk, form=None, parties=None, author=HOLDER, **more):
    lines = more.pop("lines", AMOUNTS if (form or SHEET)["groupement"] == "conjoint" else ())
    return desk.save("fiche-marche", "FICHE", author, form=form or SHEET, parties=parties or ACTORS, lines=lines, **more)


def links(body):
    addresses = [html.unescape(each.split('"')[0]) for each in body.split('href="')[1:]]
    return {query["cadre"][0]: query for each in addresses if (query := parse_qs(urlparse(each).query)).get("cadre")}
