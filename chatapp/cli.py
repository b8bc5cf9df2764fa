"""What an administrator does from a shell. All of it is live in open pages, as everything is."""

from functools import wraps

import click
from flask import Flask
from flask.cli import AppGroup

from .extensions import db
from .models import Chat, User
from .models.reach import Archived, OutOfReach
from .turbo import again_after_conflict

chats = AppGroup("chats", help="Chats.")
users = AppGroup("users", help="Accounts.")


def init_app(app: Flask) -> None:
    app.cli.add_command(chats)
    app.cli.add_command(users)


def edge(command):
    """Runs ``command`` once more if the database gave it up because of another transaction, as views are."""

    @wraps(command)
    def run(**arguments):
        again_after_conflict(db.session(), lambda: command(**arguments))

    return run


@chats.command("post")
@click.argument("chat_id", type=int)
@click.argument("email")
@click.argument("content")
@edge
def post(chat_id: int, email: str, content: str) -> None:
    """Write CONTENT into the chat CHAT_ID as the user with EMAIL."""
    chat = db.session.get(Chat, chat_id) or fail(f"There is no chat {chat_id}.")
    try:
        message = chat.post(user_with(email), content)
    except OutOfReach:
        fail(f"{email} is not a member of {chat.display_title}. Add them first.")
    except Archived:
        fail(f"{chat.display_title} is archived. Bring it back first.")
    db.session.commit()
    click.echo(f"Message {message.id} is in {chat.display_title}.")


@users.command("promote")
@click.argument("email")
@edge
def promote(email: str) -> None:
    """Make the user with EMAIL an administrator."""
    user_with(email).admin = True
    db.session.commit()
    click.echo(f"{email} is an administrator now.")


@users.command("deactivate")
@click.argument("email")
@edge
def deactivate(email: str) -> None:
    """Log the user with EMAIL out everywhere, for good."""
    user_with(email).deactivate()
    db.session.commit()
    click.echo(f"{email} can't log in any more. What was written stays.")


def user_with(email: str) -> User:
    return User.with_email(email) or fail(f"Nobody has the e-mail address {email}.")


def fail(message: str):
    raise click.ClickException(message)
