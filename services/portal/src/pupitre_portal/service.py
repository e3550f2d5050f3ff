"""The portal as a service of the bus: it answers nothing there, owns no database, and serves HTTP while it runs."""

from typing import Any

from nameko.extensions import DependencyProvider
from pupitre_bus import Service
from pupitre_bus.core import Core
from pupitre_bus.deadline import give_way

from . import resources
from .app import create_app
from .drawing import drawn_by
from .metrics import Measures
from .server import Limits, Server, secret_key_in
from .settings import Options


class HttpServer(DependencyProvider):
    """Listens from the start of the service to its stop, with the bus client of the process."""

    core = Core()
    servers: tuple[Server, ...] = ()

    def start(self) -> None:
        runtime = self.core.runtime
        settings = runtime.settings
        options = Options.read(settings, settings.secret_key or secret_key_in(settings.keys))
        app = create_app(
            options,
            runtime.bus,
            runtime.resources.blobs,
            runtime.resources.espaces,
            antivirus=runtime.resources.antivirus,
            clock=runtime.clock,
            draw=drawn_by(runtime.resources.drawer),
            pause=give_way,
        )
        limits = Limits(options.http_idle, options.http_request, options.http_uploads)
        measures = Measures(app.extensions["pupitre"].health, runtime.bus, options.state)
        self.servers = (Server(measures.counted(app), options.host, options.port, limits=limits),)
        if options.metrics is not None:
            self.servers += (Server(measures.wsgi(), *options.metrics, grace=1, limits=Limits(connections=50)),)
        for server in self.servers:
            server.start()

    def stop(self) -> None:
        for server in self.servers:
            server.stop()

    kill = stop


class PortalService(Service):
    name = "portal"
    package = "pupitre_portal"
    with_database = False
    http = HttpServer()

    @staticmethod
    def build_resources(settings: Any) -> resources.Resources:
        return resources.build(settings)
