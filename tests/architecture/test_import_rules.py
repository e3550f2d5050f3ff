"""Who may import whom (docs/decisions/0001 and 0002)."""

import sys

import pytest
from support.repository import Distribution, distribution, distributions, imports, relative, roots, services

STANDARD = set(sys.stdlib_module_names)
BUS_TECHNOLOGY = {"nameko", "kombu", "eventlet", "amqp"}
SERVICE_PACKAGES = {each.package for each in services()}
PLUGINS = [each for each in distributions() if each.folder.parent.name in ("plugins", "examples")]

# What an espace may use beside the plugin API: libraries that write a file, are pinned already, and open no connection.
WRITERS_OF_FILES = {"xlsxwriter"}
# What reads signatures of PDFs (docs/decisions/0023): in a process apart, which opens no connection whatever they would do.
READERS_OF_SIGNATURES = {"asn1crypto", "cryptography", "pyhanko", "pyhanko_certvalidator"}


def edge_modules() -> set[str]:
    """What would be rewritten on the day eventlet goes, beside the bus: docs/decisions/0002 names them."""
    return {
        *(relative(each.source / "service.py") for each in services()),
        "services/portal/src/pupitre_portal/server.py",
        "services/portal/src/pupitre_portal/protocol.py",  # how the server reads requests
        "services/portal/src/pupitre_portal/readiness.py",  # asks all services at once
        "services/identity/src/pupitre_identity/hashing.py",  # keeps argon2 off the hub
        "suite/src/pupitre/running.py",
    }


@pytest.mark.parametrize("service", services(), ids=str)
def test_no_service_imports_another_one(service: Distribution):
    others = SERVICE_PACKAGES - {service.package}
    guilty = {relative(path): roots(path) & others for path in service.modules() if roots(path) & others}
    assert not guilty, "services talk by messages only"


@pytest.mark.parametrize("library", [each for each in distributions() if each.folder.parent.name == "libs"], ids=str)
def test_no_library_imports_a_service_or_the_suite(library: Distribution):
    above = SERVICE_PACKAGES | {"pupitre"}
    assert not {relative(path): roots(path) & above for path in library.modules() if roots(path) & above}


@pytest.mark.parametrize("service", services(), ids=str)
def test_rules_know_neither_bus_nor_database_nor_web(service: Distribution):
    forbidden = BUS_TECHNOLOGY | {"sqlalchemy", "alembic", "flask", "werkzeug", "pupitre_bus"}
    model = service.source / "model.py"
    modules = [model] if model.exists() else sorted((service.source / "model").glob("*.py"))
    assert not {relative(path): roots(path) & forbidden for path in modules if roots(path) & forbidden}


@pytest.mark.parametrize("plugin", PLUGINS, ids=str)
def test_an_espace_imports_pupitre_only_through_its_plugin_api(plugin: Distribution):
    allowed = {plugin.package, "pupitre_espaces", "pluggy", "marshmallow", *WRITERS_OF_FILES, *READERS_OF_SIGNATURES} | STANDARD
    assert not {relative(path): roots(path) - allowed for path in plugin.modules() if roots(path) - allowed}
    assert "pupitre-espaces" in plugin.requires
    assert not {name for name in plugin.requires if name.startswith("pupitre-")} - {"pupitre-espaces"}


@pytest.mark.parametrize(
    "name, allowed", [("pupitre-contracts", {"marshmallow"}), ("pupitre-espaces", {"marshmallow", "pluggy"})]
)
def test_what_others_build_upon_drags_no_framework_in(name: str, allowed: set[str]):
    library = distribution(name)
    ours = {library.package}
    # The kit for authors' tests comes with the library; pytest is theirs, and is imported by nothing else.
    kit = {library.source / "testing.py", library.source / "pytest_plugin.py"}
    guilty = {
        relative(path): roots(path)
        - STANDARD
        - allowed
        - ours
        - ({"pytest"} if path in kit or "testing" in path.parts else set())
        for path in library.modules()
    }
    assert not {path: names for path, names in guilty.items() if names}


def test_eventlet_and_nameko_are_known_at_the_edge_only():
    bus, edge = distribution("pupitre-bus"), edge_modules()
    guilty = {
        relative(path): roots(path) & BUS_TECHNOLOGY
        for each in distributions()
        if each is not bus
        for path in each.modules()
        if roots(path) & BUS_TECHNOLOGY and relative(path) not in edge
    }
    assert not guilty, "these would have to be rewritten on the day eventlet goes"


@pytest.mark.requirement("RS-01")
def test_nobody_dispatches_an_event_past_the_outbox():
    guilty = [
        relative(path)
        for each in distributions()
        for path in each.modules()
        if any(name.startswith(("nameko.events", "nameko.standalone.events")) for name in imports(path))
    ]
    assert not guilty


def test_only_the_suite_knows_every_service():
    suite = distribution("pupitre")
    importing = {
        each.name
        for each in distributions()
        for path in each.modules()
        if len(roots(path) & SERVICE_PACKAGES - {each.package}) > 0
    }
    assert importing <= {suite.name}


# The portal owns no data: it has pages and routes instead.
@pytest.mark.parametrize("service", [each for each in services() if each.name != "pupitre-portal"], ids=str)
def test_every_service_with_data_uses_the_same_file_names(service: Distribution):
    expected = {"service.py", "use_cases.py", "model.py", "queries.py", "repository.py", "tables.py", "settings.py"}
    packages = {path.name + ".py" for path in service.source.iterdir() if path.is_dir()}
    assert not expected - {path.name for path in service.source.glob("*.py")} - packages
    assert sorted((service.source / "migrations" / "versions").glob("[0-9]*.py")), "its schema comes from migrations"
