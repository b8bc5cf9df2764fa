"""Thumbnails of pictures."""

from flask import Blueprint, abort

from chatapp.lib.file_names import disposition

from .attachments import found, served

bp = Blueprint("thumbnails", __name__, url_prefix="/attachments/<int:id>/thumbnail")


@bp.get("")
def show(id: int):
    attachment = found(id)
    if not attachment.is_picture:
        abort(404)
    return served(attachment.thumbnail_key, "image/webp", disposition("thumbnail.webp", inline=True))
