"""The espace Engagements: orders and legal commitments. `hooks` is the plugin."""
