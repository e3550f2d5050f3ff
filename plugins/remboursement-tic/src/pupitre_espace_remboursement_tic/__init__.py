"""Refund requests of the taxes on fuels (TIC, now accises): the espace of farming professionals and of the services that examine them.

`hooks` is the plugin. Rates, deadlines and advances are data (`rates.toml`); no service and no web framework is imported.
"""
