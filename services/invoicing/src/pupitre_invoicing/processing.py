"""Processing flux in the background, file by file, so that a process killed at any point is carried on exactly.

What is done is in the database: a file's outcome is committed together with its invoice, history and events, once.
Judging files runs ahead in worker processes while the transactions of the files before are written.
"""

import logging
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from pupitre_bus.actors import Actor
from pupitre_contracts import errors
from pupitre_contracts import invoicing as contract

from . import checking, deposit, flux, listing, messages, model, queries, refusals, repository, rights, storing
from .checking import Judgement
from .deposit import Depositor, Examined, File
from .messages import Finding
from .tables import flux as table

log = logging.getLogger(__name__)

#: Files judged ahead and routed by one call.
CHUNK = 40
#: Files that one call to the engine judges.
PER_CALL = 10
#: Files whose outcomes are written by one transaction. SQLite's do not yield: together they take a few ten milliseconds.
TOGETHER = 20
LARGEST_FLUX = 500
#: A run ends after this long, so that a process that must stop waits no longer; the next run carries on.
RUN_SECONDS = 8.0
MOST_ATTEMPTS = 3


def process_flux(scope: Any) -> None:
    """Work on the open flux until none is left or the run has lasted long enough."""
    until = time.monotonic() + RUN_SECONDS
    while time.monotonic() < until:
        with scope.reading() as db:
            row = next((each for each in queries.open_flux(db) if _ready(each, scope.clock.now())), None)
        if row is None:
            return
        try:
            _work_on(scope, row, until)
        except (errors.Unavailable, errors.TimedOut) as error:
            log.warning("flux %s waits: %s", row["numero_flux"], error)
            return
        except Exception:
            log.exception("flux %s rests: its processing failed", row["numero_flux"])
            _rest(scope, row)


def _ready(row: Mapping[str, Any], now: Any) -> bool:
    return row["attempts"] == 0 or row["state_at"] + flux.retry_after(row["attempts"]) <= now


def _work_on(scope: Any, row: Mapping[str, Any], until: float) -> None:
    if not row["listed"] and not _list(scope, row):
        return
    by = _depositor(scope, row)
    with scope.reading() as db:
        items = queries.pending_items(db, row["flux_id"], LARGEST_FLUX)
    failed = False
    for chunk in _judged(scope, items, until):
        failed |= not _settle(scope, row, by, chunk)
    with scope.reading() as db:
        outcomes = queries.flux_outcomes(db, [row["flux_id"]]).get(row["flux_id"], {})
    if not outcomes.get("pending"):
        _finish(scope, row, outcomes, ())
    elif failed:
        _rest(scope, row)


def _depositor(scope: Any, row: Mapping[str, Any]) -> Depositor:
    """Return who deposited. He had the right then, and losing it since does not undo an acknowledged deposit."""
    actor = Actor(row["actor_kind"], row["actor_id"], row["actor_name"])
    allowed = rights.rights_of(scope, actor.kind, uuid.UUID(actor.id), row["structure_id"])
    return deposit.depositor(scope, row["structure_id"], allowed, actor, "fr")


# Listing


def _list(scope: Any, row: Mapping[str, Any]) -> bool:
    """Cut the flux into files, each in the blob store; False when the flux ended here or has to wait."""
    with scope.reading() as db:
        first = queries.flux_before(db, row)
    if first is not None:
        return _refuse(scope, row, refusals.flux_again(first))
    try:
        listed = listing.files_of(scope, row)
    except errors.NotFound:
        return _refuse(scope, row, messages.finding("PUP-FLUX-LOST"))
    except errors.EngineFailed:
        if row["attempts"] + 1 >= MOST_ATTEMPTS:
            finding = messages.finding("PUP-FLUX-INCIDENT", file=row["file_name"])
            _finish(scope, row, {"incident": 1}, (finding,))
        else:
            _rest(scope, row)
        return False
    except listing.Unreadable as refusal:
        return _refuse(scope, row, refusal.finding)
    with scope.begin() as tx:
        change = {"listed": True, "state": flux.PROCESSING, "state_at": tx.now, "attempts": 0}
        if repository.change_flux(tx, row["flux_id"], table.c.listed.is_(False), table.c.open.is_(True), **change):
            repository.insert_items(tx, row["flux_id"], listed.files)
    for sha256 in listed.named:
        scope.resources.blobs.quarantine(sha256)
    return True


# Judging ahead

#: A file of a flux with what was said of it; None: the engine failed.
_Judged = tuple[Mapping[str, Any], File, Judgement | None]


