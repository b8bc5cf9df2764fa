"""Every setting of Plainwire, as the environment gives it, and the checks of a deploy.

The only reader of os.environ. It imports nothing but the standard library, because gunicorn.conf.py loads it
as a package of its own, before gevent has patched the process.
"""

import os
from collections.abc import Mapping
from typing import Any

from .kinds import rate
from .local_files import INSTANCE, PROJECT, local_secret, make_private
from .settings import SETTINGS, Setting

__all__ = ["INSTANCE", "PROJECT", "SETTINGS", "from_environment", "local_secret", "rate"]

#: Variables that platforms set for each process they run: Heroku and Dokku, Render, Fly, Railway, Cloud Run.
PLATFORMS = ("DYNO", "RENDER", "FLY_APP_NAME", "RAILWAY_ENVIRONMENT", "K_SERVICE")
SECRET_LENGTH = 32  # characters
NO_SECRET = "SECRET_KEY must be set in a deploy, to any long random text. One key serves all processes."


def from_environment(environ: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """All of app.config. Raises ValueError with one line that names the variable and says what it accepts."""
    values = {setting.name: read(setting, environ) for setting in SETTINGS}
    platform = any(name in environ for name in PLATFORMS)
    if platform:
        refuse_unsafe_deploy(values)
    values["SECRET_KEY"] = values["SECRET_KEY"] or secret_key(values)
    if values["STREAM_MIN_AGE_SECONDS"] > values["STREAM_MAX_AGE_SECONDS"]:
        raise ValueError("STREAM_MIN_AGE_SECONDS must not be above STREAM_MAX_AGE_SECONDS.")
    make_private(values["DATABASE_URL"])
    return values | {"LOSES_DISK": platform and not values["STORAGE_URL"]}


def read(setting: Setting, environ: Mapping[str, str]) -> Any:
    value = environ.get(setting.name, "").strip()
    if not value:
        return setting.default
    try:
        return setting.kind(value)
    except (ValueError, KeyError):
        shown = "" if setting.name.endswith("_URL") else f", not {value!r}"  # an address may hold a password
        raise ValueError(f"{setting.name} must be {setting.kind.__doc__}{shown}.") from None


def refuse_unsafe_deploy(values: dict[str, Any]) -> None:
    """Raises ValueError for settings that are harmless on a developer's machine and dangerous on a public server."""
    if values["SECRET_KEY"] and len(values["SECRET_KEY"]) < SECRET_LENGTH:
        raise ValueError(
            f"SECRET_KEY has {len(values['SECRET_KEY'])} characters, and a deploy needs at least {SECRET_LENGTH}: "
            "a short one lets strangers guess their way into every account. Make one by: openssl rand -hex 32"
        )
    for name in filter(values.get, ("FLASK_DEBUG", "SETUP_WITHOUT_TOKEN")):
        raise ValueError(f"{name} must not be 1 in a deploy. It is meant for your own machine.")
    if not values["HTTPS"]:
        raise ValueError("HTTPS must be 1 in a deploy: without it, cookies travel in the clear.")
    if not values["SECRET_KEY"]:
        raise ValueError(NO_SECRET)


def secret_key(values: dict[str, Any]) -> str:
    if not values["DATABASE_URL"].startswith("sqlite"):
        raise ValueError(NO_SECRET)
    return local_secret("secret_key")
