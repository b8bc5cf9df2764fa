"""What templates can call. None of it needs a request, except ``style_nonce``."""

import secrets
from functools import cache

from flask import Flask, current_app, g
from markupsafe import Markup
from werkzeug.routing import Map, MapAdapter

from .extensions import assets, emoji_list
from .lib import markdown, search_marks, user_agents
from .models.mixins.reactable import USUAL
from .turbo import dom_id, render

INITIALS = 2


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(
        asset=assets.url,
        dom_id=dom_id,
        emoji_list=emoji_list,
        path_to=path_to,
        style_nonce=style_nonce,
        start_script=start_script,
        still=still,
        usual_emoji=USUAL,
    )
    app.jinja_env.filters.update(
        initials=initials,
        markdown=markdown.to_html,
        excerpt=markdown.excerpt,
        found_in=search_marks.excerpt,
        device=user_agents.name_of,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def path_to(endpoint: str, **values) -> str:
    """The path of an endpoint: the same in a request, a job or a shell, where url_for asks for SERVER_NAME."""
    values = {name: value for name, value in values.items() if value is not None}
    return _paths(current_app.url_map).build(endpoint, values)


@cache
def _paths(url_map: Map) -> MapAdapter:
    return url_map.bind("")


def still(partial: str) -> Markup:
    """A partial that shows the same to everybody at any time. Each process renders it once."""
    if current_app.jinja_env.auto_reload:  # somebody is editing the templates
        return render(partial)
    kept = current_app.extensions.setdefault("still partials", {})
    if partial not in kept:
        kept[partial] = render(partial)
    return kept[partial]


def start_script() -> Markup:
    """The inline script of each page. The page's policy allows exactly this text, by its hash."""
    return Markup(assets.text("start.js"))


def style_nonce() -> str:
    """Allows the one style element that Turbo makes, for its progress bar."""
    if "style_nonce" not in g:
        g.style_nonce = secrets.token_urlsafe(16)
    return g.style_nonce


def initials(name: str) -> str:
    """``"AL"`` for ``"Ada Lovelace"``."""
    return "".join(word[0] for word in name.split()[:INITIALS]).upper()
