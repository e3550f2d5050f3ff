"""What the help centre says of works; the days are those of the data."""

from __future__ import annotations

from pupitre_espaces import Article, Html, Label

from .delays import Delays

_WHO_FR = Html("""
<p>Cet espace est pour les marchés publics de travaux qui se réfèrent au CCAG Travaux ; les deux conditions sont
nécessaires. Les autres factures, et les honoraires de la maîtrise d'œuvre, se déposent dans <em>Factures
émises</em>.</p>
<p>L'espace doit être ouvert pour votre structure : un gestionnaire l'ajoute dans <em>Activités du
gestionnaire</em>.</p>
<p>Avant la première pièce, remplissez la <em>fiche d'identité du marché</em> : qui dépose quoi, SIRET, numéro
d'engagement, codes service, circuit en cours et en fin de marché. Elle préremplit les dépôts de tous les acteurs
qu'elle désigne, et elle s'imprime.</p>
<p>La page <em>Quel cadre de facturation ?</em> pose les questions qui mènent au bon cadre.</p>
""")
_WHO_EN = Html("""
<p>This espace is for public works contracts that refer to the CCAG Travaux; both conditions must hold. Other
invoices, and the fees of the maîtrise d'œuvre, are deposited in <em>Issued invoices</em>.</p>
<p>The espace must be open for your structure: a gestionnaire adds it in <em>Activités du gestionnaire</em>.</p>
<p>Before the first document, fill in the <em>identity sheet of the contract</em>: who deposits what, SIRETs,
engagement number, code services, the circuit during the contract and at its end. It fills in the deposits of all
actors whom it names, and it prints.</p>
<p>The page <em>Which cadre de facturation?</em> asks the questions that lead to the right one.</p>
""")
_MONTH_FR = Html("""
<p>Le titulaire dépose un projet de décompte mensuel (A4) ; il ouvre un dossier. La MOE dépose l'état d'acompte (A15)
<em>depuis</em> cette pièce, avec les sommes qu'elle admet, sous {monthly} jours. La MOA dépose l'état d'acompte
validé (A19) depuis celui de la MOE ; il arrive dans <em>Factures reçues</em>. Une structure sans MOA reçoit
directement l'état d'acompte validé de la MOE (A16).</p>
<p>Le délai global de paiement commence à la mise à disposition de la MOE. Une demande de complément de la MOE ne
l'interrompt pas ; celle de la MOA l'interrompt, une seule fois.</p>
<p>Une pièce ne se refuse pas pour ses montants, ni parce qu'elle est tardive : la MOE et la MOA corrigent les
montants, avec le motif, dans leur propre pièce.</p>
<p>Si la MOE se tait {monthly} jours, l'acheteur et le titulaire le voient, et la MOA peut déposer à sa place.</p>
""")
_MONTH_EN = Html("""
<p>The holder deposits a draft monthly account (A4), which opens a dossier. The MOE deposits the état d'acompte (A15)
<em>from</em> that document, with the sums that it admits, within {monthly} days. The MOA deposits the validated état
d'acompte (A19) from that of the MOE; it arrives in <em>Received invoices</em>. A structure without MOA receives the
validated état d'acompte of the MOE (A16) directly.</p>
<p>The time in which the buyer has to pay begins with the availability to the MOE. A MOE who asks for more does not
interrupt it; a MOA who does interrupts it, once.</p>
<p>A document is not refused for its amounts, nor for being late: MOE and MOA correct the amounts, with their reasons,
in their own document.</p>
<p>When the MOE is silent for {monthly} days, buyer and holder see it, and the MOA may deposit in its place.</p>
""")
_END_FR = Html("""
<p>Le titulaire dépose le projet de décompte final (A7). La MOE en fait un projet de décompte général (A17), la MOA
notifie le décompte général (A20) ; sans MOA, la MOE le notifie (A18). Le titulaire le signe et le dépose (A8) sous
{answer} jours, ou le refuse avec un mémoire en réclamation.</p>
<p>Faute de décompte général {general} jours après le projet de décompte final, le titulaire peut déposer un projet de
décompte général en procédure tacite (A22) ; il remplace les pièces en attente. Après {tacit} jours de silence, le
décompte général et définitif tacite se dépose : A23, A24 ou A25.</p>
<p>Les dates que le portail affiche sont indicatives : il les calcule, et ne tranche pas le droit.</p>
""")
_END_EN = Html("""
<p>The holder deposits the draft final account (A7). The MOE makes a draft general account of it (A17), the MOA
notifies the general account (A20); without MOA, the MOE notifies it (A18). The holder signs and deposits it (A8)
within {answer} days, or refuses it with a mémoire en réclamation.</p>
<p>Without a general account {general} days after the draft final account, the holder may deposit a draft general
account in the tacit procedure (A22); it replaces the documents that wait. After {tacit} days of silence the tacit
general and definitive account is deposited: A23, A24 or A25.</p>
<p>The dates that the portal shows are indicative: it reckons them, and does not decide the law.</p>
""")
_GROUP_FR = Html("""
<p>La fiche d'identité du marché désigne tous les cotraitants et tous les sous-traitants : chacun y a sa place, et la fiche
préremplit les dépôts de chacun. Elle reprend les montants de l'acte d'engagement, qui est un document unique
(article R. 2142-20 du code de la commande publique). Groupement conjoint : un montant hors taxes et toutes taxes
comprises par membre, mandataire compris ; le total se calcule. Groupement solidaire : le montant total, et lui seul, car
chaque membre est engagé pour la totalité. Les membres, la MOE, la MOA et le service financier lisent les montants de
chacun ; les sous-traitants ne voient que le total.</p>
<p>Groupement conjoint : chaque cotraitant dépose lui-même (A13, et A14 en fin de marché). Le mandataire valide dans
<em>Factures à valider</em> ; sans sa validation, rien ne part, quel que soit le temps passé. Le mandataire dépose ses
propres décomptes avec A4 et A7, sans validation.</p>
<p>Groupement solidaire : les membres envoient leurs décomptes au mandataire hors du portail ; il dépose pour tous
(A4, A7) et les joint.</p>
<p>Le sous-traitant admis au paiement direct dépose avec A10. Le titulaire a {subcontracting} jours pour valider ou
refuser ; son silence vaut accord. Le sous-traitant d'un cotraitant désigne aussi le mandataire, second valideur.</p>
""")
_GROUP_EN = Html("""
<p>The identity sheet of the contract names all joint contractors and all sub-contractors: each has a place on it, and it
fills in the deposits of each. It has the amounts of the acte d'engagement, which is one document (article R. 2142-20 of
the code de la commande publique). Groupement conjoint: one net and one gross amount for each member, the mandataire
included; the total is added up. Groupement solidaire: the total amount alone, since each member is bound to the whole.
Members, MOE, MOA and financial service read the amounts of everybody; sub-contractors see the total only.</p>
<p>Groupement conjoint: each joint contractor deposits himself (A13, and A14 at the end). The mandataire validates in
<em>Invoices to validate</em>; without that nothing goes on, however long it takes. The mandataire deposits its own
accounts with A4 and A7, which nobody validates.</p>
<p>Groupement solidaire: the members send their accounts to the mandataire outside the portal, who deposits for all
(A4, A7) and attaches them.</p>
<p>A sub-contractor with direct payment deposits with A10. The holder has {subcontracting} days to validate or refuse;
silence is acceptance. The sub-contractor of a joint contractor names the mandataire too, as second valideur.</p>
""")


def all_articles(newest: Delays) -> tuple[Article, ...]:
    """Return the articles, with the newest delays."""
    days = {name: getattr(newest, name).days for name in ("subcontracting", "monthly", "general", "answer", "tacit")}
    return tuple(
        Article(slug, title, french.format(**days), english.format(**days))
        for slug, title, french, english in (
            (
                "commencer",
                Label("Commencer avec les factures de travaux", "Begin with works documents"),
                _WHO_FR,
                _WHO_EN,
            ),
            ("acomptes", Label("Les acomptes, mois par mois", "The acomptes, month by month"), _MONTH_FR, _MONTH_EN),
            ("fin-de-marche", Label("La fin du marché", "The end of the contract"), _END_FR, _END_EN),
            (
                "groupements-et-sous-traitants",
                Label("Groupements et sous-traitants", "Groups and sub-contractors"),
                _GROUP_FR,
                _GROUP_EN,
            ),
        )
    )
