"""What templates can call. None of it needs a request, except ``style_nonce``."""

import secrets

from flask import Flask, current_app, g
from markupsafe import Markup

from .extensions import assets, emoji_list
from .lib import markdown, search_marks, user_agents
from .models.mixins.reactable import USUAL
from .turbo import dom_id

INITIALS = 2


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(
        asset=assets.url,
        dom_id=dom_id,
        emoji_list=emoji_list,
        path_to=path_to,
        style_nonce=style_nonce,
        start_script=start_script,
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
    return current_app.url_map.bind("").build(endpoint, values)


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
