"""The versions of a reply: the list, having another one written, and choosing the one that people see."""

from flask import Blueprint, abort, render_template

from chatapp.authentication import viewer
from chatapp.edge import OnceCommitted
from chatapp.extensions import limiter
from chatapp.models import Message
from chatapp.models.mixins.generated import Refused
from chatapp.models.mixins.versioned import VERSIONS
from chatapp.models.reach import OutOfReach

from .members import only_members
from .messages import sent

bp = Blueprint("versions", __name__, url_prefix="/messages/<int:message_id>/versions")

NO_QUESTION = "Its question is gone, so there is nothing to answer."


@bp.get("")
def index(message_id: int):
    message = reply(message_id)
    can_write = viewer().can_write(message.chat)
    return render_template("versions/index.html", message=message, can_write=can_write, most=VERSIONS)


@bp.post("")
@limiter.limit("30 per minute")
def create(message_id: int):
    message = reply(message_id, to_change=True)
    only_members(message.chat)
    if not (message.renewable or message.generating):
        abort(422, NO_QUESTION)
    try:
        message.chat.renew(message, viewer())
    except Refused as refusal:
        abort(422, str(refusal))
    return OnceCommitted(sent, message, 201)


@bp.get("/<int:number>")
def show(message_id: int, number: int):
    message = reply(message_id)
    version = message if number == message.version else message.other_version(number)
    if version is None:
        raise OutOfReach
    can_write = viewer().can_write(message.chat)
    return render_template("versions/show.html", message=message, version=version, number=number, can_write=can_write)


@bp.post("/<int:number>")
def update(message_id: int, number: int):
    """Have everybody see this version from now on."""
    message = reply(message_id, to_change=True)
    only_members(message.chat)
    message.choose_version(number, viewer())
    return OnceCommitted(sent, message, 200)


def reply(id: int, to_change: bool = False) -> Message:
    message = Message.find(id, viewer(), to_change)
    if message.question_id is None:
        raise OutOfReach
    return message
