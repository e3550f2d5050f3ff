"""Every table that names a structure says who sees its rows, or stands here with the reason why not (RS-42)."""

import importlib

import pytest
from pupitre_bus import row_security

SERVICES = ("identity", "organisation", "invoicing", "notifications")

_RIGHTS = "what rights are worked out from, or who asks for them: read before it is known what the actor may"
_SIGN_IN = "read when somebody signs in, before it is known who"
_PUBLIC = "the annuaire, which anybody may read"
_NUMBERS = "numbers and hashes alone, which every act on an invoice or a structure moves"
UNCOVERED = {
    "identity.technical_account": _SIGN_IN,
    "identity.technical_secret": _SIGN_IN,
    "identity.access_token": _SIGN_IN,
    "invoicing.history_head": _NUMBERS,
    "invoicing.history_anchored": _NUMBERS,
    "organisation.history_head": _NUMBERS,
    "organisation.history_anchored": _NUMBERS,
    "organisation.structure": _PUBLIC,
    "organisation.structure_service": _PUBLIC,
    "organisation.directory_change": _PUBLIC,
    "organisation.open_espace": _RIGHTS,
    "organisation.rattachement": _RIGHTS,
    "organisation.rattachement_service": _RIGHTS,
    "organisation.habilitation": _RIGHTS,
    "organisation.approbation": _RIGHTS,
    "organisation.structure_request": _RIGHTS,
    "organisation.mandat": _RIGHTS,
}


def tables():
    for service in SERVICES:
        for table in importlib.import_module(f"pupitre_{service}.tables").metadata.sorted_tables:
            yield f"{service}.{table.name}", table


def names_a_structure(table):
    """Whether a row is of a structure: by a column of its own, or by the row of another table that it hangs on."""
    columns = set(table.columns.keys())
    if any(name == "structure_id" or name.endswith("_structure_id") for name in columns):
        return True
    covered = {other.name for other in table.metadata.sorted_tables if other is not table and row_security.rule_of(other)}
    if columns & {f"{name}_id" for name in covered}:
        return True
    return any(names_a_structure(key.column.table) for key in table.foreign_keys if key.column.table is not table)


@pytest.mark.requirement("RS-42")
def test_every_table_with_rows_of_structures_says_who_sees_them():
    bare = {name for name, table in tables() if names_a_structure(table) and row_security.rule_of(table) is None}
    assert bare == set(UNCOVERED), "declare who sees the rows (row_security.seen_by, seen_through), or give the reason here"


def test_what_a_rule_names_is_there():
    for name, table in tables():
        rule = row_security.rule_of(table)
        if rule is None:
            continue
        assert rule.columns or rule.through, name
        assert set(rule.columns) <= set(table.columns.keys()), name
        for holder in rule.through:
            other = table.metadata.tables[holder.table]
            assert holder.named in other.columns and holder.column in table.columns, name
            assert row_security.rule_of(other) is not None, f"{name}: {holder.table} itself is seen by everybody"
