"""Invoices that the holder of a contract, or the mandataire of a group, validates first. `hooks` is the plugin."""
