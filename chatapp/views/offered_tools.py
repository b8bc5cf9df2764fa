"""The tools of a server: an administrator says which of them assistants may use."""

from flask import Blueprint

from chatapp import audit
from chatapp.authentication import administrator
from chatapp.edge import OnceCommitted
from chatapp.forms import OfferedToolsForm
from chatapp.models.tool_server import ToolsChanged

from . import member_routes
from .tool_servers import lead_to_server, limited, page, tool_server

bp = Blueprint("offered_tools", __name__, url_prefix="/tool-servers/<int:id>/tools")


def update(id: int):
    admin, server = administrator(), tool_server(id, to_change=True)
    form = OfferedToolsForm()
    if not form.validate():
        return page(admin, server), 422
    try:
        server.allow(form.chosen)
    except ToolsChanged as refusal:
        return page(admin, server, chosen=form.chosen, refusal=words_for(refusal)), 422
    audit.note_once_committed(f"tools of server {id} allowed", admin)
    return OnceCommitted(lead_to_server, server, "Saved.")


def words_for(refusal: ToolsChanged) -> str:
    words = "Nothing is saved yet."
    if refusal.changed:
        names = ", ".join(tool.shown for tool in refusal.changed)
        words += f" Since you opened this page, the description or the arguments have changed: {names}."
    if refusal.some_gone:
        words += " A tool that you chose is no longer there."
    return f"{words} Look through the tools again, choose what assistants may use, and save."


member_routes(bp, "", update=update, limited=limited)
