"""Raises in the first hook it is asked for."""

from pupitre_espaces import hookimpl


class Unspeakable(Exception):
    """An exception whose text raises as well."""

    def __str__(self):
        raise RuntimeError("not even a text")


@hookimpl
def espace_manifest():
    raise Unspeakable
