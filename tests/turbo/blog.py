"""Another app with live pages: posts, comments and likes of the comments, which follow CONTRIBUTING's recipe."""

from flask import Flask, request
from flask_sqlalchemy import SQLAlchemy
from jinja2 import DictLoader
from markupsafe import Markup
from sqlalchemy import ForeignKey, Select, func, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from chatapp.turbo import (
    Broadcastable,
    BroadcastableRow,
    Gone,
    Headed,
    Lister,
    Reader,
    Turbo,
    dom_id,
    heads_html,
    put_off,
    render,
    turbo_stream,
)


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})
turbo = Turbo()

PAGE_SIZE = 50
TEMPLATES = {
    "_header.html": '<h1 id="{{ post.header_id }}">{{ post.title }}, {{ post.followers_count }} followers</h1>',
    "_comment.html": '<p id="comment_{{ comment.id }}">{{ comment.author.name }}: {{ comment.text }}'
    "{% for like in comment.likes %} [{{ like.author.name }}]{% endfor %}</p>",
    "_head.html": '<a id="{{ post.head_id }}" data-head data-revision="{{ post.head_revision }}">'
    "{{ title }}: {{ newest }}</a>",
    "_posts.html": '<ul id="{{ author.list_id }}" data-lists data-revision="{{ author.revision }}">'
    "{% for head in heads %}<li>{{ head }}</li>{% endfor %}</ul>",
    "_comments.html": '<div id="{{ post.comments_id }}">'
    "{% for comment in comments %}{{ comment.to_html() }}{% endfor %}</div>",
}
#: No heartbeat ever comes: what a test waits for has to happen for its own reason.
SETTINGS = {"TURBO_HEARTBEAT_SECONDS": 600, "TURBO_RETRY_MS": 1000, "TURBO_STREAMS_PER_PROCESS": 10}


class Author(Lister, db.Model):
    """Its page is the list of the posts that the author follows."""

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]

    @property
    def list_id(self) -> str:
        return dom_id(self, "posts")

    def listed(self) -> list["Post"]:
        followed = select(Post).join(Follower).where(Follower.author_id == self.id, ~Follower.gone)
        return list(db.session.scalars(followed.order_by(Post.id).execution_options(populate_existing=True)))

    def list_fragments(self, listed: list["Post"]) -> Markup:
        return turbo_stream("replace", self.list_id, render("_posts.html", self, heads=heads_html(listed)))


class Post(Headed, Broadcastable, db.Model):
    broadcast_ignores = frozenset({"revision", "header_revision", "head_revision", "head_digest", "head_changed_at"})

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(default="")
    header_revision: Mapped[int] = mapped_column(default=0)

    @property
    def header_id(self) -> str:
        return dom_id(self, "header")

    @property
    def comments_id(self) -> str:
        return dom_id(self, "comments")

    @property
    def followers_count(self) -> int:
        return db.session.scalar(select(func.count()).where(Follower.post_id == self.id, ~Follower.gone))

    @property
    def broadcast_to(self) -> "Post":
        return self

    def stamp(self, revision: int, created: bool) -> None:
        self.header_revision = revision

    def fragment(self, since: int) -> Markup:
        return turbo_stream("replace", self.header_id, render("_header.html", self))

    def part_fragments(self, since: int) -> Markup:
        return self.fragment(since) if self.header_revision > since else Markup("")

    def changed_since(self, revision: int) -> Select:
        return Comment.with_shown().where(Comment.post_id == self.id, Comment.revision > revision)

    def page_fragments(self, since: int) -> Markup:
        return self.fragment(since) + turbo_stream("replace", self.comments_id, self.render_comments())

    def render_comments(self) -> Markup:
        """The list as a fresh page shows it: the newest comments, oldest first."""
        newest = Comment.with_shown().where(Comment.post_id == self.id, ~Comment.deleted)
        comments = db.session.scalars(newest.order_by(Comment.id.desc()).limit(PAGE_SIZE)).all()
        return render("_comments.html", self, comments=comments[::-1])

    @property
    def head_id(self) -> str:
        return dom_id(self, "head")

    @classmethod
    def read_heads(cls, records: list["Post"]) -> list[tuple]:
        """The titles and the newest comments."""
        return [cls._read_head(post.id) for post in records]

    @staticmethod
    def _read_head(id: int) -> tuple:
        newest = select(Comment.text).where(Comment.post_id == id, ~Comment.deleted).order_by(Comment.id.desc())
        return db.session.scalar(select(Post.title).where(Post.id == id)), db.session.scalar(newest.limit(1))

    def render_head(self, head: tuple) -> Markup:
        return render("_head.html", self, title=head[0], newest=head[1])

    def follow(self, author: Author) -> "Follower":
        follower = Follower(post=self, author=author)
        db.session.add(follower)
        return follower


