"""What administrators decide about the cost of assistants: the budgets. Prices are in prices.py."""

from flask import Blueprint, render_template

from chatapp import audit
from chatapp.authentication import administrator
from chatapp.edge import OnceCommitted
from chatapp.forms import BudgetForm, PriceForm
from chatapp.models import Budget, Figure, Price

from . import lead_to

bp = Blueprint("budgets", __name__)


@bp.get("/budget")
def show():
    administrator()
    return page()


@bp.post("/budget")
def update():
    admin, form = administrator(), BudgetForm()
    if not form.validate():
        return page(form=form), 422
    Budget.decide(form.currency.data, form.unit.data, **form.limits)
    audit.note_once_committed("budgets changed", admin)
    return OnceCommitted(lead_to, "budgets.show", "Saved.")


def page(form: BudgetForm | None = None, price_form: PriceForm | None = None) -> str:
    """The page with both forms, one of which may be a refused one."""
    budget, prices = Budget.now(), Price.all()
    form = form or BudgetForm(formdata=None).show(budget)
    shown = {"budget": budget, "prices": prices, "unpriced": Figure.models_without(prices)}
    return render_template("budgets/show.html", form=form, price_form=price_form or PriceForm(formdata=None), **shown)
