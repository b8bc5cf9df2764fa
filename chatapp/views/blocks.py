"""Blocking a person, and ending the block."""

from flask import Blueprint, abort

from chatapp.authentication import viewer
from chatapp.models import Block, User

from . import lead_to, member_routes

bp = Blueprint("blocks", __name__, url_prefix="/users/<int:user_id>")


@bp.post("/blocks")
def create(user_id: int):
    Block.begin(viewer(), somebody_else(user_id))
    return lead_to("cards.show", user_id=user_id)


def destroy(user_id: int):
    Block.end(viewer(), somebody_else(user_id))
    return lead_to("cards.show", user_id=user_id)


def somebody_else(id: int) -> User:
    user = User.person(id)
    return user if user and user.id != viewer().id else abort(404)


member_routes(bp, "/block", destroy=destroy)
