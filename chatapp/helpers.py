"""The functions and filters of templates. Only ``style_nonce`` needs a request."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from functools import cache, lru_cache
from itertools import chain

from flask import Flask, current_app, g
from markupsafe import Markup
from werkzeug.routing import Map, MapAdapter

from .extensions import assets, emoji_list
from .lib import amounts, markdown, search_marks, user_agents
from .models.mixins.reactable import USUAL
from .models.shown_message import ShownMessage
from .turbo import dom_id, render

INITIALS = 2
#: Addresses that a process remembers. A page has dozens, and most are on every page.
ADDRESSES = 4000

#: The mark of a message, by whether it continues the one before, and whether the next one continues it.
MARKS = {
    (False, False): Markup(""),
    (False, True): Markup('<span class="lead" hidden></span>'),
    (True, True): Markup('<span class="joint lead" hidden></span>'),
    (True, False): Markup('<span class="joint" hidden></span>'),
}


def init_app(app: Flask) -> None:
    app.jinja_env.globals.update(
        asset=assets.url,
        asset_at_host=assets.url_at_host,
        dom_id=dom_id,
        emoji_list=emoji_list,
        path_to=path_to,
        style_nonce=style_nonce,
        start_script=start_script,
        still=still,
        usual_emoji=USUAL,
    )
    app.jinja_env.filters.update(
        icon=icon,
        in_groups=in_groups,
        initials=initials,
        markdown=markdown.to_html,
        markdown_of_ours=markdown.to_html_for_links_of_ours,
        excerpt=markdown.excerpt,
        found_in=search_marks.excerpt,
        device=user_agents.name_of,
        money=amounts.money,
        amount=amounts.plain,
        compact=amounts.compact,
        seconds=amounts.seconds,
        month_name=month_name,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def path_to(endpoint: str, **values) -> str:
    """The path of an endpoint: the same in a request, a job or a shell, where url_for asks for SERVER_NAME.

    A list stands for several values of one name.
    """
    given = [(name, tuple(value) if isinstance(value, list) else value) for name, value in values.items()]
    return _path(current_app.url_map, endpoint, *given)


@lru_cache(ADDRESSES)
def _path(url_map: Map, endpoint: str, *values: tuple[str, object]) -> str:
    return _paths(url_map).build(endpoint, {name: value for name, value in values if value is not None})


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


def in_groups(messages: Sequence[ShownMessage]) -> Markup:
    """The HTML of messages in order, with a mark before each that belongs to a group.

    lib/timeline.js applies the same rule to the live page. Joins them in one piece, because each message by itself
    would pass through half a dozen templates.
    """
    joints = [message.continues(previous) for previous, message in zip((None, *messages), messages, strict=False)]
    leads = (*joints[1:], False)
    marked = ((MARKS[joint, lead], one.html) for one, joint, lead in zip(messages, joints, leads, strict=False))
    return Markup("".join(chain.from_iterable(marked)))  # Markup.join would look at each of them once more


@cache
def icon(name: str) -> Markup:
    """An icon of layouts/_icons.html. Decoration only: the words stand beside it.

    It is a filter because Jinja applies filters to constants only once, when it compiles a template.
    """
    return Markup('<svg class="icon" aria-hidden="true"><use href="#icon-{}"/></svg>').format(name)


def month_name(month: str, form: str) -> str:
    """``"Nov"`` for ``"2026-11"`` and ``"%b"``."""
    return datetime.strptime(month, "%Y-%m").strftime(form)


def initials(name: str) -> str:
    """``"AL"`` for ``"Ada Lovelace"``."""
    return "".join(word[0] for word in name.split()[:INITIALS]).upper()
