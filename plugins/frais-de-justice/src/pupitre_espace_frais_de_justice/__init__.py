"""Mémoires of court costs (frais de justice): the espace of those who serve the courts, and of the courts that certify and tax.

`hooks` is the plugin. Tariffs, categories and rates are data (`tariff.toml`); no service and no web framework is imported.
"""
