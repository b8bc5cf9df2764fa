"""The page that a service worker keeps in the browser and shows while the server is out of reach."""

from flask import Blueprint, render_template

from chatapp.authentication import public

bp = Blueprint("offline_pages", __name__)


@bp.get("/offline")
@public
def show():
    return render_template("offline_pages/show.html")
