"""What models cost."""

from flask import Blueprint

from chatapp import audit
from chatapp.authentication import administrator
from chatapp.edge import OnceCommitted
from chatapp.extensions import db
from chatapp.forms import PriceForm
from chatapp.models import Price

from . import budgets, lead_to, member_routes

bp = Blueprint("prices", __name__, url_prefix="/prices")


@bp.post("")
def create():
    """A new price, or another one for the same model."""
    admin, form = administrator(), PriceForm()
    if not form.validate():
        return budgets.page(price_form=form), 422
    Price.set(form.model.data, form.tokens_in.amount, form.tokens_out.amount)
    audit.note_once_committed("price of a model set", admin)
    return OnceCommitted(lead_to, "budgets.show", f"The price of {form.model.data} is saved.")


def destroy(id: int):
    admin = administrator()
    price = db.get_or_404(Price, id)
    db.session.delete(price)
    audit.note_once_committed("price of a model removed", admin)
    return OnceCommitted(lead_to, "budgets.show", f"The price of {price.model} is removed.")


member_routes(bp, "/<int:id>", destroy=destroy)
