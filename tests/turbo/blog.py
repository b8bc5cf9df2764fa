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
    Reader,
    Streamable,
    Turbo,
    dom_id,
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
    "_comments.html": '<div id="{{ post.comments_id }}">'
    "{% for comment in comments %}{{ comment.to_html() }}{% endfor %}</div>",
}
#: No heartbeat ever comes: what a test waits for has to happen for its own reason.
SETTINGS = {"TURBO_HEARTBEAT_SECONDS": 600, "TURBO_RETRY_MS": 1000, "TURBO_STREAMS_PER_PROCESS": 10}


class Author(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Post(Streamable, Broadcastable, db.Model):
    broadcast_ignores = frozenset({"revision", "header_revision"})

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
        return db.session.scalar(select(func.count()).where(Follower.post_id == self.id))

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

    def follow(self, author: Author) -> "Follower":
        follower = Follower(post=self, author=author)
        db.session.add(follower)
        return follower


class Follower(db.Model):
    """Counted in the header of the post."""

    broadcast_touches = ("post",)

    id: Mapped[int] = mapped_column(primary_key=True)
    post_id: Mapped[int] = mapped_column(ForeignKey("post.id"))
    author_id: Mapped[int] = mapped_column(ForeignKey("author.id"))

    post: Mapped[Post] = relationship()
    author: Mapped[Author] = relationship()


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


def create_blog(database_url: str, redis_url: str, turbo: Turbo = turbo, **settings) -> Flask:
    app = Flask("blog")
    app.config.update(SETTINGS, SQLALCHEMY_DATABASE_URI=database_url, TURBO_REDIS_URL=redis_url, **settings)
    app.jinja_loader = DictLoader(TEMPLATES)
    db.init_app(app)
    turbo.init_app(app, db)
    app.add_url_rule("/posts/<int:id>/stream", view_func=stream)
    app.add_url_rule("/limited", "limited", put_off)
    with app.app_context():
        db.create_all()
    return app
