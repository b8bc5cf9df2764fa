"""How the place has been in the last hour, for administrators."""

from flask import Blueprint, render_template
from redis import RedisError

from chatapp.authentication import administrator
from chatapp.models.alarms import Alarms
from chatapp.models.last_hour import LastHour
from chatapp.models.vitals import Vitals

bp = Blueprint("vitals", __name__)

#: The size of each drawing, in its own units.
WIDTH, HEIGHT = 360, 72


@bp.get("/vitals")
def show():
    administrator()
    hour = last_hour()
    shown = {"hour": hour, "width": WIDTH, "height": HEIGHT}
    return render_template("vitals/show.html", alarms=list(Alarms(hour)) if hour else [], **shown)


def last_hour() -> LastHour | None:
    """The last hour; None where Redis, which has it, is away."""
    history = Vitals().history
    try:
        return LastHour(history.points(), history.now())
    except (RedisError, OSError):
        return None
