"""The figures of one answer: what it read and wrote, how long that took, and what it cost."""

from flask import Blueprint, render_template

from chatapp.authentication import viewer
from chatapp.models import Budget, Figure, Message

from .members import only_members

bp = Blueprint("figures", __name__)


@bp.get("/messages/<int:message_id>/figures")
def index(message_id: int):
    message = Message.find(message_id, viewer())
    only_members(message.chat)
    figures, currency = Figure.of_message(message.id), Budget.now().currency
    return render_template("figures/index.html", message=message, figures=figures, currency=currency)
