"""Invoicing: invoices from deposit to payment, flux, their checks, and an audit history that nobody can alter
unseen."""
