"""The espace DUME (R281): what the document is, and a link to the service that the operator names. `hooks` is the plugin."""
