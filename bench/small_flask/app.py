"""The smallest Flask app with accounts, forms and a database that saves a message, renders it and tells its process.

It does what the Rails app beside it does (bench/peers/action_cable/config.ru), in the ways of the extensions' own
documentation.
"""

import os
from datetime import UTC, datetime

from flask import Flask, render_template
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect, FlaskForm
from flask_wtf.csrf import generate_csrf
from sqlalchemy import ForeignKey, event
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length


class Base(DeclarativeBase):
    pass


app = Flask(__name__)
app.config["SECRET_KEY"] = "bench"
app.config["SQLALCHEMY_DATABASE_URI"] = f"sqlite:///{os.environ['DIRECTORY']}/small.sqlite3"
db, login_manager = SQLAlchemy(app, model_class=Base), LoginManager(app)
CSRFProtect(app)
readers = []  # functions, as Action Cable's adapter in memory has them


class User(UserMixin, db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]


class Message(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("user.id"))
    content: Mapped[str]
    created_at: Mapped[datetime] = mapped_column(default=lambda: datetime.now(UTC))
    author: Mapped[User] = relationship()


class MessageForm(FlaskForm):
    content = TextAreaField(validators=[DataRequired(), Length(max=10_000)])


@login_manager.user_loader
def load_user(id: str) -> User | None:
    return db.session.get(User, int(id))


@app.get("/login")
def log_in():
    login_user(db.session.get(User, 1))
    return generate_csrf()


@app.post("/messages")
@login_required
def create():
    form = MessageForm()
    if not form.validate_on_submit():
        return form.errors, 422
    message = Message(author=current_user._get_current_object(), content=form.content.data)
    db.session.add(message)
    db.session.commit()
    html = render_template("message.html", message=message)
    for tell in readers:
        tell(html)
    return html, 201


with app.app_context():
    # As the product and the Rails app have it.
    @event.listens_for(db.engine, "connect")
    def settle(connection, _) -> None:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")

    db.create_all()
    db.session.add(User(name="Ada"))
    db.session.commit()
