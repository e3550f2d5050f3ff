"""Writing a new espace from the template: a distribution with a page, a kind of request, both languages, and a passing test."""

import re
from importlib import resources
from pathlib import Path
from string import Template

import click
from pupitre_espaces import API_VERSION
from pupitre_espaces.values import RESERVED_KEYS

#: Where each file of the template goes; {package} and {key} are filled in.
FILES = {
    "pyproject.toml.txt": "pyproject.toml",
    "README.md.txt": "README.md",
    "gitignore.txt": ".gitignore",
    "__init__.py.txt": "src/{package}/__init__.py",
    "hooks.py.txt": "src/{package}/hooks.py",
    "kinds.py.txt": "src/{package}/kinds.py",
    "pages.py.txt": "src/{package}/pages.py",
    "texts.py.txt": "src/{package}/texts.py",
    "test.py.txt": "tests/test_{module}.py",
}
_KEY = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_LONGEST = 50


def write(key: str, into: Path, title: str | None, title_en: str | None) -> Path:
    """Write the espace ``key`` into a new folder of that name, and return the folder. Raises click.ClickException."""
    if not _KEY.fullmatch(key) or len(key) > _LONGEST:
        raise click.ClickException(f"{key!r} is not the key of an espace: lower-case words joined by hyphens, such as frais-de-port")
    if key in RESERVED_KEYS:
        raise click.ClickException(f"the key {key} belongs to the portal; choose another one")
    folder = into / key
    if folder.exists():
        raise click.ClickException(f"{folder} is there already; nothing was written")
    french = title or key.replace("-", " ").capitalize()
    for text in (french, title_en or french):
        if not text.strip() or any(sign in text for sign in '"\\\n\r'):
            raise click.ClickException("a title is one line without quotation marks or backslashes")
    major = int(API_VERSION.partition(".")[0])
    module = key.replace("-", "_")
    package = f"pupitre_espace_{module}"
    names = {"key": key, "package": package, "title": french, "title_en": title_en or french}
    values = {**names, "api": API_VERSION, "next_api": f"{major + 1}.0"}
    template = resources.files("pupitre") / "espace_template"
    for name, place in FILES.items():
        target = folder / place.format(package=package, key=key, module=module)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(Template((template / name).read_text("utf-8")).substitute(values), "utf-8")
    return folder
