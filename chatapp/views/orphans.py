"""Chats without a manager. An administrator gives them to somebody without reading anything in them."""

from flask import Blueprint, render_template

from chatapp import audit
from chatapp.authentication import acting, administrator, viewer
from chatapp.edge import OnceCommitted
from chatapp.forms import ManagerForm
from chatapp.models import User
from chatapp.models.orphan import Orphan

from . import lead_to, member_routes

bp = Blueprint("orphans", __name__, url_prefix="/orphans")


@bp.app_context_processor
def for_layout() -> dict:
    """Lets the start page ask whether to link here: where the viewer is an administrator and there are orphans."""
    return {"orphans_exist": lambda: acting() and viewer().admin and Orphan.exist()}


@bp.get("")
def index():
    return page(administrator())


def update(id: int):
    admin = administrator()
    orphan = Orphan.find(id, admin)
    form = ManagerForm()
    manager = next((user for user in orphan.candidates if user.id == form.chosen_id), None)
    if manager is None:
        form.manager.errors = ["Choose one of these people."]
        return page(admin, {orphan.id: form}), 422
    orphan.give_to(manager)
    audit.note_once_committed(f"chat {orphan.id} given to user {manager.id}", admin)
    return OnceCommitted(lead_to, "orphans.index", f"{manager.name} manages the chat now.")


def page(admin: User, refused: dict[int, ManagerForm] | None = None) -> str:
    lines = [(orphan, (refused or {}).get(orphan.id) or ManagerForm(formdata=None)) for orphan in Orphan.all(admin)]
    for orphan, form in lines:
        form.offer(orphan.candidates)
        form.manager.id = f"manager_{orphan.id}"  # the page has several of these forms, and each label names its own
    return render_template("orphans/index.html", lines=lines)


member_routes(bp, "/<int:id>", update=update)
