"""The extensions, unbound: create_app binds them."""

from hashlib import sha256

from flask import Response, current_app, g, request, session
from flask_compress import Compress
from flask_login import LoginManager, current_user
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import MetaData
from sqlalchemy.orm import DeclarativeBase

from .lib.addresses import network_of
from .lib.allowance import Allowance
from .lib.assets import Assets
from .lib.csrf import MaskedCSRFProtect
from .lib.emoji_list import EmojiList
from .lib.metrics import Metrics
from .lib.queue import Queue
from .lib.rates import Rates
from .lib.replica import Replica, RoutedSession
from .lib.shared_files import SharedFiles
from .lib.storage import Storage
from .turbo import Turbo
from .turbo.slices import sliced


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
    """Limits count per user, and per network where nobody is logged in."""
    user = current_user._get_current_object()  # looked up once: each look at the proxy asks the session again
    return f"user:{user.id}" if user.is_authenticated else network()


def network() -> str:
    """Where this request comes from: an IPv4 address, or the /64 of an IPv6 address."""
    return network_of(request.remote_addr or "unknown")


def log_in_key() -> str:
    """The log-in of this request, read from its cookie and not from the database."""
    token = session.get("_user_id")
    return log_in_key_of(token) if token else network()


def log_in_key_of(token: str) -> str:
    return f"log-in:{sha256(token.encode()).hexdigest()[:32]}"


def tells_of_account(response: Response) -> bool:
    """Whether the answer reveals that an address has, or lacks, an account. The view notes it in ``g``."""
    return g.get("tells_of_account", False)


def only_reads() -> bool:
    return request.method in {"GET", "HEAD", "OPTIONS"}


def write_rate() -> str:
    return current_app.config["WRITE_RATE"]


# Records keep their values after a commit: the answer shows what was saved, without reading it again.
db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False, "class_": RoutedSession})
replica = Replica()
migrate = Migrate()
login_manager = LoginManager()
csrf = MaskedCSRFProtect()
compress = Compress()
# Every request that changes something has a limit, even where its view names none.
limiter = Rates(key_func=rate_key, default_limits=[write_rate], default_limits_exempt_when=only_reads)
# Stops a visitor who tries address after address, and spares a person who mistypes one.
limit_probes = limiter.limit(
    lambda: current_app.config["PROBE_RATE"], key_func=network, deduct_when=tells_of_account, override_defaults=False
)
assets = Assets()
emoji_list = EmojiList()
shared_files = SharedFiles()
turbo = Turbo()
queue = Queue()
metrics = Metrics("plainwire", sliced)
storage = Storage()
questions = Allowance("questions")  # to the assistant
link_previews = Allowance("link_previews")  # new ones
web_pages = Allowance("web_pages")  # that assistants read for people
