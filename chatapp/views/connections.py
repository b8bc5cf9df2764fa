"""What the network between browser and server does to a stream, for users and admins."""

from urllib.parse import urlsplit

from flask import Blueprint, current_app, render_template, request

bp = Blueprint("connections", __name__)


@bp.get("/connection")
def show():
    config = current_app.config
    return render_template(
        "connections/show.html",
        site=request.host_url.rstrip("/"),
        host=urlsplit(request.host_url).hostname,
        upstream=f"http://127.0.0.1:{config['PORT']}",
        cookie=config["SESSION_COOKIE_NAME"],
        heartbeat=config["TURBO_HEARTBEAT_SECONDS"],
    )
