"""The two lifecycles of works: the month's account during the contract, and the account at its end. One version for each row of delays."""

from __future__ import annotations

from pupitre_espaces import Label, Lifecycle, Transition, validation

from .actors import FIRST, MOA, MOE, SECOND
from .cadres import BY_CODE, FINAL, MONTHLY, TO_PAYER
from .delays import Delays
from .passages import (
    RECYCLE,
    SILENT,
    following,
    giving_up,
    left_behind,
    refused,
    replaced,
    sent,
    to_payer,
    with_holder,
    with_moa,
    with_moe,
)

#: At the end of the contract more than the MOE may be silent; the date at which he is deemed to be is the portal's reckoning.
SILENT_AT_THE_END = Label("Sans réponse dans le délai (date indicative)", "No answer in time (indicative date)")


def monthly(delays: Delays) -> Lifecycle:
    """Return the lifecycle of an account during the contract (D.4)."""
    rows = [row for each in ("A4", "A5", "A6", "A15", "A16", "A19") for row in sent(each)]
    rows += _subcontractor("A10", delays) + _joint("A13", delays)
    for code in ("A4", "A10", "A13"):
        rows += with_moe(code, {"A15", "A16"}, {"A15", "A16", "A19"}, delays.monthly)
        rows += left_behind(code, {"A15", "A16"}, (MOE, MOA))
    rows += with_moa("A5", {"A19"}, "ERREUR_FOURNISSEUR_SUR_MOA", claim=True)
    rows += with_moa("A15", {"A19"}, "ERREUR_MOE_SUR_MOA", claim=False)
    rows += to_payer(TO_PAYER & {each.code for each in MONTHLY})
    return _lifecycle("acompte", rows, delays)


def final(delays: Delays) -> Lifecycle:
    """Return the lifecycle of the accounts at the end of the contract (D.5)."""
    rows = [row for each in ("A7", "A8", "A17", "A18", "A20", "A22", "A23", "A24", "A25") for row in sent(each)]
    rows += _subcontractor("A11", delays) + _joint("A14", delays)
    for code in ("A7", "A11", "A14"):
        rows += with_moe(code, {"A17", "A18"}, {"A17", "A18", "A20"}, delays.general)
        rows += left_behind(code, {"A17", "A18"}, (MOE, MOA))
        rows += replaced(code, ("A_ASSOCIER_MOE", "PRISE_EN_COMPTE_MOE", SILENT, "A_COMPLETER", RECYCLE, "ASSOCIEE"))
    rows += with_moa("A17", {"A20"}, "ERREUR_MOE_SUR_MOA", claim=False, silent={"A20"}, delay=delays.general)
    rows += left_behind("A17", {"A20"})
    rows += replaced("A17", ("A_ASSOCIER_MOA", "PRISE_EN_COMPTE_MOA", SILENT, "A_COMPLETER"))
    rows += _tacit_procedure(delays)
    rows += with_holder("A18", "A24", "ERREUR_MOE_SUR_FOURNISSEUR", delays.answer)
    rows += with_holder("A20", "A25", "ERREUR_MOA_SUR_FOURNISSEUR", delays.answer)
    rows += to_payer(TO_PAYER & {each.code for each in FINAL})
    return _lifecycle("decompte-final", rows, delays, {SILENT: SILENT_AT_THE_END})


def _tacit_procedure(delays: Delays) -> list[Transition]:
    """Return the rows of A22 (D.5 T1, T2): to the MOA where one is named, else to the MOE; nobody acts once the time is over, and the
    holder, the MOE or the MOA deposit the tacit account.

    Whether a general account came in time is what `completing` looks at when an A22 is sent: the holder may deposit it from a document that
    another one was deposited from, and it waits for him only where silence was noted.
    """
    tacit = {"A23", "A24", "A25"}
    rows = [
        *with_moa(
            "A22",
            {"A20"},
            "ERREUR_FOURNISSEUR_SUR_MOA",
            claim=True,
            only={MOA},
            silent=tacit,
            delay=delays.tacit,
            late=False,
        ),
        *with_moe("A22", {"A18"}, tacit, delays.tacit, late=False),
    ]
    for code, sources in (
        ("A7", ("A_ASSOCIER_MOE", "PRISE_EN_COMPTE_MOE", "ASSOCIEE", SILENT)),
        ("A17", ("A_ASSOCIER_MOA", "PRISE_EN_COMPTE_MOA", SILENT)),
    ):
        rows += [following(each, {"A22"}, {code}, "REMPLACEE_PAR_A22", awaited=each == SILENT) for each in sources]
    return rows


def _subcontractor(code: str, delays: Delays) -> list[Transition]:
    """Return the rows of a sub-contractor's document up to the MOE: the holder, then the mandataire where one is named (B.5)."""
    maker, time = BY_CODE[code].maker, delays.subcontracting
    told = {"days": time.days, "remind": time.remind, "cadres": {code}}
    return [
        *sent(code, "A_VALIDER_1"),
        *validation.passages_of(
            1, FIRST, maker, statement=validation.HOLDER, then=[("A_VALIDER_2", {SECOND}), ("DEPOSEE", ())], **told
        ),
        *validation.passages_of(2, SECOND, maker, statement=validation.MANDATAIRE, then=[("DEPOSEE", ())], **told),
        Transition(
            "ERREUR_COTRAITANT_SUR_VALIDEUR",
            "A_VALIDER_2",
            FIRST,
            corrects={SECOND},
            label=validation.CORRECT,
            cadres={code},
        ),
        *giving_up(("A_VALIDER_1", "A_VALIDER_2"), code, ends=False),
        *refused("REFUSEE_1", code, ends=False),
        *refused("REFUSEE_2", code, ends=False),
    ]


def _joint(code: str, delays: Delays) -> list[Transition]:
    """Return the rows of a joint contractor's document up to the MOE: the mandataire's word is a condition (R173, R188)."""
    return [
        *sent(code, "A_VALIDER_1"),
        *validation.passages_of(
            1,
            FIRST,
            BY_CODE[code].maker,
            statement=validation.MANDATAIRE,
            then=[("DEPOSEE", ())],
            days=delays.joint.days,
            remind=delays.joint.remind,
            cadres={code},
        ),
        *giving_up(["A_VALIDER_1"], code, ends=False),
        *refused("REFUSEE_1", code, ends=False),
    ]


def _lifecycle(kind: str, rows: list[Transition], delays: Delays, labels: dict[str, Label] | None = None) -> Lifecycle:
    # A document that may lie with the MOE or the MOA has what they have in common from both.
    unique = tuple(dict.fromkeys(rows))
    return Lifecycle(
        f"{kind}-{delays.valid_from:%Y-%m-%d}", unique, kind=kind, valid_from=delays.valid_from, labels=labels
    )
