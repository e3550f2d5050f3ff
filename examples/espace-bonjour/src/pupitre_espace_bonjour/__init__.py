"""The smallest espace of Pupitre: it greets. `hooks` is the plugin; no service and no web framework is imported."""
