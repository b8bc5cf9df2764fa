"""The tools of a server: an administrator says which of them assistants may use."""

from flask import Blueprint

from chatapp import audit
from chatapp.authentication import administrator
from chatapp.edge import OnceCommitted
from chatapp.forms import OfferedToolsForm

from . import member_routes
from .tool_servers import lead_to_server, limited, page, tool_server

bp = Blueprint("offered_tools", __name__, url_prefix="/tool-servers/<int:id>/tools")


def update(id: int):
    admin, server = administrator(), tool_server(id, to_change=True)
    form = OfferedToolsForm()
    if not form.validate():
        return page(admin, server), 422
    server.allow(form.ids)
    audit.note_once_committed(f"tools of server {id} allowed", admin)
    return OnceCommitted(lead_to_server, server, "Saved.")


member_routes(bp, "", update=update, limited=limited)
