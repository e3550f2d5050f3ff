"""The invoice engine: what a file is, whether it is a valid invoice, and what it says.

It runs in worker processes (``python -m pupitre_invoicing.engine``), never on the event loop: rule engines and PDF
readers hold the interpreter lock and can take their process down with them. Nothing here imports the bus, nameko or a
database; `worker.handle` is the whole interface.
"""
