"""An espace with commands for the operator, some of them ill; installed by the tests of the command line."""

from pupitre_espaces import Command, CommandFailed, Label, Manifest, Option, hookimpl

COLLECTION = "fiches"


@hookimpl
def espace_manifest():
    return Manifest("fichier", Label("Fichier", "Files"), Label("Un fichier", "A file"), api_version="1.1")


def _keep(call):
    records = call.context.ports.records
    for key in call.options["key"].split(","):
        kept = records.put(COLLECTION, key, {"due": str(call.options["due"]), "price": str(call.options["price"])})
        yield f"{key} is at version {kept.version}"
        if call.options["then-fail"]:
            raise KeyError("a mistake")


def _show(call):
    for each in call.context.ports.records.search(COLLECTION):
        yield f"{each.key}: {each.document['due']} {each.document['price']}, by {each.changed_by}"


def _forget(call):
    call.context.ports.records.delete(COLLECTION, call.options["key"])
    yield "gone"


def _refuse(call):
    raise CommandFailed("there is nothing to do")


def _read_invoices(call):
    yield str(call.context.ports.invoices.search("received"))


@hookimpl
def espace_commands():
    key = Option("key", "The keys, with commas between.", required=True)
    keeping = (
        key,
        Option("due", "The day.", "day"),
        Option("price", "The price.", "amount"),
        Option("then-fail", "Fail after the first.", "flag"),
    )
    yield Command("keep", "Keep something.", _keep, keeping, for_structure=True)
    yield Command("show", "Show what is kept.", _show, for_structure=True)
    yield Command("forget", "Forget something.", _forget, (key,), for_structure=True)
    yield Command("refuse", "Refuse.", _refuse)
    yield Command("read-invoices", "Read invoices.", _read_invoices, for_structure=True)
    yield Command("odd", "Be odd.", lambda call: 3)
