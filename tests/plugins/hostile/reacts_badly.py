"""Reacts to what happens to invoices and flux: raises, turns without end, or returns what nobody asked for."""

import time

from pupitre_espaces import Label, Manifest, Reaction, hookimpl


@hookimpl
def espace_manifest():
    return Manifest("emotif", Label("Émotif", "Touchy"), Label("Plugin hostile", "Hostile plugin"), api_version="1.1")


@hookimpl
def espace_reactions():
    yield Reaction("invoice.submitted.v1", _raise)
    yield Reaction("invoice.moved.v1", _turn)
    yield Reaction("flux.processed.v1", lambda event, context: "a reaction returns nothing")


def _raise(event, context):
    context.ports.records.put("factures", "f-1", {"half": True})
    raise RuntimeError("an ill reaction")


def _turn(event, context):
    while True:
        time.sleep(0)
