"""What the help centre says of validation; the days are those of the data."""

from __future__ import annotations

from pupitre_espaces import Article, Html, Label

from . import delays

_FR = Html("""
<p>Le sous-traitant accepté par l'acheteur, avec paiement direct, dépose lui-même sa facture (cadre A9). Le titulaire
du marché la valide avant que l'acheteur ne la reçoive. Le cotraitant d'un groupement conjoint dépose avec le cadre
A12 ; c'est le mandataire qui valide.</p>
<ol>
<li>Ouvrez <em>Factures à valider</em>, puis <em>Synthèse</em> et le numéro de la facture.</li>
<li>Vérifiez les éléments, téléchargez les pièces jointes, choisissez <em>Valider</em>.</li>
<li>Cochez <em>Vous êtes titulaire</em> (ou <em>mandataire</em>), écrivez au besoin un complément d'information,
enregistrez.</li>
</ol>
<p>La facture validée part d'elle-même à l'acheteur, et le délai global de paiement commence.</p>
""")
_EN = Html("""
<p>A sub-contractor whom the buyer accepted, with direct payment, deposits his own invoice (cadre A9). The holder of
the contract validates it before the buyer has it. A joint contractor deposits with the cadre A12; it is the
mandataire who validates.</p>
<ol>
<li>Open <em>Invoices to validate</em>, then <em>Summary</em> and the number of the invoice.</li>
<li>Check what it says, download the attachments, choose <em>Validate</em>.</li>
<li>Tick <em>You hold the contract</em> (or <em>You are the mandataire</em>), add information if need be, and
save.</li>
</ol>
<p>An invoice that is validated goes to the buyer by itself, and the time in which he has to pay begins.</p>
""")
_TIME_FR = Html("""
<p>Sous-traitance (A9, et A10 en travaux) : le valideur a {days} jours. Sans réponse, la demande est réputée acceptée
le jour suivant et part chez l'acheteur. Il est averti {reminders} jours avant la fin.</p>
<p>Cotraitance (A12, et A13, A14 en travaux) : l'accord du mandataire est une condition du paiement. Sans sa
validation, rien ne part : le silence ne vaut jamais accord.</p>
<p>Un refus doit être motivé : le fournisseur et l'acheteur en lisent le motif. Si la facture vous est adressée à
tort, choisissez <em>Ce n'est pas à moi de valider</em> : le fournisseur corrige le valideur sur la même facture, et
le nouveau valideur dispose du délai entier.</p>
""")
_TIME_EN = Html("""
<p>Sub-contracting (A9, and A10 for works): the valideur has {days} days. Without an answer the demand is deemed
accepted on the day that follows, and goes to the buyer. He is reminded {reminders} days before the end.</p>
<p>Joint contracting (A12, and A13, A14 for works): nothing is paid without the accord of the mandataire. Without it
nothing goes on: silence is never acceptance.</p>
<p>A refusal has its reasons: the supplier and the buyer read them. If an invoice was addressed to you by mistake,
choose <em>It is not for me to validate</em>: the supplier corrects the valideur on the same invoice, and the new one
has the whole time.</p>
""")


def all_articles() -> tuple[Article, ...]:
    """Return the articles, with the days of sub-contracting in force last."""
    newest = delays.read("subcontracting")[-1]
    values = {"days": newest.tacit_days}
    return (
        Article("valider", Label("Valider une facture", "Validate an invoice"), _FR, _EN),
        Article(
            "delais-de-validation",
            Label("Combien de temps pour valider ?", "How much time to validate?"),
            _TIME_FR.format(**values, reminders=" puis ".join(map(str, newest.reminders))),
            _TIME_EN.format(**values, reminders=" and ".join(map(str, newest.reminders))),
        ),
    )
