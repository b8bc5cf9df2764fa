"""Signing up."""

from flask import Blueprint, Response, current_app, redirect, render_template
from flask_login import current_user
from sqlalchemy.exc import IntegrityError

from chatapp.authentication import asks_for_setup_token, log_in, page_after_login, public, setup_token
from chatapp.extensions import db, limiter
from chatapp.forms import FounderForm, UserForm
from chatapp.models import User

bp = Blueprint("users", __name__)

TAKEN = "There is an account with this e-mail already. Log in instead."


@bp.get("/signup")
@public
def new():
    if current_user.is_authenticated:
        return redirect(page_after_login(), 303)
    return render_template("users/new.html", form=blank_form())


@bp.post("/signup")
@public
@limiter.limit(lambda: current_app.config["SIGNUP_RATE"])
def create():
    form = blank_form()
    if not form.validate():
        return render_template("users/new.html", form=form), 422
    try:
        founder = form.founder or current_app.config["SETUP_WITHOUT_TOKEN"]
        user = User.sign_up(form.name.data, form.email.data, form.password.data, founder)
        db.session.flush()
    except IntegrityError:
        db.session.rollback()
        form.email.errors = [TAKEN]
        return render_template("users/new.html", form=form), 422
    log_in(user)
    db.session.commit()
    return redirect(page_after_login(), 303)


def blank_form() -> UserForm:
    return FounderForm(setup_token()) if asks_for_setup_token() else UserForm()


@bp.get("/users/<int:id>.css")
@public
def style(id: int):
    """Says what is the viewer's own, so that the fragments, which everybody gets, need not know."""
    css = (
        f'[data-author-id="{id}"]{{--message-side:flex-end;--message-background:var(--own-background);'
        "--message-ink:var(--own-ink);--message-own-actions:flex;--message-others-only:none}"
        f'[data-user-id="{id}"]{{--own-only:inline;--others-only:none}}'
        f'.chat__header:not([data-member-ids~="{id}"])~.join{{display:flex}}'
    )
    response = Response(css, mimetype="text/css")
    response.cache_control.private = True
    response.cache_control.max_age = 86400
    return response
