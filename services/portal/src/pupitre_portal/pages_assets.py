"""Style sheets, scripts and images of plugins: nobody's data, kept by browsers for as long as their content is the same."""

import hashlib
from dataclasses import dataclass

from flask import Blueprint, Flask, Response, abort, current_app, request, url_for
from pupitre_espaces import Asset

blueprint = Blueprint("espace_assets", __name__)

_KEPT = "pupitre.assets"
_FOR_A_YEAR = "public, max-age=31536000, immutable"


@dataclass(frozen=True)
class Served:
    """An asset with the hash of its content, by which its address changes when the content does."""

    asset: Asset
    sha256: str


@blueprint.get("/espaces/<key>/assets/<name>")
def asset(key: str, name: str) -> Response:
    """Give an asset: for ever where the address names its content, else to be asked for again with its ETag."""
    served = _served(key, name)
    if served is None:
        abort(404)
    response = Response(served.asset.content, mimetype=served.asset.mime)
    response.set_etag(served.sha256)
    response.headers["Cache-Control"] = _FOR_A_YEAR if request.args.get("v") == served.sha256[:16] else "public, no-cache"
    return response.make_conditional(request)


def address(key: str, name: str | None) -> str | None:
    """Return the address of an asset with its hash; None for one that the espace does not bring."""
    served = _served(key, name) if name else None
    return url_for("espace_assets.asset", key=key, name=name, v=served.sha256[:16]) if served else None


def _served(key: str, name: str) -> Served | None:
    return current_app.extensions[_KEPT].get((key, name))


def init_app(app: Flask) -> None:
    """Ask the plugins for their assets, once; of two of one name in an espace the last one is served."""
    app.extensions[_KEPT] = {
        (key, each.name): Served(each, hashlib.sha256(each.content).hexdigest())
        for key, assets in app.extensions["pupitre"].espaces.call("espace_assets")
        for each in assets
    }