class Follower(Broadcastable, db.Model):
    """Counted in the header of the post, and what makes the post appear in the author's list."""

    broadcast_touches = ("post",)

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))

    post: Mapped[Post] = relationship()
    author: Mapped[Author] = relationship()
    gone: Mapped[bool] = mapped_column(default=False)

    @property
    def broadcast_to(self) -> Author:
        return self.author

    def stamp(self, revision: int, created: bool) -> None:
        pass

    def fragment(self, since: int) -> None:
        return None

    def bury(self) -> "Follower":
        self.gone = True
        return self


class Comment(BroadcastableRow, db.Model):
    broadcast_partial = "_comment.html"
    broadcast_shows = ("author", "likes.author")
    broadcast_ignores = BroadcastableRow.broadcast_ignores | {"views"}

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int | None] = mapped_column(ForeignKey("post.id"))  # None for a draft
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))
    text: Mapped[str] = mapped_column(default="")
    deleted: Mapped[bool] = mapped_column(default=False)
    views: Mapped[int] = mapped_column(default=0)

    post: Mapped[Post | None] = relationship()
    author: Mapped[Author] = relationship()
    likes: Mapped[list["Like"]] = relationship(back_populates="comment", order_by="Like.id")

    @property
    def broadcast_to(self) -> Post | None:
        return self.post

    @property
    def broadcast_target(self) -> str:
        return self.post.comments_id

    @property
    def broadcast_removed(self) -> bool:
        return self.deleted

    def bury(self) -> "Comment":
        self.deleted = True
        return self

    def like(self, author: Author) -> None:
        self.lock()
        if not any(like.author is author for like in self.likes):
            db.session.add(Like(comment=self, author=author))

    def unlike(self, like: "Like") -> None:
        self.lock()
        if like in self.likes:
            db.session.delete(like)


class Like(db.Model):
    broadcast_touches = ("comment",)

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))

    comment: Mapped[Comment | None] = relationship(back_populates="likes")
    author: Mapped[Author] = relationship()


def write(post: Post, text: str) -> Comment:
    """One more comment, committed. Ada has written them all."""
    comment = Comment(post=post, author=db.session.scalar(select(Author).order_by(Author.id)), text=text)
    db.session.add(comment)
    db.session.commit()
    return comment


def reader(name: str) -> Reader:
    """Only authors may read."""
    author = db.session.scalar(select(Author).filter_by(name=name))
    if author is None:
        raise Gone
    return Reader(f"author:{author.id}", (f"name:{name}",))


def stream(id: int):
    name = request.headers.get("X-Name")
    return turbo.answer(f"post:{id}", lambda: reader(name), lambda: ("Authors only.", 403))


def page_stream():
    name = request.headers.get("X-Name")
    return turbo.answer_page(lambda: reader(name), lambda: ("Authors only.", 403))


def create_blog(database_url: str, redis_url: str, turbo: Turbo = turbo, **settings) -> Flask:
    app = Flask("blog")
    app.config.update(SETTINGS, SQLALCHEMY_DATABASE_URI=database_url, TURBO_REDIS_URL=redis_url, **settings)
    if database_url.startswith("sqlite:"):
        app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {"connect_args": {"timeout": 60}}  # seconds to wait for a writer
    app.jinja_loader = DictLoader(TEMPLATES)
    db.init_app(app)
    turbo.init_app(app, db)
    app.add_url_rule("/posts/<int:id>/stream", view_func=stream)
    app.add_url_rule("/stream", view_func=page_stream)
    app.add_url_rule("/limited", "limited", put_off)
    with app.app_context():
        db.create_all()
    return app
