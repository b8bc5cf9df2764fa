"""Retiring an assistant, and bringing it back."""

from flask import Blueprint, abort

from chatapp import audit
from chatapp.authentication import administrator
from chatapp.edge import OnceCommitted
from chatapp.extensions import db
from chatapp.models import Assistant

from . import member_routes
from .assistants import assistant, lead_to_assistant

bp = Blueprint("retirements", __name__, url_prefix="/assistants/<int:id>")


@bp.post("/retirements")
def create(id: int):
    admin, own = administrator(), added(id)
    own.retire()
    audit.note_once_committed(f"assistant {id} retired", admin)
    return OnceCommitted(lead_to_assistant, own.user, f"{own.user.name} is retired. It answers nobody any more.")


def destroy(id: int):
    admin, own = administrator(), added(id)
    own.bring_back()
    audit.note_once_committed(f"assistant {id} brought back", admin)
    return OnceCommitted(lead_to_assistant, own.user, f"{own.user.name} is back, in the chats where it was.")


def added(id: int) -> Assistant:
    """An assistant that can retire. The built-in one can't: chats without one of their own count on it."""
    if not assistant(id).added:
        abort(403, "The built-in assistant can't be retired. Chats say by themselves that none answers.")
    return db.session.get(Assistant, id) or abort(404)


member_routes(bp, "/retirement", destroy=destroy)
