"""The card of a person or an assistant: the name, the local time, and the way to write to them."""

from flask import Blueprint, abort, render_template

from chatapp.authentication import viewer
from chatapp.lib.time_zones import time_in
from chatapp.models import Block, User
from chatapp.models.presence import here

bp = Blueprint("cards", __name__)


@bp.get("/users/<int:user_id>")
def show(user_id: int):
    """A page, or the part of it that a frame asks for."""
    user = User.known(user_id) or abort(404)
    shown = {"time": local_time(user), "here": here([user], viewer()), "blocked": Block.exists(viewer(), user)}
    return render_template("cards/show.html", user=user, **shown)


def local_time(user: User) -> str | None:
    """The time where that person is, ``"14:05"`` or ``"2:05 pm"``, as the viewer likes clocks."""
    there = time_in(user.time_zone)
    if there is None:
        return None
    return (
        f"{there:%I:%M} {'am' if there.hour < 12 else 'pm'}".lstrip("0") if viewer().clock == "12" else f"{there:%H:%M}"
    )
