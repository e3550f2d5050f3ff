"""The espace Raccordement EDI et API. `hooks` is the plugin."""
