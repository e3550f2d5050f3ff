"""Documents of works contracts under the CCAG Travaux, from the contractor's draft account to whoever pays. `hooks` is the plugin."""
