"""The espace Sollicitations, with the assistant. `hooks` is the plugin."""
