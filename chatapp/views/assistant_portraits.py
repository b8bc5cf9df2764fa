"""The pictures of assistants, which administrators choose."""

from flask import Blueprint

from chatapp.authentication import administrator
from chatapp.bodies import body_with_picture
from chatapp.edge import OnceCommitted

from . import member_routes
from .assistants import assistant, lead_to_assistant, page
from .portraits import limited, portray

bp = Blueprint("assistant_portraits", __name__)


@body_with_picture
def update(id: int):
    admin, user = administrator(), assistant(id)
    saved = OnceCommitted(lead_to_assistant, user, "The picture is changed.")
    return portray(user, lambda form: page(admin, user, portrait_form=form), saved)


def destroy(id: int):
    administrator()
    user = assistant(id)
    user.portray(None)
    return OnceCommitted(lead_to_assistant, user, "The picture is removed.")


member_routes(bp, "/assistants/<int:id>/portrait", update=update, destroy=destroy, limited=limited)
