"""Every hook a plugin may implement.

All of it holds for every hook: an implementation may leave out arguments that it does not use; it may be a generator
where an `Iterable` is returned; it must return within the host's deadline (2 s unless the operator changed it); what it
raises is caught, reported under the plugin's name and costs that answer only. After 5 errors or 3 time-outs in a row of
one hook the plugin is set aside in that process until it restarts. `docs/reference/hooks.md` has one worked example for
each.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from .commands import Command
from .context import EspaceContext, Structure
from .events import Reaction
from .invoice_cadres import InvoiceCadre
from .markers import hookspec
from .operations import Operation
from .pages import Article, Asset, Bubble, Page
from .ports import InvoiceView
from .requests import RequestKind
from .values import Card, DepositedInvoice, Finding, Health, Label, Manifest, MessageTemplate, Objection


@hookspec
def espace_manifest() -> Manifest:
    """Say what the espace is.

    Called once by each host (portal, organisation, invoicing, notifications) when its process starts; mandatory. What
    it raises, or a key that belongs to another plugin, refuses the plugin in that process. Since 1.0.
    """


@hookspec
def espace_pages(context: EspaceContext) -> Iterable[Page]:
    """Give the pages of the espace, for this structure and user.

    Called by the portal once per request of a page of this espace, only for a structure that opened it and a user who
    has a habilitation in it. The body is made later, by `Page.render`, for the page asked for. An exception shows the
    visitor a page saying that this espace does not answer. Since 1.0.
    """


@hookspec
def espace_waits(context: EspaceContext) -> Iterable[Label]:
    """Say why the requests of the espace are not shown to this structure yet; nothing: they are.

    Called by the portal for each page of the espace's requests; with an answer, that text is shown instead of them. An
    exception shows the requests. It hides nothing from anybody: who may see a request is decided by roles. Since 1.0.
    """


@hookspec
def espace_requests() -> Iterable[RequestKind]:
    """Give the kinds of request of the espace: their roles, cadres, form, lines and lifecycle.

    Called once by the portal and by invoicing, when their process starts. What is given is checked then: an exception, or a
    kind that makes no sense, leaves the espace without its kinds in that process, named as ill. The kinds' own functions
    (`RequestKind.complete`) run under the deadline of a hook. Since 1.0.
    """


@hookspec
def espace_cadres() -> Iterable[InvoiceCadre]:
    """Give the cadres of *Factures émises* in which others validate an invoice before its recipient has it.

    Called once by the portal and by invoicing, when their process starts, like `espace_requests`. A cadre that two plugins
    give is refused to both and named; an exception leaves the espace without its cadres. Since 1.0.
    """


@hookspec
def espace_bubble(context: EspaceContext) -> Iterable[Bubble]:
    """Give a small window for the bottom right of every page, with one page of the espace in it; only the first is shown.

    Called by the portal for each full page it shows a signed-in user whose structure opened the espace: be quick. An
    exception leaves the page without it. Since 1.0.
    """


@hookspec
def espace_assets() -> Iterable[Asset]:
    """Give the style sheets, scripts and images of the espace.

    Called once by the portal, when its process starts; they are served as they are, with their hash in the address. An
    exception leaves the espace without assets. Since 1.0.
    """


@hookspec
def espace_articles() -> Iterable[Article]:
    """Give the articles of the help centre that belong to the espace.

    Called once by the portal, when its process starts. An exception leaves the help centre without them. Since 1.0.
    """


@hookspec
def espace_cards(context: EspaceContext) -> Iterable[Card]:
    """Give the cards of the home page.

    Called by the portal each time the home page is shown, for each espace the structure opened: be quick. An exception
    leaves the home page without these cards. Since 1.0.
    """


@hookspec
def espace_reactions() -> Iterable[Reaction]:
    """Give what the espace does when events happen, by type of event.

    Called once by the portal and by invoicing, when their process starts; a type that does not exist is named then, and leaves the espace
    without reactions. `Reaction.react` is called later by invoicing, for each structure concerned that has the espace open, or which a
    request of the espace concerns: in the order of the events, one at a time for each plugin, and beside everything else. What it keeps
    through `context.ports.records` is kept once for each event, all of it or nothing, however often the event comes; `context.user` is
    None. An exception, a refusal of a port that it lets pass, or silence beyond the deadline costs that attempt: it is made again after
    5 s, 30 s, 2 min, 10 min and 1 h, then the event is parked for the operator under the plugin's name. Failures of reactions set no
    plugin aside. Since 1.1.
    """


@hookspec
def espace_operations() -> Iterable[Operation]:
    """Give the operations of the espace that programs call, under `/api/v1/espaces/<key>/`.

    Called once by the portal, when its process starts; an address of the platform or one that two operations have is named then, and
    leaves the espace without operations, as an exception does. `Operation.handle` is called later by the portal, once per call of a
    technical account whose structure opened the espace, under the deadline of a hook, with the ports of that structure. What is sent may
    weigh 1 MB, what is given 1 MB. An exception answers 503 and is reported; a PortRefused is the answer in its words. Since 1.1.
    """


@hookspec
def espace_commands() -> Iterable[Command]:
    """Give the commands of the espace for the operator, `pupitre espaces run <key> <command>`.

    Called once by the portal, when its process starts, and by `pupitre espaces`; two commands of one key are named then, and leave the
    espace without commands, as an exception does. `Command.run` is called later in the process of the command line, as often as the
    operator runs it, under no deadline. An exception ends it with exit code 1 and the plugin's name; what it kept until then stays. Since
    1.1.
    """


@hookspec
def espace_messages() -> Iterable[MessageTemplate]:
    """Give the templates of the mails that the espace has sent, by type of event.

    Called by notifications for each event about a structure that opened the espace, and once more if the event is
    redelivered. The event's values are put in by the host. An exception means no mail from this espace; the portal's
    own are sent. Since 1.0.
    """


@hookspec
def espace_checks(invoice: DepositedInvoice, context: EspaceContext) -> Iterable[Finding]:
    """Check an invoice that is being deposited, beyond the rules of its format.

    Called by invoicing once per deposited invoice that passed validation, before it is stored and outside any
    transaction, for each espace that the seller's structure opened; called again if the deposit is tried again.
    `context.structure` is the seller's. An exception adds no finding and never refuses the invoice. Since 1.0.
    """


@hookspec
def espace_passages(invoice: InvoiceView, status_to: str, context: EspaceContext) -> Iterable[Objection]:
    """Say why an invoice received may not pass on towards its payment yet; nothing: it may.

    Called by invoicing, outside any transaction, each time that the recipient wants to pass an ordinary invoice to MANDATEE,
    MISE_A_DISPOSITION_COMPTABLE, COMPTABILISEE or MISE_EN_PAIEMENT, for each espace that the recipient opened; his other passages ask
    nobody, so that an invoice can always go back. `context.structure` is the recipient, `context.user` is None for a program, and
    `context.ports.records` can be read. An exception, or any other missing answer, refuses the passage too: nobody pays by the fault of a
    plugin what it was to keep back. A plugin that is set aside refuses until its process restarts; a structure that closes the espace,
    and an operator who uninstalls it, let all invoices go. Since 1.1.
    """


@hookspec
def espace_opened(structure: Structure, at: datetime) -> None:
    """React to a structure having opened this espace.

    Called by organisation after the commit, on one instance, at most once per activation: a process killed between the
    two skips it, so nothing that must not be lost may depend on it. An exception does not undo the activation. Since
    1.0.
    """


@hookspec
def espace_closed(structure: Structure, at: datetime) -> None:
    """React to a structure having closed this espace.

    Called by organisation after the commit, on one instance, at most once per closing, as `espace_opened` is. An
    exception does not undo the closing. The data of the espace stay: a structure that opens it again finds them. Since
    1.0.
    """


@hookspec
def espace_health() -> Health:
    """Tell whether the espace can work in this process.

    Called by every host whenever its health is asked for, which may be every few seconds: look at what is at hand, do
    no work. An exception counts as ill; an ill espace is named and makes nothing else ill. Since 1.0.
    """
