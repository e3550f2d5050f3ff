"""The version of the plugin API, and which plugins a host of that version can take."""

from __future__ import annotations

import re

API_VERSION = "1.1"
_VERSION = re.compile(r"\d{1,4}\.\d{1,4}")


def parse(version: str) -> tuple[int, int]:
    """Return (major, minor); raise ValueError unless `version` reads `major.minor`."""
    if not isinstance(version, str) or not _VERSION.fullmatch(version):
        raise ValueError(f"an API version reads 'major.minor', not {version!r}")
    major, minor = version.split(".")
    return int(major), int(minor)


def accepts(host: str, plugin: str) -> bool:
    """Tell whether a host of API `host` can take a plugin written for API `plugin`: same major, no newer minor."""
    host_major, host_minor = parse(host)
    major, minor = parse(plugin)
    return major == host_major and minor <= host_minor
