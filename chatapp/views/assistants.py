"""Assistants, for administrators: the list of them, their settings, and adding one."""

from flask import Blueprint, abort, current_app, render_template

from chatapp import audit
from chatapp.authentication import administrator
from chatapp.bodies import large_body
from chatapp.edge import OnceCommitted, committed
from chatapp.extensions import db, limiter
from chatapp.forms import AssistantForm, PortraitForm
from chatapp.models import Assistant, User
from chatapp.models.assistant import NameTaken, Setup

from . import lead_to, member_routes

bp = Blueprint("assistants", __name__, url_prefix="/assistants")

TAKEN = "Somebody has just taken a name that looks like this one. Choose another name."
limited = limiter.limit("30 per minute; 120 per hour")


@bp.get("")
def index():
    administrator()
    committed(User.assistant)  # the built-in one may not be needed yet
    config = current_app.config
    lines = [(user, own, Setup.of(user, config)) for user, own in Assistant.all()]
    return render_template("assistants/index.html", lines=lines)


@bp.get("/new")
def new():
    return render_template("assistants/new.html", form=form_for(administrator(), formdata=None))


@bp.post("")
@limited
@large_body
def create():
    admin = administrator()
    form = form_for(admin)
    if form.validate():
        try:
            user = Assistant.add(form.name.data, **form.settings).user
        except NameTaken:
            form.name.errors = [TAKEN]
        else:
            audit.note_once_committed(f"assistant {user.id} added", admin)
            notice = f"{user.name} is here. Say hello to see whether it answers."
            return OnceCommitted(lead_to_assistant, user, notice)
    form.keep_key()
    return render_template("assistants/new.html", form=form), 422


@bp.get("/<int:id>/edit")
def edit(id: int):
    return page(administrator(), assistant(id))


@large_body
def update(id: int):
    admin, user = administrator(), assistant(id)
    own = db.session.get(Assistant, id)
    form = form_for(admin, user, own)
    if form.validate():
        try:
            save(form, own)
        except NameTaken:
            form.name.errors = [TAKEN]
        else:
            audit.note_once_committed(f"assistant {id} changed", admin)
            return OnceCommitted(lead_to_assistant, user, "Saved.")
    form.keep_key()
    return page(admin, user, form=form), 422


def save(form: AssistantForm, own: Assistant | None) -> None:
    if own is None:
        Assistant.edit_built_in(form.name.data, **form.settings)
    else:
        own.change(form.name.data, **form.settings)


def destroy(id: int):
    """Have the built-in assistant use the environment's settings again."""
    admin, user = administrator(), assistant(id)
    if user.added:
        return lead_to_assistant(user, "This assistant has no settings but its own. Retire it instead.")
    if own := db.session.get(Assistant, id):
        own.forget()
        audit.note_once_committed(f"assistant {id} has the settings of the environment", admin)
    return OnceCommitted(lead_to_assistant, user, "It has the settings of the environment again.")


def assistant(id: int) -> User:
    user = db.session.get(User, id)
    return user if user and user.is_assistant else abort(404)


def lead_to_assistant(user: User, notice: str):
    return lead_to("assistants.edit", notice, id=user.id)


def form_for(admin: User, user: User | None = None, own: Assistant | None = None, **options) -> AssistantForm:
    return AssistantForm(admin, current_app.config, user, own, **options)


def page(admin: User, user: User, form: AssistantForm | None = None, **shown) -> str:
    """The settings of ``user``. ``shown`` may hold a refused form for a picture, and the answer to a greeting."""
    own, setup = db.session.get(Assistant, user.id), Setup.of(user, current_app.config)
    if form is None:
        form = form_for(admin, user, own, formdata=None)
        form.show(setup)
    shown = {"portrait_form": PortraitForm(formdata=None), "greeting": None} | shown
    return render_template("assistants/edit.html", user=user, own=own, setup=setup, form=form, **shown)


member_routes(bp, "/<int:id>", update=update, destroy=destroy, limited=limited)
