"""Loads, then sleeps in every other hook, and swallows what would wake it."""

import logging
from threading import Event

from pupitre_espaces import Label, Manifest, hookimpl

log = logging.getLogger(__name__)


@hookimpl
def espace_manifest():
    return Manifest("sleeps", Label("Dort", "Sleeps"), Label("Plugin hostile", "Hostile plugin"))


def sleep():
    while True:
        try:
            Event().wait(60)
        except Exception as woken:
            log.info("let me sleep: %s", woken)


@hookimpl
def espace_pages(context):
    sleep()


@hookimpl
def espace_cards(context):
    sleep()


@hookimpl
def espace_messages():
    sleep()


@hookimpl
def espace_checks(invoice, context):
    sleep()


@hookimpl
def espace_passages(invoice, status_to, context):
    sleep()


@hookimpl
def espace_opened(structure, at):
    sleep()


@hookimpl
def espace_closed(structure, at):
    sleep()


@hookimpl
def espace_health():
    sleep()
