"""Actualités: the news of the portal, for anybody (R006)."""

import uuid

from flask import Blueprint, render_template, request
from pupitre_contracts import communication

from . import bus, navigation
from .domains import DOMAINS
from .paging import last_page, page_number

blueprint = Blueprint("news", __name__, url_prefix="/actualites")
PAGE_SIZE = 10


@blueprint.get("/")
def listing() -> str:
    """List the news that show now, of one domain or of all."""
    page, domain = page_number(), navigation.domain(request.args.get("domaine", ""))
    found = bus.call(communication.ListNews, page=page, page_size=PAGE_SIZE, **({"domain": domain.key} if domain else {}))
    return render_template(
        "news.html",
        news=found.news,
        total=found.total,
        page=page,
        page_size=PAGE_SIZE,
        last_page=last_page(found.total, PAGE_SIZE),
        domain=domain,
        domains=DOMAINS,
    )


@blueprint.get("/<uuid:news_id>")
def read(news_id: uuid.UUID) -> str:
    """Show one news item."""
    item = bus.call(communication.GetNews, news_id=news_id).news
    return render_template("news_item.html", item=item, domain=navigation.domain(item.domain or ""))
