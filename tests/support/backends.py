"""Where services of a trial find their servers: some behind a proxy, or a broker of the trial's own."""

from pathlib import Path

from pupitre_bus.testing import Backend, Servers, ServerSpace

from support.fault_proxy import FaultProxy


class Behind(Servers):
    """The shared servers, the "broker" or the "database" behind ``proxy``; what a trial leaves there is cleaned up without it."""

    def __init__(self, folder: Path, space: ServerSpace, proxy: FaultProxy, server: str = "broker") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(folder, space)
        self._database_uri = space.database_uri
        if server == "broker":
            self.amqp_uri = proxy.uri(self.amqp_uri)
        else:
            self._database_uri = proxy.uri(self._database_uri)

    def database_uri(self, service: str) -> str:
        return self._database_uri


class Elsewhere(Backend):
    """A broker of the trial's own, which is what is broken; the database at ``database_uri``, or SQLite."""

    name = "elsewhere"

    def __init__(self, folder: Path, amqp_uri: str, database_uri: str | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(folder, amqp_uri)
        self._database_uri = database_uri

    def database_uri(self, service: str) -> str:
        return self._database_uri or f"sqlite:///{self.folder / service}.sqlite3"
