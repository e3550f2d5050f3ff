"""News of the portal (R006): operators publish and withdraw them, anybody reads them, and who wants them gets them by mail (R044)."""

import time
import uuid
from typing import Any

import sqlalchemy as sa
from pupitre_contracts import communication as contract
from pupitre_contracts import errors

from . import messages, model, repository, writing
from .tables import news

TEMPLATE = "news"
OPERATOR = "operator"
LARGEST_PAGE = 100
READERS_AT_A_TIME = 200
LONGEST_TITLE, LONGEST_TEXT = 200, 10_000
RUN_SECONDS = 8.0


def publish(request: contract.PublishNews.Request, scope: Any) -> contract.PublishNews.Reply:
    texts = {name: getattr(request, name).strip() for name in ("title_fr", "title_en", "text_fr", "text_en")}
    faults = {name: [_LENGTH[name[:5]]] for name, text in texts.items() if not _fits(name, text)}
    with scope.begin() as tx:
        begins = request.published_from or tx.now
        if request.published_until is not None and request.published_until <= begins:
            faults["published_until"] = ["doit suivre le début / must be after the beginning"]
        if faults:
            raise errors.Invalid(what="news", fields=faults)
        row = {
            **texts,
            "news_id": uuid.uuid4(),
            "domain": request.domain,
            "published_from": begins,
            "published_until": request.published_until,
            "author": request.author,
            "created_at": tx.now,
            "created_by": scope.actor.reference,
        }
        tx.execute(news.insert().values(**row))
        return tx.answer(contract.PublishNews.Reply(news=_message(_row(tx, row["news_id"]))))


def withdraw(request: contract.WithdrawNews.Request, scope: Any) -> contract.WithdrawNews.Reply:
    with scope.begin() as tx:
        by = f"{scope.actor.reference} ({request.author})"
        shown = sa.and_(news.c.news_id == request.news_id, news.c.withdrawn_at.is_(None))
        tx.execute(sa.update(news).where(shown).values(withdrawn_at=tx.now, withdrawn_by=by))
        row = _row(tx, request.news_id)
        if row is None:
            raise errors.NotFound(what=f"news {request.news_id}")
        return tx.answer(contract.WithdrawNews.Reply(news=_message(row)))


def list_news(request: contract.ListNews.Request, scope: Any) -> contract.ListNews.Reply:
    conditions = [*_shown(scope.clock.now()), *([news.c.domain == request.domain] if request.domain else [])]
    found, total = _page(scope, conditions, request)
    return contract.ListNews.Reply(news=found, total=total)


def list_all_news(request: contract.ListAllNews.Request, scope: Any) -> contract.ListAllNews.Reply:
    found, total = _page(scope, [], request)
    return contract.ListAllNews.Reply(news=found, total=total)


def get_news(request: contract.GetNews.Request, scope: Any) -> contract.GetNews.Reply:
    with scope.reading() as db:
        row = db.execute(sa.select(news).where(news.c.news_id == request.news_id, *_shown(scope.clock.now()))).first()
    if row is None:
        raise errors.NotFound(what=f"news {request.news_id}")
    return contract.GetNews.Reply(news=_message(row))


def mail_due(scope: Any) -> None:
    """Write to those who want news by mail, page by page; what is left after some seconds is for the next run."""
    until = time.monotonic() + RUN_SECONDS
    while time.monotonic() < until:
        with scope.reading() as db:
            row = db.execute(_NEXT, {"now": scope.clock.now()}).first()
        if row is None:
            return
        after = {"after": row.mailed_after} if row.mailed_after else {}
        users = scope.bus.call(contract.NewsReaders, limit=READERS_AT_A_TIME, **after).users
        with scope.begin() as tx:
            progress = {"mailed_after": users[-1].user_id} if users else {"mailed_at": tx.now}
            waiting = sa.and_(news.c.news_id == row.news_id, *_shown(tx.now), news.c.mailed_at.is_(None))
            if tx.execute(sa.update(news).where(waiting).values(**progress)).rowcount:
                repository.add(tx, [_mail(scope.resources.public_url, row, user) for user in users])


def _mail(public_url: str, row: Any, user: Any) -> dict[str, Any]:
    title, text = (row.title_en, row.text_en) if user.language == "en" else (row.title_fr, row.text_fr)
    values = {"given_name": user.given_name, "title": title, "text": text, "link": f"{public_url}/actualites/{row.news_id}"}
    subject, body = messages.TEMPLATES[TEMPLATE].render(user.language, values)
    return {
        "mail_id": model.mail_id(row.news_id, TEMPLATE, user.user_id),
        "event_id": row.news_id,
        "template": TEMPLATE,
        "user_id": user.user_id,
        "to_address": writing.address_of(user),
        "subject": subject,
        "body": body,
        "about": str(row.news_id),
        "link_id": None,
    }


def _page(scope: Any, conditions: list[Any], request: Any) -> tuple[list[contract.News], int]:
    size, number = max(1, min(request.page_size, LARGEST_PAGE)), max(1, request.page)
    with scope.reading() as db:
        total = db.execute(sa.select(sa.func.count()).select_from(news).where(*conditions)).scalar_one()
        rows = db.execute(
            sa.select(news)
            .where(*conditions)
            .order_by(news.c.published_from.desc(), news.c.news_id)
            .limit(size)
            .offset((number - 1) * size)
        ).all()
    return [_message(row) for row in rows], total


def _shown(now: Any) -> list[Any]:
    return [
        news.c.withdrawn_at.is_(None),
        news.c.published_from <= now,
        sa.or_(news.c.published_until.is_(None), news.c.published_until > now),
    ]


def _row(db: Any, news_id: uuid.UUID) -> Any | None:
    return db.execute(sa.select(news).where(news.c.news_id == news_id)).first()


def _message(row: Any) -> contract.News:
    return contract.News(**{name: getattr(row, name) for name in contract.News.declared if getattr(row, name) is not None})


def _fits(name: str, text: str) -> bool:
    if name.startswith("title"):
        return 0 < len(text) <= LONGEST_TITLE and text.isprintable()
    return 0 < len(text) <= LONGEST_TEXT


_LENGTH = {
    "title": f"une ligne de 1 à {LONGEST_TITLE} caractères / one line of 1 to {LONGEST_TITLE} characters",
    "text_": f"de 1 à {LONGEST_TEXT} caractères / 1 to {LONGEST_TEXT} characters",
}
DUE = sa.and_(
    news.c.mailed_at.is_(None),
    news.c.withdrawn_at.is_(None),
    news.c.published_from <= sa.bindparam("now"),
    sa.or_(news.c.published_until.is_(None), news.c.published_until > sa.bindparam("now")),
)
_NEXT = sa.select(news).where(DUE).order_by(news.c.published_from, news.c.news_id).limit(1)
