"""Messages: sending, reading earlier ones, changing and deleting."""

from functools import partial

from flask import Blueprint, Response, abort, current_app, redirect, render_template, request

from chatapp.authentication import viewer
from chatapp.bodies import body_with_files, large_body
from chatapp.edge import OnceCommitted
from chatapp.extensions import db, limiter, replica
from chatapp.forms import Composer, MessageForm, NewMessageForm, PlainText
from chatapp.helpers import path_to
from chatapp.models import Attachment, Chat, Message, Typing, sending
from chatapp.models.attachment import FilesGone
from chatapp.models.attachment_limits import DoesNotFit
from chatapp.models.message import PAGE_SIZE
from chatapp.turbo import after_commit, dom_id

from . import id_in_query, lead_to, member_routes
from .chats import page
from .quotes import thread

bp = Blueprint("messages", __name__)

TURBO_STREAM = "text/vnd.turbo-stream.html"
limited = limiter.limit(lambda: current_app.config["MESSAGE_RATE"])


@bp.get("/chats/<int:chat_id>/messages")
@replica.view
def index(chat_id: int):
    chat = Chat.find(chat_id, viewer())
    size = wanted_size()
    if before := id_in_query("before"):
        messages, older = chat.page_of_messages(before, size)
        return history(chat, messages=messages, older=older, before=before)
    if after := id_in_query("after"):
        messages, newer = chat.messages_after(after, size)
        return history(chat, messages=messages, newer=newer, after=after)
    return lead_to("chats.show", id=chat.id)


def wanted_size() -> int:
    """How many messages the address asks for, ``?limit=20``; PAGE_SIZE for what is no number or too much."""
    limit = request.args.get("limit", type=int)
    return limit if limit and 0 < limit < PAGE_SIZE else PAGE_SIZE


def history(chat: Chat, **shown) -> str:
    """Messages for the frame that asked, or on a page of their own without scripts."""
    template = "messages/_frame.html" if "Turbo-Frame" in request.headers else "messages/index.html"
    return render_template(template, chat=chat, **shown)


@bp.post("/chats/<int:chat_id>/messages")
@limited
@body_with_files
def create(chat_id: int):
    plain = PlainText.sent()
    if plain and (message := sending.send(chat_id, viewer(), *plain)):
        return once_posted(message)
    chat = Chat.find(chat_id, viewer())
    form = NewMessageForm(chat)
    if not form.validate():
        return kept(chat, form)
    try:
        message = chat.post(viewer(), form.content.data, form.client_id.data or None, form.quoted, uploads(form))
    except DoesNotFit as refusal:
        form.refuse(f"{refusal}")
        return kept(chat, form)
    except FilesGone:
        form.refuse("A file of this message is no longer here. Choose it again.")
        return refused(form, 410) or kept(chat, form)
    if message.chat_id != chat.id:
        abort(422, "This client_id belongs to a message in another chat. Send it again under a new one.")
    return once_posted(message)


def once_posted(message: Message) -> OnceCommitted:
    typing = Typing(message.chat)
    after_commit(db.session(), partial(typing.forget, viewer().id))
    return OnceCommitted(posted, message, typing)


def uploads(form: NewMessageForm) -> list[int]:
    """The ids of the message's files. Files that came with the form are kept now, unless it was sent before."""
    if not form.has_files or Message.with_client_id(viewer(), form.client_id.data or None):
        return form.upload_ids.ids
    files = [Attachment.keep(viewer(), file.filename, file.stream, form.limits) for file in form.files]
    ids = [*form.upload_ids.ids, *(file.id for file in files)]
    Attachment.must_fit_together(viewer(), ids, form.limits)
    return ids


def kept(chat: Chat, form: NewMessageForm):
    """The refusal, with the typed text."""
    if refusal := refused(form):
        return refusal
    composer = Composer.of(form)
    return thread(form.quoted, composer) if form.quoted else page(chat, composer), 422


def posted(message: Message, typing: Typing) -> Response:
    typing.tell_of_end()
    return sent(message, 201)


@bp.get("/messages/<int:id>")
def show(id: int):
    """The permanent address of a message leads to the chat around it."""
    message = Message.find(id, viewer())
    return redirect(f"{path_to('chats.show', id=message.chat_id, around=id)}#{dom_id(message)}", 303)


@bp.get("/messages/<int:id>/edit")
def edit(id: int):
    message = editable(id)
    return render_template("messages/edit.html", message=message, form=MessageForm(obj=message))


@large_body
def update(id: int):
    message, form = editable(id), MessageForm()
    form.has_files = bool(message.first_attachment_id)
    if not form.validate():
        return refused(form) or (render_template("messages/edit.html", message=message, form=form), 422)
    message = editable(id, to_change=True)
    message.edit(form.content.data)
    return OnceCommitted(sent, message, 200)


def destroy(id: int):
    message = Message.find(id, viewer(), to_change=True)
    if not viewer().can_delete(message):
        abort(403, "Only its author or an administrator can delete a message.")
    message.delete()
    return OnceCommitted(sent, message, 200)


def editable(id: int, to_change: bool = False) -> Message:
    message = Message.find(id, viewer(), to_change)
    if message.author_id != viewer().id:
        abort(403, "Only its author can edit a message.")
    message.chat.must_take_writing_of(viewer())
    return message


def refused(form: MessageForm, status: int = 422) -> Response | None:
    """The reason in one line, for a script, which still has the typed text; None for a plain form."""
    if TURBO_STREAM in request.headers.get("Accept", ""):
        return Response(form.first_error, status, mimetype="text/plain")
    return None


def sent(message: Message, status: int) -> Response:
    """The fragment that everybody gets; for a plain form, a redirect to the chat."""
    if TURBO_STREAM in request.headers.get("Accept", ""):
        return Response(message.fragment(since=message.created_revision - 1), status, mimetype=TURBO_STREAM)
    return lead_to("chats.show", id=message.chat_id)


member_routes(bp, "/messages/<int:id>", update=update, destroy=destroy, limited=limited)