def _judged(scope: Any, items: Sequence[Mapping[str, Any]], until: float) -> Iterator[list[_Judged]]:
    """Give the files chunk by chunk with their judgements; the next chunk is judged meanwhile."""
    with ThreadPoolExecutor(max_workers=scope.resources.workers) as judges:
        ahead: list[Future] = []
        for chunk in _parts(items, CHUNK):
            if ahead and time.monotonic() >= until:
                break
            now, ahead = ahead, [judges.submit(_judge, scope, part) for part in _parts(chunk, PER_CALL)]
            if now:
                yield _awaited(now)
        if ahead:
            yield _awaited(ahead)


def _parts(items: Sequence[Any], size: int) -> list[Sequence[Any]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def _awaited(ahead: list[Future]) -> list[_Judged]:
    return [judged for future in ahead for judged in future.result()]


def _judge(scope: Any, items: Sequence[Mapping[str, Any]]) -> list[_Judged]:
    """Judge files, small ones together; at most one large one is in memory at a time."""
    judged: list[_Judged] = []
    waiting: list[tuple[Mapping[str, Any], bytes]] = []
    for item in items:
        content = _stored(scope, item)
        if content is None:
            judged.append((item, deposit.file_of(item["sha256"], b"", item["file_name"]), None))
            continue
        if sum(len(each) for _, each in waiting) + len(content) > checking.TOGETHER_BYTES:
            judged += _judge_together(scope, waiting)
            waiting = []
        waiting.append((item, content))
    return judged + _judge_together(scope, waiting)


def _judge_together(scope: Any, waiting: Sequence[tuple[Mapping[str, Any], bytes]]) -> list[_Judged]:
    judgements = checking.judge_together(scope.resources.engine, [content for _, content in waiting], scope.clock.now())
    judged: list[_Judged] = []
    for (item, content), judgement in zip(waiting, judgements, strict=True):
        file = deposit.file_of(item["sha256"], content, item["file_name"])
        judged.append((item, file, None if judgement is None or judgement.verdict == "error" else judgement))
    return judged


def _stored(scope: Any, item: Mapping[str, Any]) -> bytes | None:
    try:
        return checking.stored_file(scope.resources.blobs, item["sha256"])
    except errors.NotFound:
        log.error("a file of a flux is not in the store: %s", item["sha256"])
        return None


# Outcomes


def _settle(scope: Any, row: Mapping[str, Any], by: Depositor, chunk: Sequence[_Judged]) -> bool:
    """Give each file of a chunk its outcome; False when the engine failed on some, which stay pending."""
    readable = [entry for entry in chunk if entry[2] is not None and entry[2].valid and _of_syntax(row, entry[2])]
    reads = [checking.read_invoice(judgement.invoice) for _, _, judgement in readable]
    examined = iter(deposit.examine(scope, by, reads, usual=row["parties"])) if reads else iter(())
    accepted = {item["position"]: next(examined) for item, _, _ in readable}
    well = True
    outcomes: list[_Outcome] = []
    for item, file, judgement in chunk:
        if judgement is None:
            well &= _count_failure(scope, row, item)
        else:
            outcomes.append(_outcome(row, item, file, judgement, accepted.get(item["position"])))
    for part in _parts(outcomes, TOGETHER):
        _write(scope, row, by, part)
        time.sleep(0)  # transactions on SQLite do not yield by themselves: others may work between two of them
    return well


@dataclass(frozen=True, slots=True, eq=False)
class _Outcome:
    """What becomes of one file: an invoice to be stored, or the findings that refuse it."""

    item: Mapping[str, Any]
    about: Mapping[str, Any]
    refusal: Sequence[Finding] = ()
    accepted: storing.Sent | None = None


def _outcome(
    row: Mapping[str, Any], item: Mapping[str, Any], file: File, judgement: Judgement, examined: Examined | None
) -> _Outcome:
    about = _about(judgement.invoice)
    known = refusals.known(judgement.invoice)
    if examined is None:
        return _Outcome(item, about, refusals.with_values(_refusals(row, item, judgement), judgement.terms, known))
    if examined.refused:
        return _Outcome(item, about, refusals.with_values(examined.findings, judgement.terms, known))
    return _Outcome(item, about, accepted=storing.Sent(uuid.uuid4(), examined, judgement, file))


def _write(scope: Any, row: Mapping[str, Any], by: Depositor, outcomes: Sequence[_Outcome]) -> None:
    """Write the outcomes of some files in one transaction: each is there whole with all the others, or none is.

    When another deposit takes one of the numbers at that very moment, they are written again one by one, and the number is then seen
    to be taken.
    """
    try:
        _write_together(scope, row, by, outcomes)
    except errors.DuplicateInvoice:
        for each in outcomes:
            try:
                _write_together(scope, row, by, [each])
            except errors.DuplicateInvoice:
                _write_together(scope, row, by, [each])


def _write_together(scope: Any, row: Mapping[str, Any], by: Depositor, outcomes: Sequence[_Outcome]) -> None:
    with scope.begin() as tx:
        open_ones = repository.lock_pending(tx, row["flux_id"], [each.item["position"] for each in outcomes])
        chosen = _with_free_numbers(tx, row, by, [each for each in outcomes if each.item["position"] in open_ones])
        sent = [each.accepted for each in chosen if each.accepted is not None]
        repository.settle_items(tx, row["flux_id"], [_settled(each) for each in chosen])
        if sent:
            storing.store_sent(tx, scope.resources.sealer, by, sent, row["deposit_mode"], row["numero_flux"])


def _with_free_numbers(tx: Any, row: Mapping[str, Any], by: Depositor, outcomes: Sequence[_Outcome]) -> list[_Outcome]:
    """Refuse those whose number is taken, by a stored invoice or by one before it in the same flux (H.7)."""
    keys = {each: model.number_key(each.accepted.number) for each in outcomes if each.accepted is not None}
    taken = queries.first_of_numbers(tx, by.structure.structure_id, list(keys.values())) if keys else {}
    chosen = []
    for each in outcomes:
        key = keys.get(each)
        chosen.append(_number_taken(each, taken[key]) if key in taken else each)
        if key is not None and key not in taken:
            taken[key] = {"invoice_id": each.accepted.invoice_id, "numero_flux": row["numero_flux"]}
    return chosen


def _number_taken(outcome: _Outcome, first: Mapping[str, Any]) -> _Outcome:
    return _Outcome(outcome.item, outcome.about, [refusals.number_taken(outcome.accepted.number, first)])


def _settled(outcome: _Outcome) -> dict[str, Any]:
    values = {"number": None, "supplier_identifier": None, "recipient_siret": None, **outcome.about}
    values |= {"position": outcome.item["position"], **listing.why(outcome.refusal)}
    if outcome.accepted is None:
        return values | {"outcome": "refused", "invoice_id": None}
    return values | {"outcome": "accepted", "invoice_id": outcome.accepted.invoice_id}


def _give_up(scope: Any, row: Mapping[str, Any], item: Mapping[str, Any]) -> None:
    finding = messages.finding("PUP-FLUX-INCIDENT", file=item["file_name"])
    with scope.begin() as tx:
        repository.settle_item(tx, row["flux_id"], item["position"], "incident", **listing.why([finding]))


def _count_failure(scope: Any, row: Mapping[str, Any], item: Mapping[str, Any]) -> bool:
    """Count a failure of the engine; True when it was the last one, and the file is given up."""
    if item["attempts"] + 1 >= MOST_ATTEMPTS:
        _give_up(scope, row, item)
        return True
    with scope.begin() as tx:
        repository.count_attempt(tx, row["flux_id"], item["position"])
    return False


def _of_syntax(row: Mapping[str, Any], judgement: Judgement) -> bool:
    return judgement.format is None or judgement.format in flux.SYNTAXES[row["syntaxe_flux"]].formats


def _refusals(row: Mapping[str, Any], item: Mapping[str, Any], judgement: Judgement) -> Sequence[Finding]:
    if _of_syntax(row, judgement):
        return judgement.findings
    expected = flux.SYNTAXES[row["syntaxe_flux"]].expected
    return [
        messages.finding(
            "PUP-FLUX-FORMAT",
            file=item["file_name"],
            found=judgement.format,
            syntaxe=row["syntaxe_flux"],
            expected=expected,
        )
    ]


def _about(invoice: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return what an error of a flux names: number, supplier and recipient, as far as they were read."""
    if invoice is None:
        return {}
    seller = invoice["seller"]
    return {
        "number": invoice.get("number"),
        "supplier_identifier": seller.get("siret") or seller.get("siren"),
        "recipient_siret": invoice["buyer"].get("siret"),
    }


# Ends


def _rest(scope: Any, row: Mapping[str, Any]) -> None:
    """Let the flux rest before the engine is tried on it again."""
    with scope.begin() as tx:
        repository.change_flux(tx, row["flux_id"], attempts=row["attempts"] + 1, state_at=tx.now)


def _refuse(scope: Any, row: Mapping[str, Any], finding: Finding) -> bool:
    _finish(scope, row, {}, (finding,))
    return False


def _finish(scope: Any, row: Mapping[str, Any], outcomes: Mapping[str, int], findings: Sequence[Finding]) -> None:
    """Close the flux and tell its end, once."""
    state = flux.final_state(outcomes)
    stored = [finding.stored() for finding in findings]
    with scope.begin() as tx:
        change = {"state": state, "state_at": tx.now, "open": False, "errors": stored}
        if repository.change_flux(tx, row["flux_id"], table.c.open.is_(True), **change):
            tx.publish(
                contract.FluxProcessed(
                    flux_id=row["flux_id"],
                    numero_flux=row["numero_flux"],
                    structure_id=row["structure_id"],
                    state=state,
                    accepted=outcomes.get("accepted", 0),
                    refused=outcomes.get("refused", 0) + outcomes.get("incident", 0),
                )
            )
