"""The espace *Processus de validation*: invoices received are validated within the body before they are paid (R283)."""
