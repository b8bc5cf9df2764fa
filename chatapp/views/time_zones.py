"""The time zone that a browser tells, for people who have not chosen any."""

from flask import Blueprint, Response

from chatapp.authentication import viewer
from chatapp.forms import TimeZoneForm

bp = Blueprint("time_zones", __name__)


@bp.post("/time_zones")
def create():
    form = TimeZoneForm()
    if not form.validate():
        return Response(form.time_zone.errors[0], 422, mimetype="text/plain")
    viewer().time_zone = viewer().time_zone or form.time_zone.data
    return Response(status=204, mimetype="text/plain")
