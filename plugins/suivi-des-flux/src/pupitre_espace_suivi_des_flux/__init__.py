"""The espace Suivi et qualification des flux. `hooks` is the plugin."""
