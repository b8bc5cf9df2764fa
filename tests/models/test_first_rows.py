"""Rows that do not exist until an administrator saves something, saved by two administrators at the same moment."""

from concurrent.futures import ThreadPoolExecutor, wait

import pytest
from sqlalchemy import func, select

from chatapp.extensions import db
from chatapp.models import Admission, Budget, Place, Price

LIMITS = {"person_day": 1, "place_day": None, "place_month": None}
SAVES = {
    Place: lambda: Place.rename("Harbour"),
    Admission: lambda: Admission.decide("invitation", "", "admins"),
    Budget: lambda: Budget.decide("EUR", "money", **LIMITS),
    Price: lambda: Price.set("gpt-4.1", 1, 2),
}


@pytest.mark.parametrize("model", SAVES)
def test_of_two_who_save_the_first_row_at_once_the_second_changes_that_of_the_first(app, model):
    def save() -> None:
        with app.app_context():
            SAVES[model]()
            db.session.commit()

    SAVES[model]()
    db.session.flush()
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(save)
        wait([second], 1)  # it waits for the first
        db.session.commit()
        second.result(30)
    assert db.session.scalar(select(func.count()).select_from(model)) == 1
