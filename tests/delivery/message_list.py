"""The messages on a page, without a browser: static/lib/message_list.js, under the same names."""

import re
from dataclasses import dataclass, replace
from html import unescape

from markupsafe import escape

from .faces import Face

ARTICLE = re.compile(r'<article id="(message_(\d+))" [^>]*data-revision="(\d+)".*?</article>', re.DOTALL)
QUOTE = re.compile(r'<a class="quote (quote_message_\d+)"[^>]* data-revision="(\d+)">.*?</a>', re.DOTALL)
SOURCE = re.compile(r' data-source="([^"]*)">')
SLOT = "<slot></slot>"
PAGER = re.compile(r'<turbo-frame id="messages_(before|after)_(\d+)" [^>]*loading="lazy"')


@dataclass(frozen=True)
class Article:
    """One message on a page. ``id`` is its element's."""

    id: str
    number: int
    revision: int
    html: str


def articles(html: str) -> list[Article]:
    return [Article(m[1], int(m[2]), int(m[3]), m[0]) for m in ARTICLE.finditer(html)]


class MessageList:
    def __init__(self):
        self.shown: list[Article] = []
        self.removed: set[str] = set()
        self.faces: dict[str, Face] = {}
        self.homeless: dict[str, Article | re.Match] | None = None  # messages, and quotes
        self.older: int | None = None  # the message id in the pager at the top
        self.awaits = False  # something grows that may be in the history that loads: the page comes back for it
        self.gap: int | None = None  # and in the one at the end, of a page that ends before the newest messages

    def begin(self, html: str) -> None:
        """The whole list, from a page or from a fragment."""
        self.shown, self.removed, self.homeless = articles(html), set(), None
        self.older, self.gap = pager_in(html, "before"), pager_in(html, "after")

    def show_face(self, face: Face) -> None:
        self.faces[face.id] = face
        self.shown = [self.faced(article) for article in self.shown]

    def faced(self, article: Article) -> Article:
        """With what the page knows of the people in it: it may have been rendered before that."""
        for face in self.faces.values():
            article = replace(article, html=face.shown_in(article.html))
        return article

    def append(self, article: Article, cursor: int, live: bool, reset: bool = False) -> None:
        if article.id in self.removed:
            return
        if self.position(article.id) is not None:
            self.update(article, reset)
        elif not live and article.revision <= cursor:
            return
        elif self.gap and article.number > self.last:
            self.leave_behind(article)
        else:
            self.insert(article)

    def leave_behind(self, article: Article) -> None:
        if self.homeless is not None:
            self.homeless[article.id] = newer(article, self.homeless.get(article.id))

    def replace(self, article: Article, reset: bool = False) -> None:
        if article.id in self.removed:
            return
        if self.position(article.id) is not None:
            self.update(article, reset)
        elif self.homeless is not None:
            self.homeless[article.id] = newer(article, self.homeless.get(article.id))

    def grow(self, id: str, growth: str, content: str) -> bool:
        """static/turbo/growth.js. False for a message that is not what the growth follows."""
        follows, revision, kept = map(int, growth.split())
        position = self.position(id)
        if position is None:
            self.awaits = self.homeless is not None and id not in self.removed
            return not self.awaits
        article = self.shown[position]
        if article.revision >= revision:
            return True
        if article.revision != follows or not SOURCE.search(article.html):
            return False
        self.shown[position] = grown(article, revision, kept, content)
        return True

    def requote(self, quote: re.Match) -> None:
        if self.homeless is not None:
            self.homeless[quote[1]] = max(quote, self.homeless.get(quote[1], quote), key=revision_of)
        self.shown = [self.faced(renewed(article, quote)) for article in self.shown]

    def remove(self, id: str) -> None:
        self.removed.add(id)
        self.shown = [article for article in self.shown if article.id != id]

    def take(self, loaded: list[Article], cursor: int) -> None:
        for article in loaded:
            newest = newer(article, (self.homeless or {}).get(article.id))
            for news in (self.homeless or {}).values():
                newest = renewed(newest, news) if isinstance(news, re.Match) else newest
            self.append(newest, cursor, live=True)

    def take_rest(self, cursor: int) -> None:
        said = [news for news in (self.homeless or {}).values() if isinstance(news, Article)]
        self.take([article for article in said if article.number > self.last], cursor)

    def precede(self, html: str, cursor: int) -> None:
        """static/lib/history.js: what was loaded for the beginning of the list."""
        self.older = pager_in(html, "before")
        self.take(articles(html)[::-1], cursor)

    def follow(self, html: str, cursor: int) -> None:
        """And for its end."""
        self.gap = None
        self.take(articles(html), cursor)
        if gap := pager_in(html, "after"):
            self.gap = gap
        else:
            self.take_rest(cursor)

    def update(self, article: Article, reset: bool) -> None:
        position = self.position(article.id)
        if reset or article.revision > self.shown[position].revision:
            self.shown[position] = self.faced(article)

    def insert(self, article: Article) -> None:
        place = len(self.shown)
        while place > 0 and self.shown[place - 1].number > article.number:
            place -= 1
        self.shown.insert(place, self.faced(article))

    @property
    def last(self) -> int:
        return self.shown[-1].number if self.shown else 0

    def position(self, id: str) -> int | None:
        return next((i for i, article in enumerate(self.shown) if article.id == id), None)


def grown(article: Article, revision: int, kept: int, content: str) -> Article:
    text, tag, row = content.partition("<")
    found = SOURCE.search(article.html)
    before = unescape(found[1])
    assert article.html.startswith(before, found.end()), "the body is not what its source says"
    source = before.encode("utf-16-le")[: 2 * kept].decode("utf-16-le") + unescape(text)
    said = f' data-source="{escape(source)}">'
    if row:
        html = SOURCE.sub(lambda empty: said, tag + row).replace(SLOT, source)
    else:
        head, rest = article.html[: found.start()], article.html[found.end() + len(before) :]
        html = (
            head.replace(f'data-revision="{article.revision}"', f'data-revision="{revision}"', 1) + said + source + rest
        )
    return articles(html)[0]


def newer(article: Article, other: Article | None) -> Article:
    return other if other is not None and other.revision > article.revision else article


def renewed(article: Article, quote: re.Match) -> Article:
    """With ``quote`` in place of an older one of the same message."""

    def newest(shown: re.Match) -> str:
        return quote[0] if shown[1] == quote[1] and revision_of(quote) > revision_of(shown) else shown[0]

    return replace(article, html=QUOTE.sub(newest, article.html))


def revision_of(quote: re.Match) -> int:
    return int(quote[2])


def pager_in(html: str, side: str) -> int | None:
    return next((int(id) for where, id in PAGER.findall(html) if where == side), None)
