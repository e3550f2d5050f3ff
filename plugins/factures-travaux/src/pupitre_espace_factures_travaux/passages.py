"""Rows of the lifecycles (B.9): what each actor may do with a document that has come to him, and what happens by itself."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from pupitre_espaces import Label, Transition, validation
from pupitre_espaces.lifecycle import AFTER, AT_ONCE, BEFORE, DRAFT, IN_DOSSIER, SENT_FROM, SYSTEM

from . import motives
from .actors import HOLDER, MOA, MOE
from .cadres import BY_CODE
from .delays import Delay

SILENT = "ABSENCE_VALIDATION_MOE_DELAI_REGLEMENTAIRE"
RECYCLE = "EN_ATTENTE_RECYCLAGE_FOURNISSEUR"

_TAKE = Label("Prendre en compte", "Take into account")
_ASK = Label("Demander un complément", "Ask for more")
_GIVE_BACK = Label("Renvoyer complétée", "Send back completed")
_REFUSE = Label("Refuser", "Refuse")
_RECYCLE = Label("Demander le recyclage", "Ask for recycling")
_RESEND = Label("Corriger et renvoyer", "Correct and send again")
_WRONG_MOE = Label("Ce n'est pas la bonne MOE", "This is not the right MOE")
_WRONG_MOA = Label("Ce n'est pas la bonne MOA", "This is not the right MOA")
_WRONG_HOLDER = Label("Ce n'est pas le bon titulaire", "This is not the right holder")


def following(
    source: str, by: Iterable[str], its: Collection[str], target: str = "ASSOCIEE", *, awaited: bool = True
) -> Transition:
    """Return the row by which a document is left behind when one of the cadres `by` is deposited from it."""
    return Transition(source, target, SYSTEM, call=SENT_FROM, by=frozenset(by), cadres=frozenset(its), awaited=awaited)


def silence(sources: Iterable[str], delay: Delay, its: Collection[str]) -> list[Transition]:
    """Return the rows that say that an actor did not answer in time; he may still act."""
    if not delay.days:
        return []
    return [
        Transition(each, SILENT, SYSTEM, call=AFTER, days=delay.days, remind=delay.remind, cadres=frozenset(its))
        for each in sources
    ]


def giving_up(sources: Iterable[str], code: str, *, ends: bool) -> list[Transition]:
    """Return the rows by which the maker of a document gives it up, with his reasons; `ends`: the délai ends with it."""
    return [
        Transition(
            each,
            "ABANDONNEE",
            BY_CODE[code].maker,
            "required",
            delay="end" if ends else "",
            awaited=False,
            label=validation.GIVE_UP,
            cadres={code},
        )
        for each in sources
    ]


def sending_back(code: str) -> list[Transition]:
    """Return the row by which the maker sends back what he was asked to complete: files and a comment, to where it was."""
    label, maker = _GIVE_BACK, BY_CODE[code].maker
    return [
        Transition(
            "A_COMPLETER",
            BEFORE,
            maker,
            "optional",
            documents=True,
            delay="resume",
            keeps_time=True,
            label=label,
            cadres={code},
        )
    ]


def refused(source: str, code: str, *, ends: bool) -> list[Transition]:
    """Return what the maker may do with a refused document: deposit a corrected one from it, or give it up."""
    return [following(source, {code}, {code}, "DUPLIQUE_APRES_REFUS"), *giving_up([source], code, ends=ends)]


def with_moe(code: str, next_codes: set[str], silent: set[str], delay: Delay, *, late: bool = True) -> list[Transition]:
    """Return the passages of a contractor's document that lies with the MOE.

    `next_codes` are deposited from it by the MOE; `silent` are those that may be once he has been silent for `delay`, by him or by
    others, and `late` tells whether he may then do all the rest too. The délai global begins with the availability to the MOE (R184),
    and anew with that to the right one; a MOE who asks for more does not interrupt it.
    """
    its, maker = frozenset({code}), BY_CODE[code].maker
    open_ = ("A_ASSOCIER_MOE", "PRISE_EN_COMPTE_MOE")
    acting = (*open_, SILENT) if late else open_
    rows = [
        Transition("DEPOSEE", "MISE_A_DISPOSITION_MOE", SYSTEM, call=AT_ONCE, delay="start", cadres=its),
        Transition("MISE_A_DISPOSITION_MOE", "A_ASSOCIER_MOE", SYSTEM, call=AT_ONCE, cadres=its),
        Transition("A_ASSOCIER_MOE", "PRISE_EN_COMPTE_MOE", MOE, keeps_time=True, label=_TAKE, cadres=its),
        *silence(open_, delay, its),
        following(SILENT, silent, its),
        *(following(each, next_codes, its) for each in open_),
    ]
    for each in acting:
        rows += [
            Transition(
                each, "REFUSEE_MOE", MOE, "required", motives=motives.REFUSAL, delay="end", label=_REFUSE, cadres=its
            ),
            Transition(
                each,
                "ERREUR_FOURNISSEUR_SUR_MOE",
                MOE,
                "required",
                motives=(motives.WRONG_MOE,),
                delay="end",
                label=_WRONG_MOE,
                cadres=its,
            ),
            Transition(each, "A_COMPLETER", MOE, "required", keeps_time=True, label=_ASK, cadres=its),
            recycling(each, MOE, its),
        ]
    rows += [
        Transition(
            source,
            "MISE_A_DISPOSITION_MOE",
            maker,
            "optional",
            documents=True,
            corrects=whom,
            delay="start",
            label=_RESEND,
            cadres=its,
        )
        for source, whom in (("ERREUR_FOURNISSEUR_SUR_MOE", {MOE}), (RECYCLE, {MOE, MOA}))
    ]
    rows += giving_up((*open_, SILENT, RECYCLE, "A_COMPLETER", "ERREUR_FOURNISSEUR_SUR_MOE"), code, ends=True)
    return [*rows, *sending_back(code), *refused("REFUSEE_MOE", code, ends=True)]


def recycling(source: str, who: str, its: Collection[str]) -> Transition:
    """Return the row by which MOE or MOA ask the contractor to correct whom he named, or the document itself."""
    reasons = (motives.WRONG_MOA, motives.OTHER)
    return Transition(
        source, RECYCLE, who, "required", motives=reasons, awaited=False, label=_RECYCLE, cadres=frozenset(its)
    )


def left_behind(code: str, next_codes: set[str], asking: Collection[str] = ()) -> list[Transition]:
    """Return what is still possible with a document from which another was deposited: a new one in the place of that one, where it was
    refused or given up (`completing` sees to that), and its recycling, at the demand of `asking`."""
    its = frozenset({code})
    return [
        following("ASSOCIEE", next_codes, its, awaited=False),
        *(recycling("ASSOCIEE", each, its) for each in asking),
    ]


def with_moa(
    code: str,
    next_codes: set[str],
    wrong: str,
    *,
    claim: bool,
    only: Collection[str] = (),
    silent: Collection[str] = (),
    delay: Delay | None = None,
    late: bool = True,
) -> list[Transition]:
    """Return the passages of a document that lies with the MOA.

    `next_codes` are deposited from it; `wrong` is the status of a wrong MOA. `claim`: it is the contractor's own, and its délai begins
    here. `only`: it comes here where these roles are named. `silent`, `delay` and `late` are as of :func:`with_moe`.
    """
    its, maker = frozenset({code}), BY_CODE[code].maker
    open_ = ("A_ASSOCIER_MOA", "PRISE_EN_COMPTE_MOA")
    starts, ends = ("start", "end") if claim else ("", "")
    rows = [
        Transition(
            "DEPOSEE",
            "MISE_A_DISPOSITION_MOA",
            SYSTEM,
            call=AT_ONCE,
            if_named=frozenset(only),
            delay=starts,
            cadres=its,
        ),
        Transition("MISE_A_DISPOSITION_MOA", "A_ASSOCIER_MOA", SYSTEM, call=AT_ONCE, cadres=its),
        Transition("A_ASSOCIER_MOA", "PRISE_EN_COMPTE_MOA", MOA, keeps_time=True, label=_TAKE, cadres=its),
        Transition(wrong, "MISE_A_DISPOSITION_MOA", maker, corrects={MOA}, delay=starts, label=_RESEND, cadres=its),
        *(following(each, next_codes, its) for each in open_),
    ]
    waiting = [*open_]
    if delay is not None and delay.days:
        rows += [*silence(open_, delay, its), following(SILENT, silent, its)]
        waiting.append(SILENT)
    for each in waiting if late else open_:
        rows += [
            Transition(
                each, "REFUSEE_MOA", MOA, "required", motives=motives.REFUSAL, delay=ends, label=_REFUSE, cadres=its
            ),
            Transition(
                each, wrong, MOA, "required", motives=(motives.WRONG_MOA,), delay=ends, label=_WRONG_MOA, cadres=its
            ),
            Transition(
                each, "A_COMPLETER", MOA, "required", delay="interrupt", keeps_time=True, label=_ASK, cadres=its
            ),
        ]
    rows += giving_up((*waiting, wrong, "A_COMPLETER"), code, ends=claim)
    return [*rows, *sending_back(code), *refused("REFUSEE_MOA", code, ends=claim)]


def with_holder(code: str, tacit: str, wrong: str, delay: Delay) -> list[Transition]:
    """Return the passages of a general account that the holder of the contract has to sign (D.5): A8 when he does.

    `tacit` is what its maker deposits once the holder has been silent for `delay`; `wrong` the status of a wrong holder.
    """
    its, maker = frozenset({code}), BY_CODE[code].maker
    waiting = "A_ASSOCIER_FOURNISSEUR"
    return [
        Transition("DEPOSEE", waiting, SYSTEM, call=AT_ONCE, cadres=its),
        following(waiting, {"A8"}, its),
        following(SILENT, {"A8", tacit}, its),
        *silence([waiting], delay, its),
        Transition(
            waiting,
            "REFUSEE_FOURNISSEUR",
            HOLDER,
            "required",
            documents=True,
            label=Label("Refuser (mémoire en réclamation)", "Refuse (with a mémoire en réclamation)"),
            cadres=its,
        ),
        Transition(
            waiting, wrong, HOLDER, "required", motives=(motives.WRONG_HOLDER,), label=_WRONG_HOLDER, cadres=its
        ),
        Transition(wrong, waiting, maker, corrects={HOLDER}, label=_RESEND, cadres=its),
        *giving_up((waiting, wrong), code, ends=False),
        *refused("REFUSEE_FOURNISSEUR", code, ends=False),
    ]


def to_payer(codes: Collection[str]) -> list[Transition]:
    """Return the row by which documents become invoices in Factures reçues; where nobody had the claim before, its délai begins."""
    its = frozenset(codes)
    return [
        Transition("DEPOSEE", "MISE_A_DISPOSITION", SYSTEM, call=AT_ONCE, hand_over=True, delay="start", cadres=its)
    ]


def sent(code: str, target: str = "DEPOSEE") -> list[Transition]:
    """Return the rows by which those who may make a document send it."""
    return [Transition(DRAFT, target, each, call="send", cadres={code}) for each in BY_CODE[code].makers]


def replaced(code: str, sources: Iterable[str]) -> list[Transition]:
    """Return the rows by which a document is replaced when one of the tacit procedure (A22) is sent into its dossier."""
    return [
        Transition(each, "REMPLACEE_PAR_A22", SYSTEM, call=IN_DOSSIER, by={"A22"}, cadres={code}) for each in sources
    ]
