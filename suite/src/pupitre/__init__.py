"""The `pupitre` command: one process with every service for a laptop, and the tools of those who run it on servers."""
