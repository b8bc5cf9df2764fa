"""The list of chats, and one chat's page."""

from flask import Blueprint, Response, abort, current_app, render_template, request

from chatapp.authentication import viewer
from chatapp.edge import OnceCommitted
from chatapp.extensions import limiter, replica
from chatapp.forms import ChatForm, Composer
from chatapp.models import Chat, Message
from chatapp.models.chat_list import ChatList
from chatapp.models.listing import listed
from chatapp.models.message import PAGE_SIZE
from chatapp.models.opening import Opening
from chatapp.models.reach import OutOfReach

from . import id_in_query, lead_to, member_routes
from .favourites import own_line

bp = Blueprint("chats", __name__)


@bp.get("/")
@replica.view
def index():
    open_chats, archived = listed(Chat.offered_to(viewer())), listed(Chat.archived_of(viewer()))
    chat_list = ChatList(viewer())
    return render_template("chats/index.html", chat_list=chat_list, open_chats=open_chats, archived_chats=archived)


@bp.get("/chats/new")
def new():
    return render_template("chats/new.html", form=ChatForm())


@bp.post("/chats")
@limiter.limit(lambda: current_app.config["CHAT_RATE"])
def create():
    form = ChatForm()
    if not form.validate():
        return render_template("chats/new.html", form=form), 422
    chat = Chat.start(viewer(), **form.settings)
    return OnceCommitted(lead_to_chat, chat)


def lead_to_chat(chat: Chat) -> Response:
    return lead_to("chats.show", id=chat.id)


@bp.get("/chats/<int:id>")
def show(id: int):
    chat = Chat.find(id, viewer())
    return page_around(chat, id_in_query("around")) if "around" in request.args else page(chat, Composer())


def page(chat: Chat, composer: Composer) -> str:
    """A chat's page at its end."""
    # Before the rows: what changes in between is sent again, and nothing is missed.
    revision = chat.revision
    messages, older = chat.page_of_messages()
    opening = Opening(chat, viewer(), messages)
    if opening.size > PAGE_SIZE:
        messages, older = chat.page_of_messages(size=opening.size)
    return show_page(chat, composer, opening=opening, revision=revision, messages=messages, older=older)


def page_around(chat: Chat, message_id: int | None) -> Response | str:
    """A chat's page that opens at one of its messages, or a redirect to its end."""
    revision = chat.revision
    try:
        message = Message.find(message_id or 0, viewer())
    except OutOfReach:
        return lead_to("chats.show", "The message is no longer there. This is the end of its chat.", id=chat.id)
    if message.chat_id != chat.id:
        return lead_to_chat(chat)
    messages, older, newer = chat.messages_around(message)
    shown = {"messages": messages, "older": older, "newer": newer, "target": message}
    shown["opening"] = Opening(chat, viewer())
    return show_page(chat, Composer(), revision=revision, **shown)


def show_page(chat: Chat, composer: Composer, **shown) -> str:
    return render_template("chats/show.html", chat=chat, composer=composer, thread_id=thread_in_query(chat), **shown)


def thread_in_query(chat: Chat) -> int:
    """The message of this chat whose replies the page shows beside it, ``?thread=52``; 0 for none."""
    id = id_in_query("thread")
    return id if id and Message.quotable(chat, id) else 0


@bp.get("/chats/<int:id>/edit")
def edit(id: int):
    chat = Chat.find(id, viewer())
    if not viewer().can_change(chat):
        return refused(chat)
    return settings(chat, ChatForm(obj=chat))


def settings(chat: Chat, form: ChatForm) -> str:
    can_manage = viewer().can_manage(chat)
    shown = {"can_manage": can_manage, "offers_tools": can_manage and chat.offers_tools, "listed": own_line(chat)}
    return render_template("chats/edit.html", chat=chat, form=form, **shown)


def update(id: int):
    form = ChatForm(obj=Chat.find(id, viewer()))
    valid = form.validate()
    chat = Chat.find(id, viewer(), to_change=valid)
    if not viewer().can_change(chat):
        return refused(chat)
    if not valid:
        return settings(chat, form), 422
    if viewer().can_manage(chat):
        chat.change(**{name: value for name, value in form.settings.items() if name != "description"})
    else:
        chat.title = form.title.data
    chat.description = form.description.data
    return lead_to_chat(chat)


def refused(chat: Chat):
    """Tells a visitor of an open chat that members can change it, and how to join."""
    if chat.is_direct:
        abort(403, "A direct chat has no title and no settings.")
    return render_template("chats/visitor.html", chat=chat), 403


member_routes(bp, "/chats/<int:id>", update=update)
