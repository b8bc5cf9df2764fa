"""Sums of figures: of the viewer, of a chat for its managers, and of the whole place for administrators."""

from flask import Blueprint, abort, render_template, request

from chatapp.authentication import viewer
from chatapp.lib.plot import bars
from chatapp.models import Budget, Chat, Figure
from chatapp.models.totals import Totals, last_months, this_month

bp = Blueprint("totals", __name__)

#: The size of the drawing, in its own units.
WIDTH, HEIGHT = 360, 110


@bp.get("/figures")
def index():
    """The viewer's own sums; with ``?of=everybody`` those of the whole place."""
    everybody = request.args.get("of") == "everybody"
    if everybody and not viewer().admin:
        abort(404)
    totals = Totals() if everybody else Totals(Figure.asker_id == viewer().id)
    accounts = [account for account in Budget.now().accounts(viewer()) if (account.name == "person_day") != everybody]
    lists = {"chats": totals.by_chat(month(), viewer()), "people": totals.by_person(month()) if everybody else None}
    return page(totals, everybody=everybody, accounts=accounts, **lists)


@bp.get("/chats/<int:chat_id>/figures")
def show(chat_id: int):
    chat = Chat.find(chat_id, viewer())
    if not viewer().can_manage(chat):
        abort(403, "The managers of a chat see its figures.")
    totals = Totals(Figure.chat_id == chat.id)
    return page(totals, chat=chat, people=totals.by_person(month()))


def month() -> str:
    """The month that the address names, ``?month=2026-11``; otherwise this month."""
    asked = request.args.get("month")
    return asked if asked in last_months() else this_month()


def page(totals: Totals, **shown) -> str:
    months = totals.by_month()
    in_money = any(row and row.cost for _, row in months)
    values = [measure(row, in_money) for _, row in months]
    plot = {"bars": bars(values, WIDTH, HEIGHT), "in_money": in_money, "largest": max(values), "values": values}
    chosen = {"month": month(), "sums": totals.of_month(month()), "models": totals.by_model(month())}
    budget = Budget.now()
    return render_template("totals/index.html", months=months, plot=plot, budget=budget, **chosen, **shown)


def measure(row, in_money: bool) -> int:
    """What the bar of a month shows."""
    if row is None:
        return 0
    return int((row.cost or 0) if in_money else row.tokens_in + row.tokens_out)
