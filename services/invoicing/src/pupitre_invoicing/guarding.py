"""Espaces that are asked before a recipient passes an invoice on towards its payment (``espace_passages``).

Who opened an espace that guards wants nothing paid past it: one that does not answer refuses like one that objects. A recipient without
such an espace, and a platform without such a plugin, are asked nothing.
"""

import uuid
from collections.abc import Collection, Mapping
from typing import Any

from pupitre_contracts import errors, organisation
from pupitre_espaces import EspaceContext, Label, Objection, Structure, User
from pupitre_espaces.host import EspaceSilent

from . import espace_invoices, lifecycle, reaction_ports


class Guards:
    """The guards of the recipients whose invoices one call moves; organisation is asked once for each recipient, and for none where no
    plugin guards."""

    def __init__(self, scope: Any) -> None:
        self._scope = scope
        self._host = scope.resources.espaces
        self._keys = self._host.guards()
        self._recipients: dict[uuid.UUID, organisation.Structure] = {}

    def check(self, row: Mapping[str, Any], status_to: str) -> None:
        """Let the recipient of an invoice pass it to a status. Raises PassageBarred where an espace objects, GuardSilent where one that is
        to be asked does not answer."""
        if not self._keys or status_to not in lifecycle.PAYING:
            return
        recipient = self._recipient(row["recipient_structure_id"])
        asked = self._keys & set(recipient.espaces)
        if asked:
            found = [objection for key in sorted(asked) for objection in self._objections(key, recipient, row, status_to)]
            if found:
                raise errors.PassageBarred(number=row["number"], status_to=status_to, **_texts(found))

    def _objections(
        self, key: str, recipient: organisation.Structure, row: Mapping[str, Any], status_to: str
    ) -> Collection[Objection]:
        with self._scope.reading() as db:
            invoice = espace_invoices.whole(db, row, self._host)
        actor = self._scope.actor.origin
        context = EspaceContext(
            structure=Structure(str(recipient.structure_id), recipient.identifier, recipient.name, recipient.type.lower()),
            user=User(actor.id, actor.name) if actor.kind == "user" else None,
            language="fr",
            clock=self._scope.clock,
            ports=reaction_ports.for_reading(self._scope, key, recipient),
        )
        try:
            found = self._host.objections([key], invoice=invoice, status_to=status_to, context=context)
        except EspaceSilent as silent:
            label = self._label(key)
            raise errors.GuardSilent(number=row["number"], espace_fr=label.fr, espace_en=label.en) from silent
        return [objection for _, objection in found]

    def _recipient(self, structure_id: uuid.UUID) -> organisation.Structure:
        if structure_id not in self._recipients:
            asked = self._scope.bus.call(organisation.GetStructure, structure_id=structure_id)
            self._recipients[structure_id] = asked.structure
        return self._recipients[structure_id]

    def _label(self, key: str) -> Label:
        """Return what people call an espace: its key, where its plugin could not be loaded."""
        return next((each.manifest.label for each in self._host.catalogue() if each.key == key), Label(key, key))


def _texts(found: Collection[Objection]) -> dict[str, str]:
    return {
        f"{what}_{language}": " ".join(dict.fromkeys(getattr(each, what).text(language) for each in found))
        for what in ("why", "remedy")
        for language in ("fr", "en")
    }
