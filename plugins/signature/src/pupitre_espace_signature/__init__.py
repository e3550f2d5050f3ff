"""The espace Signature électronique: verify the signatures of a PDF (R282). `hooks` is the plugin.

`examining` is the one module that reads a stranger's file; it runs in a process of its own.
"""
