"""The extensions, unbound: create_app binds them."""

from flask import request
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager, current_user
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf.csrf import CSRFProtect
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

from .lib.assets import Assets
from .lib.queue import Queue
from .turbo import Turbo


class Base(DeclarativeBase):
    # Named constraints, or migrations could not change them later.
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def rate_key() -> str:
    """Limits count per user, and per address where nobody is logged in."""
    return f"user:{current_user.id}" if current_user.is_authenticated else get_remote_address()


def login_key() -> str:
    """Guesses count per address and account: a crowd behind one address does not lock each other out."""
    return f"{get_remote_address()} {request.form.get('email', '').strip().lower()}"


# Records keep their values after a commit: the answer shows what was saved, without reading it again.
db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})
migrate = Migrate()
login_manager = LoginManager()
csrf = CSRFProtect()
limiter = Limiter(key_func=rate_key)
assets = Assets()
turbo = Turbo()
queue = Queue()
