"""Another app with live pages: posts, comments and likes of the comments, which follow CONTRIBUTING's recipe."""

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from jinja2 import DictLoader
from markupsafe import Markup
from sqlalchemy import ForeignKey, Select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from chatapp.lib import redis_client, sqlite
from chatapp.turbo import Broadcastable, BroadcastableRow, Streamable, Turbo, dom_id, turbo_stream


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})

COMMENT = (
    '<p id="comment_{{ comment.id }}">{{ comment.author.name }}: {{ comment.text }}'
    "{% for like in comment.likes %} [{{ like.author.name }}]{% endfor %}</p>"
)
SETTINGS = {
    "HEARTBEAT_SECONDS": 600,
    "STREAM_RETRY_MS": 1000,
    "STREAM_MIN_AGE_SECONDS": 600,
    "STREAM_MAX_AGE_SECONDS": 600,
    "STREAMS_PER_PROCESS": 10,
    "STREAMS_PER_USER": 10,
}


class Author(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Post(Streamable, Broadcastable, db.Model):
    broadcast_ignores = frozenset({"revision", "header_revision"})

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(default="")
    header_revision: Mapped[int] = mapped_column(default=0)

    @property
    def broadcast_to(self) -> "Post":
        return self

    def stamp(self, revision: int, created: bool) -> None:
        self.header_revision = revision

    def fragment(self, since: int) -> Markup:
        return turbo_stream("replace", dom_id(self), self.title)

    def changed_since(self, revision: int) -> Select:
        return Comment.with_shown().where(Comment.post_id == self.id, Comment.revision > revision)


class Comment(BroadcastableRow, db.Model):
    broadcast_partial = "comment.html"
    broadcast_shows = ("author", "likes.author")

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))
    text: Mapped[str] = mapped_column(default="")

    post: Mapped[Post] = relationship()
    author: Mapped[Author] = relationship()
    likes: Mapped[list["Like"]] = relationship(back_populates="comment", order_by="Like.id")

    @property
    def broadcast_to(self) -> Post:
        return self.post

    @property
    def broadcast_target(self) -> str:
        return dom_id(self.post, "comments")

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


def create_blog(database_url: str, redis_url: str, **settings) -> Flask:
    app = Flask("blog")
    app.config.update(SETTINGS, SQLALCHEMY_DATABASE_URI=database_url, REDIS_URL=redis_url, **settings)
    app.jinja_loader = DictLoader({"comment.html": COMMENT})
    db.init_app(app)
    Turbo().init_app(app, db, redis_client.client(redis_url))
    with app.app_context():
        sqlite.configure(db.engine)
        db.create_all()
    return app
