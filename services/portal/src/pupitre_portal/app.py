"""The portal put together: one Flask application over the bus, the blob store and the espaces."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from pupitre_bus.antivirus import Antivirus
from pupitre_bus.clock import Clock, SystemClock
from werkzeug.middleware.proxy_fix import ProxyFix

from . import (
    api,
    bubble,
    codes,
    delay_words,
    errors,
    files,
    formats,
    languages,
    navigation,
    news,
    pages_account,
    pages_annuaire_files,
    pages_approbations,
    pages_assets,
    pages_bank_details,
    pages_communication,
    pages_directory,
    pages_documents,
    pages_domains,
    pages_dossiers,
    pages_entry,
    pages_entry_pdf,
    pages_espaces,
    pages_exports,
    pages_external,
    pages_flux,
    pages_habilitations,
    pages_handing_over,
    pages_health,
    pages_help,
    pages_history,
    pages_home,
    pages_invoice,
    pages_invoice_exports,
    pages_invoice_files,
    pages_issued,
    pages_leaving,
    pages_mail,
    pages_managing,
    pages_mandats,
    pages_mass,
    pages_member_habilitations,
    pages_members,
    pages_news,
    pages_rattachements,
    pages_received,
    pages_request,
    pages_request_draft,
    pages_request_lines,
    pages_request_new,
    pages_requests,
    pages_returns,
    pages_saved_filters,
    pages_second_factor,
    pages_session,
    pages_sign_up,
    pages_structure_documents,
    pages_structure_export,
    pages_structure_manage,
    pages_structure_services,
    pages_structures,
    pages_support,
    pages_technical,
    pages_validating,
    pages_validation,
    request_words,
    security,
    sessions,
    statuses,
)
from .drawing import Draw, drawn_here
from .readiness import Readiness
from .settings import Options

BLUEPRINTS = (
    pages_health.blueprint,
    pages_session.blueprint,
    pages_sign_up.blueprint,
    pages_account.blueprint,
    pages_home.blueprint,
    pages_issued.blueprint,
    pages_entry.blueprint,
    pages_entry_pdf.blueprint,
    pages_flux.blueprint,
    pages_received.blueprint,
    pages_mass.blueprint,
    pages_returns.blueprint,
    pages_saved_filters.blueprint,
    pages_invoice_exports.blueprint,
    pages_invoice.blueprint,
    pages_invoice_files.blueprint,
    pages_structures.blueprint,
    pages_structure_manage.blueprint,
    pages_structure_export.blueprint,
    pages_annuaire_files.blueprint,
    pages_structure_services.blueprint,
    pages_bank_details.blueprint,
    pages_structure_documents.blueprint,
    pages_members.blueprint,
    pages_history.blueprint,
    pages_rattachements.blueprint,
    pages_approbations.blueprint,
    pages_habilitations.blueprint,
    pages_member_habilitations.blueprint,
    pages_managing.blueprint,
    pages_mandats.blueprint,
    pages_directory.blueprint,
    pages_mail.blueprint,
    pages_validation.blueprint,
    pages_assets.blueprint,
    pages_validating.blueprint,
    pages_espaces.blueprint,
    pages_requests.blueprint,
    pages_request_new.blueprint,
    pages_request_draft.blueprint,
    pages_request_lines.blueprint,
    pages_request.blueprint,
    pages_dossiers.blueprint,
    pages_help.blueprint,
    pages_technical.blueprint,
    pages_documents.blueprint,
    pages_external.blueprint,
    pages_leaving.blueprint,
    pages_handing_over.blueprint,
    pages_second_factor.blueprint,
    pages_support.blueprint,
    pages_domains.blueprint,
    pages_news.blueprint,
    pages_communication.blueprint,
    pages_exports.blueprint,
)

#: What gives templates their words and pages their errors, in this order.
PARTS = (
    languages,
    formats,
    codes,
    statuses,
    delay_words,
    request_words,
    pages_flux,
    news,
    navigation,
    errors,
    pages_assets,
    pages_help,
    bubble,
)


@dataclass(frozen=True)
class Portal:
    """What the views work with, found as ``current_app.extensions["pupitre"]``."""

    settings: Options
    bus: Any
    blobs: Any
    espaces: Any
    health: Readiness
    antivirus: Antivirus = field(default_factory=Antivirus)
    clock: Clock = field(default_factory=SystemClock)
    draw: Draw = drawn_here


def create_app(
    settings: Options,
    bus: Any,
    blobs: Any,
    espaces_host: Any,
    health: Readiness | None = None,
    antivirus: Antivirus | None = None,
    clock: Clock | None = None,
    draw: Draw = drawn_here,
    pause: Callable[[], None] = lambda: None,
) -> Flask:
    """Build the application.

    ``bus`` is a :class:`pupitre_bus.client.Bus`, ``blobs`` a blob store (``put``, ``get``, ``exists``), ``espaces_host`` a host
    of kind "portal", ``draw`` makes a PDF of a document; ``pause`` is called after each part, for a process that has other work too.
    Raises ValueError without a secret key.
    """
    if not settings.secret_key:
        raise ValueError("the portal needs a secret key (PUPITRE_SECRET_KEY)")
    app = Flask(__package__, static_url_path="/statique")
    app.secret_key = settings.secret_key
    app.url_map.strict_slashes = False
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    seed_file = settings.demo_file if settings.demo else None
    health = health or Readiness(bus, espaces_host, seed_file, patience=settings.ready_patience)
    app.extensions["pupitre"] = Portal(
        settings, bus, blobs, espaces_host, health, antivirus or Antivirus(), clock or SystemClock(), draw
    )
    sessions.init_app(app)
    files.init_app(app)
    security.init_app(app)
    for part in PARTS:
        part.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
        pause()
    api.init_app(app, security.csrf, pause)

    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)
    return app
