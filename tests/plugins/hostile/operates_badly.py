"""Answers programs with an exception, never, or with something else than it promised."""

import time

import marshmallow
from pupitre_espaces import Label, Manifest, Operation, hookimpl


class Gives(marshmallow.Schema):
    count = marshmallow.fields.Integer(required=True, metadata={"description": "How many"})


@hookimpl
def espace_manifest():
    return Manifest("maladroit", Label("Maladroit", "Clumsy"), Label("Plugin hostile", "Hostile plugin"), api_version="1.1")


@hookimpl
def espace_operations():
    for key, handle in (("leve", _raise), ("tourne", _turn), ("rend", lambda request: ["not", "a", "mapping"])):
        yield Operation(key, "get", key, Label(key, key), handle, Gives)


def _raise(request):
    raise RuntimeError("an ill operation")


def _turn(request):
    while True:
        time.sleep(0)
