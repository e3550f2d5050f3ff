"""What the help centre says of engagements."""

from pupitre_espaces import Article, Html, Label

ARTICLES = (
    Article(
        "suivre-un-engagement",
        Label("Suivre un engagement et le facturer", "Follow an engagement and invoice it"),
        Html(
            "<p>Un service de l'État transmet l'engagement ; le fournisseur le <em>prend en compte</em> "
            "ou le <em>refuse</em> avec un motif.</p>"
            "<p>Reprenez son numéro dans vos factures : la page <em>Suivi</em> compare alors ce qui est engagé et ce qui est facturé.</p>"
            "<p>L'espace s'ouvre au fournisseur quand l'une de ses factures a été mise en paiement.</p>"
        ),
        Html(
            "<p>A service of the State sends the engagement; the supplier <em>takes it into account</em> "
            "or <em>refuses</em> it with a motive.</p>"
            "<p>Put its number on your invoices: the page <em>Following</em> then compares what is committed and what is invoiced.</p>"
            "<p>The espace opens to a supplier once one of his invoices was put into payment.</p>"
        ),
    ),
)
