"""A person who opens every page that links lead to, and keeps what came back."""

from collections import deque
from collections.abc import Iterable
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

from support.visitor import Page, Visitor

#: Never the business of one structure: the sign-in page and the mailbox of the demonstration show everybody's.
SHARED = ("/connexion", "/deconnexion", "/boite-locale", "/statique", "/api/docs", "/api/openapi.json")
MOST = 400


class Crawler:
    """Follows links within the site as ``visitor``, each address once; the language does not make another address."""

    def __init__(self, visitor: Visitor) -> None:
        self.visitor = visitor
        self.found: dict[str, Page] = {}

    def crawl(self, start: str = "/") -> None:
        waiting = deque([start])
        while waiting:
            path = waiting.popleft()
            if path in self.found:
                continue
            assert len(self.found) < MOST, "the crawl does not end: which link makes ever new addresses?"
            waiting.extend(self._links(self.open(path)))

    def open(self, path: str) -> Page:
        self.found[path] = self.visitor.open(path)
        return self.found[path]

    def _links(self, page: Page) -> Iterable[str]:
        if page.tree is None:
            return
        for href in page.tree.xpath("//a/@href | //form[@method='get']/@action"):
            parts = urlsplit(urljoin(page.url, href))
            if f"{parts.scheme}://{parts.netloc}" != self.visitor.base_url.rstrip("/") or parts.path.startswith(SHARED):
                continue
            query = urlencode([(name, value) for name, value in parse_qsl(parts.query) if name != "lang"])
            yield f"{parts.path}?{query}" if query else parts.path
