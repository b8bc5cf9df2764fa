"""Servers whose tools assistants may use, for administrators: the list of them, their settings, and adding one."""

from flask import Blueprint, abort, current_app, render_template

from chatapp import audit
from chatapp.authentication import administrator
from chatapp.edge import OnceCommitted
from chatapp.extensions import db, limiter
from chatapp.forms import ToolServerForm
from chatapp.models import ToolServer, User

from . import lead_to, member_routes

bp = Blueprint("tool_servers", __name__, url_prefix="/tool-servers")

limited = limiter.limit("30 per minute; 120 per hour")


@bp.get("")
def index():
    administrator()
    secret = current_app.config["SECRET_KEY"]
    lines = [(server, server.authorization(secret)[1]) for server in ToolServer.all()]
    return render_template("tool_servers/index.html", lines=lines)


@bp.get("/new")
def new():
    return render_template("tool_servers/new.html", form=form_for(administrator(), formdata=None))


@bp.post("")
@limited
def create():
    admin = administrator()
    form = form_for(admin)
    if not form.validate():
        form.keep_key()
        return render_template("tool_servers/new.html", form=form), 422
    server = ToolServer.add(**form.settings)
    db.session.flush()
    audit.note_once_committed(f"tool server {server.id} added", admin)
    return OnceCommitted(lead_to_server, server, f"{server.name} is added. Try it to see its tools.")


@bp.get("/<int:id>/edit")
def edit(id: int):
    return page(administrator(), tool_server(id))


def update(id: int):
    admin, server = administrator(), tool_server(id, to_change=True)
    form = form_for(admin, server)
    if not form.validate():
        form.keep_key()
        return page(admin, server, form=form), 422
    moved = form.url.data != server.url
    server.change(**form.settings)
    audit.note_once_committed(f"tool server {id} changed", admin)
    return OnceCommitted(lead_to_server, server, "Saved. Try it to see its tools." if moved else "Saved.")


def destroy(id: int):
    admin, server = administrator(), tool_server(id, to_change=True)
    server.remove()
    audit.note_once_committed(f"tool server {id} removed", admin)
    return OnceCommitted(lead_to, "tool_servers.index", f"{server.name} is removed.")


def tool_server(id: int, to_change: bool = False) -> ToolServer:
    options = {"with_for_update": True, "populate_existing": True} if to_change else {}
    return db.session.get(ToolServer, id, **options) or abort(404)


def lead_to_server(server: ToolServer, notice: str):
    return lead_to("tool_servers.edit", notice, id=server.id)


def form_for(admin: User, server: ToolServer | None = None, **options) -> ToolServerForm:
    return ToolServerForm(admin, current_app.config["SECRET_KEY"], server, **options)


def page(admin: User, server: ToolServer, form: ToolServerForm | None = None, **shown) -> str:
    """The page of a server and its tools.

    ``trial`` is the outcome of a trial made just now, ``refusal`` says why the ``chosen`` tools were not saved.
    """
    if form is None:
        form = form_for(admin, server, formdata=None)
        form.show()
    lost = server.authorization(current_app.config["SECRET_KEY"])[1]
    return render_template("tool_servers/edit.html", server=server, form=form, key_is_lost=lost, **shown)


member_routes(bp, "/<int:id>", update=update, destroy=destroy, limited=limited)
