"""The commands of an administrator's shell. Open pages show at once what they change."""

import click
from flask import Flask
from flask.cli import AppGroup, with_appcontext

from .edge import commit_each, for_command
from .extensions import db
from .models import Chat, User, search_text
from .models.demo import Demo, Inhabited
from .models.reach import Archived, OutOfReach, ReadOnly

chats = AppGroup("chats", help="Chats.")
users = AppGroup("users", help="Accounts.")
search = AppGroup("search", help="The search.")


def init_app(app: Flask) -> None:
    app.cli.add_command(chats)
    app.cli.add_command(users)
    app.cli.add_command(demo)
    app.cli.add_command(search)


@click.command("demo")
@with_appcontext
@for_command
def demo() -> str:
    """Fill an empty installation with an example team. Refuses where anybody has an account."""
    example = Demo()
    try:
        example.fill()
    except Inhabited:
        fail("There are people here already. The example team moves into an empty installation only.")
    return (
        f"An example team is here: {', '.join(example.emails)}. All of them have the password {example.password} and "
        "the first one is the administrator. Do not leave it on a server that strangers can reach."
    )


@chats.command("post")
@click.argument("chat_id", type=int)
@click.argument("email")
@click.argument("content")
@for_command
def post(chat_id: int, email: str, content: str) -> str:
    """Write CONTENT into the chat CHAT_ID as the user with EMAIL."""
    chat = db.session.get(Chat, chat_id) or fail(f"There is no chat {chat_id}.")
    try:
        message = chat.post(user_with(email), content)
    except OutOfReach:
        fail(f"{email} is not a member of {chat.display_title}. Add them first.")
    except Archived:
        fail(f"{chat.display_title} is archived. Bring it back first.")
    except ReadOnly:
        fail(f"Only managers write in {chat.display_title}, and {email} does not manage it.")
    return f"Message {message.id} is in {chat.display_title}."


@users.command("promote")
@click.argument("email")
@for_command
def promote(email: str) -> str:
    """Make the user with EMAIL an administrator."""
    user_with(email).admin = True
    return f"{email} is an administrator now."


@users.command("deactivate")
@click.argument("email")
@for_command
def deactivate(email: str) -> str:
    """Log the user with EMAIL out everywhere, for good."""
    user_with(email).deactivate()
    return f"{email} can't log in any more. What was written stays."


@search.command("fill")
def fill() -> None:
    """Let the search find all messages now. The worker does the same, a part at a time."""
    batches = sum(1 for _ in commit_each(search_text.fill_all()))
    click.echo(f"The search knows all messages. {batches} batches of up to {search_text.BATCH} were missing.")


def user_with(email: str) -> User:
    return User.with_email(email) or fail(f"Nobody has the e-mail address {email}.")


def fail(message: str):
    raise click.ClickException(message)
