"""A kind of request that several structures sign, seen without its lines by those who are invited; for the tests of roles of several."""

import marshmallow
from pupitre_espaces import Cadre, Label, Lifecycle, Manifest, Reaction, RequestKind, Role, Transition, forms, hookimpl
from pupitre_espaces.lifecycle import DRAFT
from request_plugin import ESPACE, RECEIVED

#: The second member, beside the maître d'œuvre of the desk.
OTHER = "90000006000018"


def both(text):
    return Label(text, f"{text} (en)")


class Form(marshmallow.Schema):
    subject = forms.text(both("Objet"))


class Line(marshmallow.Schema):
    amount = forms.money(both("Montant"))


class Circulars:
    """An espace with a kind that several sign, seen without its lines by those who are invited."""

    def __init__(self):
        self.told = []

    @hookimpl
    def espace_manifest(self):
        return Manifest(key=ESPACE, label=both("Essais"), description=both("Essais"))

    @hookimpl
    def espace_reactions(self):
        return [Reaction("request.moved.v1", self.react)]

    def react(self, event, context):
        found = context.ports.requests.get(event.data["request_id"])
        lines = [str(line["amount"]) for line in found.lines]
        self.told.append((event.data["status_to"], context.structure.name, sorted(event.roles), lines))

    @hookimpl
    def espace_requests(self):
        yield RequestKind(
            key="circulaire",
            label=both("Circulaire"),
            roles=(
                Role("auteur", both("Auteur")),
                Role("membre", both("Membre"), structure_types={"private"}, most=3),
                Role("invite", both("Invité"), espace=RECEIVED, has_service=True, most=2, sees_lines=False),
            ),
            cadres=(Cadre("K1", both("Circulaire"), "auteur", needs=("membre",), may_name=("invite",), after={"K1"}, begins=True),),
            lifecycles=(
                Lifecycle(
                    "circulaire-1",
                    [
                        Transition(DRAFT, "DEPOSEE", "auteur", call="send"),
                        Transition("DEPOSEE", "SIGNEE", "membre"),
                        Transition("SIGNEE", "ABANDONNEE", "auteur"),
                    ],
                    labels={"SIGNEE": both("Signée")},
                ),
            ),
            form=Form,
            line=Line,
            has_dossier=True,
        )


def circular(desk, *members, **values):
    named = members or (desk.MOE, OTHER)
    return desk.draft(
        **{
            "kind": "circulaire",
            "cadre": "K1",
            "form": {"subject": "Avenant"},
            "lines": [{"amount": "12,50"}],
            "parties": [*(desk.named("membre", each) for each in named), desk.named("invite", desk.stage.BUYER, "VOIRIE")],
            **values,
        }
    )
