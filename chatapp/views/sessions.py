"""Logging in and out, and where one is logged in."""

from flask import Blueprint, current_app, flash, redirect, render_template
from flask_limiter.util import get_remote_address
from flask_login import current_user
from sqlalchemy import select

from chatapp.authentication import log_in, log_out, page_after_login, public, viewer
from chatapp.extensions import db, limiter, login_key
from chatapp.forms import SessionForm
from chatapp.helpers import path_to
from chatapp.models import Session, User

from . import member_routes

bp = Blueprint("sessions", __name__)

WRONG = "That e-mail and password do not belong together. Check both and try again."


@bp.get("/login")
@public
def new():
    if current_user.is_authenticated:
        return redirect(page_after_login(), 303)
    return render_template("sessions/new.html", form=SessionForm(), next=page_after_login())


@bp.post("/login")
@public
@limiter.limit(lambda: current_app.config["LOGIN_RATE"], key_func=login_key)
@limiter.limit(lambda: current_app.config["LOGIN_ADDRESS_RATE"], key_func=get_remote_address)
def create():
    form = SessionForm()
    user = form.validate() and User.authenticate(form.email.data, form.password.data)
    if not user:
        if not form.errors:
            form.password.errors = [WRONG]
        return render_template("sessions/new.html", form=form, next=page_after_login()), 422
    log_in(user)
    db.session.commit()
    return redirect(page_after_login(), 303)


@bp.post("/logout")
@public
def destroy_current():
    log_out()
    db.session.commit()
    return redirect(path_to("sessions.new"), 303)


@bp.get("/sessions")
def index():
    sessions = db.session.scalars(select(Session).filter_by(user_id=viewer().id).order_by(Session.last_seen_at.desc()))
    return render_template("sessions/index.html", sessions=sessions.all(), current_session=viewer().current_session)


def destroy(id: int):
    db.first_or_404(select(Session).filter_by(id=id, user_id=viewer().id)).end()
    db.session.commit()
    flash("Logged out there.", "notice")
    return redirect(path_to("sessions.index"), 303)


member_routes(bp, "/sessions/<int:id>", destroy=destroy)
