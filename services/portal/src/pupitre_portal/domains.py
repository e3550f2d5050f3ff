"""The domains of the portal (R003) and the types of visitor (R004); the applications of each domain are in ``applications``."""

from dataclasses import dataclass

from .languages import N_

COMPANY, PUBLIC_BODY, PERSON, ASSOCIATION = "entreprise", "entite-publique", "particulier", "association"
VISITORS = {
    COMPANY: N_("Entreprise"),
    PUBLIC_BODY: N_("Entité publique"),
    PERSON: N_("Particulier"),
    ASSOCIATION: N_("Association"),
}
"""The types of visitor that the home page speaks to (R004)."""
SUPPLIERS = frozenset({COMPANY, PERSON, ASSOCIATION})
EVERYBODY = frozenset(VISITORS)


@dataclass(frozen=True)
class Domain:
    """A group of applications."""

    key: str
    label: str
    summary: str


DOMAINS = (
    Domain("marche", N_("Marché"), N_("Candidater aux marchés publics.")),
    Domain("commande", N_("Commande"), N_("Suivre les engagements des acheteurs publics.")),
    Domain("facturation", N_("Facturation"), N_("Émettre, recevoir, valider et suivre les factures.")),
    Domain("organisation", N_("Organisation"), N_("Gérer les structures, leurs utilisateurs et les habilitations.")),
    Domain("raccordements", N_("Raccordements"), N_("Relier un logiciel au portail et suivre ses flux.")),
    Domain("outils", N_("Outils"), N_("Contrôler des fichiers et leurs signatures.")),
)

OTHER_ESPACES = "facturation"
"""The domain of an espace that this table does not name."""

VISITOR_HELP = {
    COMPANY: (
        N_(
            "Vous facturez l'État, une collectivité ou un établissement public ? Créez un compte, puis votre "
            "structure ou un rattachement à elle ; vous pouvez ensuite déposer."
        ),
        N_("Demandez à l'acheteur son code service et son numéro d'engagement avant d'émettre : il peut les exiger."),
    ),
    PUBLIC_BODY: (
        N_(
            "Vos agents se rattachent à la structure ; son gestionnaire leur donne les habilitations de leurs "
            "services."
        ),
        N_(
            "Réglez ce que vos factures doivent porter (service, engagement) sur la page de la structure : les "
            "fournisseurs le voient avant d'émettre."
        ),
    ),
    PERSON: (
        N_(
            "Un particulier qui a rendu un service à une entité publique crée une structure de type Particulier, "
            "puis dépose."
        ),
        N_("Gardez le numéro de facture : il suit toutes les étapes jusqu'au paiement."),
    ),
    ASSOCIATION: (
        N_("Une association facture avec son SIRET ; sans SIRET, elle crée une structure avec un autre identifiant."),
        N_("Plusieurs bénévoles peuvent agir pour l'association : chacun demande son rattachement."),
    ),
}
