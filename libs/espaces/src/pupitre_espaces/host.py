"""The host: what each process of Pupitre uses to load the plugins and to call them, whatever they do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from . import catalogue, discovery, lines_csv, loading, memory, reading, version
from .catalogue import InstalledEspace
from .commands import Command
from .context import EspaceContext
from .deadlines import Guard
from .discovery import Source
from .events import EspaceEvent, Reaction
from .hooks import HOOKS, KINDS, Hook, Kind
from .invoice_cadres import InvoiceCadre
from .isolation import Failed, Isolation
from .lines_csv import Imported
from .operations import InputRefused, Operation, OperationRequest
from .pages import Answer, Page, PageRequest
from .plugin import Plugin
from .ports import Clock, PortRefused, SystemClock
from .problems import Problem, ProblemLog
from .requests import Completed, RequestDraft, RequestKind
from .trace import Tracer
from .values import Language, Objection, RenderedMessage
from .watching import PORT_CALLS, Meter, watched

#: Where a problem of a page or of a kind is reported. Names of their own, lest a hook that answers start their count again.
RENDER, SUBMIT, COMPLETE, IMPORT = "Page.render", "Page.submit", "RequestKind.complete", "RequestKind.line"
REACT, OPERATE = "Reaction.react", "Operation.handle"
#: The one hook whose silence refuses.
PASSAGES = "espace_passages"


class EspaceSilent(Exception):
    """The espace is installed but did not give what was asked; `key` names it, `host.problems()` says why."""

    def __init__(self, key: str) -> None:
        super().__init__(f"the espace {key} does not answer")
        self.key = key


class ReactionFailed(Exception):
    """A plugin did not react to an event as it should; the text names plugin, hook and event, and says why."""


class PageUnknown(LookupError):
    """No plugin of that key, or no page of that slug for this structure and user."""


class Host:
    """All plugins as one process sees them.

    Making one loads them: the installed ones (unless `discover` is False) and `plugins`. Nothing that a plugin does
    makes a method raise, but for EspaceSilent where it says so; what went wrong is in `problems()`. `deadline` is in
    seconds, for one call of one plugin; `load_deadline` for an import, which reads files. `guard` is explained in
    `pupitre_espaces.deadlines`; `tracer` is told of every call; `memory_budget` is in bytes, for one call; `port_calls` is how often one
    answer to a visitor or a program may call the ports. `pause` is called after each plugin that was loaded, and between what all of
    them are asked at the start: a process that has other work too goes on with it there. `guards` are keys of espaces that guard passages
    whether they load or not, besides those that installed distributions declare.
    """

    def __init__(
        self,
        kind: Kind,
        *,
        api_version: str = version.API_VERSION,
        deadline: float = 2.0,
        load_deadline: float = 10.0,
        clock: Clock | None = None,
        guard: Guard | None = None,
        tracer: Tracer | None = None,
        memory_budget: int = memory.BUDGET,
        port_calls: int = PORT_CALLS,
        pause: Callable[[], None] = lambda: None,
        plugins: Iterable[Source] = (),
        discover: bool = True,
        guards: Iterable[str] = (),
    ) -> None:
        if kind not in KINDS:
            raise ValueError(f"no host of kind {kind!r}")
        self.kind = kind
        self.api_version = api_version
        self._port_calls, self._pause = port_calls, pause
        self._log = ProblemLog(clock or SystemClock())
        self._isolation = Isolation(
            self._log, deadline, load_deadline, guard, host=kind, tracer=tracer, memory_budget=memory_budget
        )
        self._sources = [*(discovery.installed() if discover else ()), *plugins]
        self._plugins = loading.load(self._sources, self._isolation, api_version, pause)
        self._guards = frozenset(guards) | (discovery.guards() if discover else frozenset())
        self._kinds: dict[tuple[str, str], RequestKind] | None = None
        self._cadres: dict[str, tuple[str, InvoiceCadre]] | None = None
        self._reactions: dict[str, tuple[Reaction, ...]] | None = None
        self._operations: dict[str, tuple[Operation, ...]] | None = None
        self._commands: dict[str, tuple[Command, ...]] | None = None

    def call(self, hook: str, espace_keys: Collection[str] | None = None, **arguments: Any) -> list[tuple[str, Any]]:
        """Call a hook of this kind of host on each plugin alone; return (key, answer) of those that answered, by key.

        With `espace_keys`, only on those plugins (the espaces that the structure opened). An answer is a tuple where
        the hook returns several values. Raises ValueError or TypeError when the host itself misuses the hook.
        """
        specified = self._hook(hook, arguments)
        answers = []
        for key, plugin in self._plugins.items():
            if (espace_keys is None or key in espace_keys) and hook in plugin.hooks and not plugin.set_aside:
                # Not noted: a card asks of what its user may not see, and does without.
                given, meter = self._lent(plugin, arguments, lambda refused: None)
                try:
                    answered, value = self._isolation.ask(plugin, specified, given, meter)
                except PortRefused:
                    answered = False
                if answered:
                    answers.append((key, value))
        return answers

    def page(self, key: str, slug: str, request: PageRequest) -> Answer:
        """Return what one page answers; an empty `slug` is the first page.

        Raises PageUnknown, EspaceSilent, or the PortRefused that the page let pass.
        """
        page = self._page(key, slug, request)
        return self._visited(key, RENDER, request, lambda its: reading.of_page(page, page.render(its)))

    def submit(self, key: str, slug: str, request: PageRequest) -> Answer:
        """Return what a page answers to its form. Raises PageUnknown (no page, or one without a form), EspaceSilent or PortRefused."""
        page = self._page(key, slug, request)
        if page.submit is None or not (page.open_to_readers or request.profile == "MODIFICATION"):
            raise PageUnknown(f"{key}/{slug}")
        return self._visited(key, SUBMIT, request, lambda its: reading.of_page(page, page.submit(its)))

    def kinds(self) -> dict[tuple[str, str], RequestKind]:
        """Return every kind of request, by (key of the espace, key of the kind); asked of the plugins once per process."""
        if self._kinds is None:
            found = {}
            for key, kinds in self.call("espace_requests"):
                if len({each.key for each in kinds}) < len(kinds):
                    self._log.report(self._plugins[key].name, "espace_requests", "wrong-answer", "two kinds have one key")
                    continue
                allowed = self._plugins[key].manifest.may_ask
                for each in kinds:
                    if missing := each.asks() - allowed:
                        detail = f"the kind {each.key} has effects that may_ask of the manifest lacks: {', '.join(sorted(missing))}"
                        self._log.report(self._plugins[key].name, "espace_requests", "wrong-answer", detail)
                        continue
                    found[key, each.key] = each
            self._kinds = found
        return self._kinds

    def cadres(self) -> dict[str, tuple[str, InvoiceCadre]]:
        """Return the invoices' cadres of plugins by code, each with the espace it comes from; one claimed twice is nobody's."""
        if self._cadres is None:
            claims: dict[str, list[tuple[str, InvoiceCadre]]] = {}
            for key, cadres in self.call("espace_cadres"):
                for each in cadres:
                    claims.setdefault(each.code, []).append((key, each))
            for code, claimants in claims.items():
                for key, _ in claimants if len(claimants) > 1 else ():
                    names = " and ".join(sorted({each for each, _ in claimants}))
                    self._log.report(self._plugins[key].name, "espace_cadres", "duplicate-key", f"the cadre {code} is claimed by {names}")
            self._cadres = {code: claimants[0] for code, claimants in claims.items() if len(claimants) == 1}
        return self._cadres

    def reactions(self) -> dict[str, tuple[Reaction, ...]]:
        """Return what espaces do when events happen, by key; asked of the plugins once per process."""
        if self._reactions is None:
            self._reactions = {key: found for key, found in self.call("espace_reactions") if found}
        return self._reactions

    def react(self, key: str, event: EspaceEvent, context: EspaceContext) -> None:
        """Have a plugin react to an event, for the structure of the context. Raises EspaceSilent for one that is not here or set aside, and
        ReactionFailed."""
        plugin = self._plugins.get(key)
        if plugin is None or plugin.set_aside:
            raise EspaceSilent(key)
        for reaction in self.reactions().get(key, ()):
            if reaction.event == event.type:
                # What it needs to get its work done is its own business: nobody waits for it.
                meter = Meter(plugin.name)
                watching = watched(context, partial(self._log.report, plugin.name, REACT, "refused"), meter)
                work = partial(reading.of_reaction, reaction, event, watching)
                try:
                    self._isolation.insist(plugin, REACT, event.type, work, {"context": context}, meter)
                except Failed as failed:
                    where = f"{plugin.name}: {failed.kind} in {REACT} (espace_reactions) on {event.type}"
                    raise ReactionFailed(f"{where}, for {context.structure.name}: {failed}") from failed.__cause__

    def operations(self) -> dict[str, tuple[Operation, ...]]:
        """Return the operations of espaces by key; asked of the plugins once per process. One address or key twice is reported, and leaves
        the espace without operations."""
        if self._operations is None:
            found = {}
            for key, operations in self.call("espace_operations"):
                twice = {each.key for each in operations if sum(each.key == other.key for other in operations) > 1}
                twice |= {each.path for each in operations if sum(each.place == other.place for other in operations) > 1}
                if twice:
                    said = f"two operations are at {' and '.join(sorted(twice))}"
                    self._log.report(self._plugins[key].name, "espace_operations", "duplicate-key", said)
                elif operations:
                    found[key] = operations
            self._operations = found
        return self._operations

    def operate(self, key: str, operation: Operation, request: OperationRequest, raw: Mapping[str, Any]) -> dict[str, Any]:
        """Return what an operation gives, as JSON. Raises EspaceSilent, InputRefused, or the PortRefused that it lets pass."""
        answer = self._visited(key, OPERATE, request, lambda its: reading.of_operation(operation, its, raw))
        if isinstance(answer, InputRefused):
            raise answer
        return answer

    def commands(self) -> dict[str, tuple[Command, ...]]:
        """Return the commands of espaces for the operator by key; asked of the plugins once per process. One key twice is reported, and
        leaves the espace without commands."""
        if self._commands is None:
            found = {}
            for key, commands in self.call("espace_commands"):
                names = [each.key for each in commands]
                if twice := sorted({each for each in names if names.count(each) > 1}):
                    said = f"two commands are called {' and '.join(twice)}"
                    self._log.report(self._plugins[key].name, "espace_commands", "duplicate-key", said)
                elif commands:
                    found[key] = commands
            self._commands = found
        return self._commands

    def guards(self) -> frozenset[str]:
        """Return the keys of the espaces that are asked before an invoice passes on to its payment, those that cannot answer too."""
        here = frozenset(key for key, plugin in self._plugins.items() if PASSAGES in plugin.hooks)
        return here | (self._guards - self._plugins.keys())

    def objections(self, espace_keys: Collection[str], **arguments: Any) -> list[tuple[str, Objection]]:
        """Return what these espaces object to a passage (`espace_passages`), by key. Raises EspaceSilent for one that is to be asked and
        gives no answer: whoever goes on without it would let pass what it was to keep back."""
        answers = dict(self.call(PASSAGES, espace_keys, **arguments))
        for key in sorted(self.guards() & set(espace_keys)):
            if key not in answers:
                raise EspaceSilent(key)
        return [(key, each) for key, found in answers.items() for each in found]

    def has(self, key: str) -> bool:
        """Tell whether the plugin of a key is here, active or set aside."""
        return key in self._plugins

    def ask(self) -> None:
        """Ask the plugins, once per process, for all that they bring: what ails it is among the problems from then on."""
        brought = [self.kinds, self.cadres, self.reactions]
        if self.kind == "portal":
            brought += [self.operations, self.commands]
        for ask in brought:
            ask()
            self._pause()

    def complete(self, key: str, kind: RequestKind, draft: RequestDraft) -> Completed:
        """Return the espace's word on a draft of one of its kinds. Raises EspaceSilent."""
        try:
            return self._answer(key, COMPLETE, lambda: reading.of_kind(kind, draft), draft=draft)
        except PortRefused as error:
            raise EspaceSilent(key) from error  # it was given no ports: whatever it means by that, it is no answer

    def import_lines(self, key: str, kind: RequestKind, content: bytes) -> Imported:
        """Return what a CSV file gives for the lines of a kind. Raises EspaceSilent, and ValueError for a kind without lines."""
        if kind.line is None:
            raise ValueError(f"the kind {kind.key} has no lines")
        return self._answer(key, IMPORT, lambda: lines_csv.read(kind.line, content))

    def pages(self, key: str, context: EspaceContext) -> tuple[Page, ...]:
        """Return the pages of one espace, for its menu. Raises PageUnknown (no plugin, or no pages) or EspaceSilent."""
        plugin = self._plugins.get(key)
        if plugin is None or "espace_pages" not in plugin.hooks:
            raise PageUnknown(key)
        answers = self.call("espace_pages", [key], context=context)
        if not answers:
            raise EspaceSilent(key)
        return answers[0][1]

    def messages(
        self, event_type: str, language: Language, values: Mapping[str, Any], espace_keys: Collection[str] | None = None
    ) -> list[tuple[str, RenderedMessage]]:
        """Return the mails that espaces send for an event, rendered, by key.

        A template that wants a value not among `values` is reported and left out.
        """
        rendered = []
        for key, templates in self.call("espace_messages", espace_keys):
            for template in templates:
                if template.event_type == event_type:
                    try:
                        rendered.append((key, template.render(language, values)))
                    except LookupError as error:
                        self._log.report(self._plugins[key].name, "espace_messages", "wrong-answer", str(error))
        return rendered

    def health(self) -> list[tuple[str, bool, str]]:
        """Return (plugin or key, well, why not) of every plugin, the refused ones included."""
        answers = dict(self.call("espace_health"))
        lines = []
        for key, plugin in self._plugins.items():
            answer = answers.get(key)
            if plugin.set_aside:
                lines.append((key, False, "set aside after repeated failures"))
            elif answer is None:
                silent = "espace_health" in plugin.hooks
                lines.append((key, not silent, "espace_health does not answer" if silent else ""))
            else:
                if not answer.ok:
                    self._log.report(plugin.name, "espace_health", "ill", answer.detail)
                lines.append((key, answer.ok, answer.detail))
        loaded = {plugin.name for plugin in self._plugins.values()}
        refused = {problem.plugin: problem for problem in reversed(self._log.all()) if problem.plugin not in loaded}
        return [*lines, *((name, False, f"{each.kind}: {each.detail}") for name, each in sorted(refused.items()))]

    def standing(self) -> list[tuple[str, bool, str]]:
        """Return (plugin or key, well, why not) of every plugin from what has happened so far.

        No plugin is called: for a check of the host itself, which must answer at once whatever its guests do.
        """
        return [
            (each["key"] or each["plugin"], not each["problems"], "; ".join(problem["kind"] for problem in each["problems"]))
            for each in self.describe()
        ]

    def catalogue(self) -> list[InstalledEspace]:
        """Return the plugins that loaded, by key."""
        return [catalogue.line(plugin) for plugin in self._plugins.values()]

    def problems(self) -> list[Problem]:
        """Return what went wrong since the process started, by plugin."""
        return self._log.all()

    def describe(self) -> list[dict[str, Any]]:
        """Return all plugins, refused ones too, with their problems, as JSON-able data (`pupitre espaces list`)."""
        loaded = {plugin.name: plugin for plugin in self._plugins.values()}
        return [catalogue.describe(source, loaded.get(source.name), self._log.all()) for source in self._sources]

    def _lent(self, plugin: Plugin, given: dict[str, Any], note: Callable[[str], Any]) -> tuple[dict[str, Any], Meter]:
        """Return arguments whose context lends watched ports, and what counts their calls; `note` is told what they refuse."""
        meter = Meter(plugin.name, self._port_calls)
        if not isinstance(context := given.get("context"), EspaceContext):
            return given, meter
        return {**given, "context": watched(context, note, meter)}, meter

    def _visited(self, key: str, what: str, request: Any, work: Callable[[Any], Any]) -> Any:
        """Run code of the plugin `key` on a request whose context lends watched ports. Raises EspaceSilent when it gives no answer."""
        plugin = self._plugins.get(key)
        if plugin is None:
            raise EspaceSilent(key)
        note = partial(self._log.report, plugin.name, what, "refused")
        lent, meter = self._lent(plugin, {"context": request.context}, note)
        its = replace(request, **lent)
        return self._answer(key, what, lambda: work(its), meter, request=request)

    def _page(self, key: str, slug: str, request: PageRequest) -> Page:
        pages = self.pages(key, request.context)
        page = next((each for each in pages if slug in ("", each.slug)), None)
        if page is None:
            raise PageUnknown(f"{key}/{slug}")
        return page

    def _answer(self, key: str, what: str, work: Callable[[], Any], meter: Meter | None = None, **about: Any) -> Any:
        """Run code of the plugin `key` that belongs to `what`. Raises EspaceSilent when it gives no answer."""
        plugin = self._plugins.get(key)
        if plugin is None or plugin.set_aside:
            raise EspaceSilent(key)
        answered, answer = self._isolation.run(plugin, what, work, about, meter)
        if not answered:
            raise EspaceSilent(key)
        return answer

    def _hook(self, name: str, arguments: Mapping[str, Any]) -> Hook:
        hook = HOOKS.get(name)
        if hook is None or self.kind not in hook.hosts:
            raise ValueError(f"{name} is not a hook of the host {self.kind}")
        if set(arguments) != set(hook.arguments):
            raise TypeError(f"{name} takes {', '.join(hook.arguments) or 'no argument'}, not {', '.join(arguments)}")
        return hook
