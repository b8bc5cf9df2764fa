"""Logs to stdout, each line with the id of the request it belongs to."""

import logging
import re
import secrets
import sys

from flask import Flask, Response, g, has_request_context, request

HEADER = "X-Request-Id"
_HARMLESS = re.compile(r"[A-Za-z0-9._:-]{1,100}")


class RequestId(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id() if has_request_context() else "-"
        return True


def init_app(app: Flask) -> None:
    handler = logging.StreamHandler(sys.stdout)
    handler.addFilter(RequestId())
    handler.setFormatter(logging.Formatter("%(levelname)s [%(request_id)s] %(name)s: %(message)s"))
    logging.basicConfig(level=app.config["LOG_LEVEL"], handlers=[handler], force=True)
    logging.getLogger("httpx2").setLevel(logging.WARNING)
    app.after_request(show_request_id)


def request_id() -> str:
    """The router's id for this request, or one of our own."""
    if "request_id" not in g:
        g.request_id = id_for(request.headers.get(HEADER, ""))
    return g.request_id


def id_for(given: str) -> str:
    """Returns the ``given`` id of a request, or a new one where that is missing or not harmless."""
    return given if _HARMLESS.fullmatch(given) else secrets.token_hex(8)


def show_request_id(response: Response) -> Response:
    response.headers[HEADER] = request_id()
    return response
