"""The service worker: the script between a browser's pages and the network."""

from flask import Blueprint, Response

from chatapp.authentication import public
from chatapp.extensions import assets

bp = Blueprint("service_workers", __name__)


@bp.get("/service_worker.js")
@public
def show():
    # A browser installs it again when a byte differs. So each release that changes the kept files replaces it.
    kept = f"// {assets.url('application.css')} {assets.url('offline.js')}\n"
    response = Response(kept + assets.text("service_worker.js"), mimetype="text/javascript")
    response.cache_control.no_cache = True
    return response
