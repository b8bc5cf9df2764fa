"""Live pages of models that are named, kept or related in another way than the blog's."""

import pytest
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from jinja2 import DictLoader
from markupsafe import Markup
from sqlalchemy import ForeignKey, Select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from chatapp.turbo import BroadcastableRow, Gone, Hub, Streamable, Turbo, dom_id, render, turbo_stream
from chatapp.turbo.source import DatabaseSource
from chatapp.turbo.testing import captured_broadcasts

from .readers import Reading


class Base(DeclarativeBase):
    pass


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False})
ENTRY = '<li id="{{ dom_id }}">{{ (entry or slip).words }}</li>'


class LivePage(Streamable):
    """A streamable that is no model itself. Its name is that of no stream."""

    def changed_since(self, revision: int) -> Select:
        return Entry.with_shown().where(Entry.page == self.name, Entry.revision > revision)

    def page_fragments(self, since: int) -> Markup:
        return turbo_stream("replace", dom_id(self, "entries"), "everything")


class Notebook(LivePage, db.Model):
    """Has words for keys, under another name than ``id``."""

    name: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(default="notebook")
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "notebook"}


class TravelDiary(Notebook):
    """A subclass of a subclass of a subclass, with a table of its own."""

    name: Mapped[str] = mapped_column(ForeignKey("notebook.name"), primary_key=True)
    country: Mapped[str] = mapped_column(default="")
    __mapper_args__ = {"polymorphic_identity": "diary"}


class Shelf(Streamable, db.Model):
    """Shown on the same page as its notebooks, and live by itself."""

    id: Mapped[int] = mapped_column(primary_key=True)

    def changed_since(self, revision: int) -> Select:
        return Slip.with_shown().where(Slip.shelf_id == self.id, Slip.revision > revision)


class LiveRow(BroadcastableRow):
    broadcast_partial = "_entry.html"

    def to_html(self) -> Markup:
        return render(self.broadcast_partial, self, dom_id=dom_id(self))


class Entry(LiveRow, db.Model):
    key: Mapped[str] = mapped_column(primary_key=True)
    page: Mapped[str] = mapped_column(ForeignKey("notebook.name"))
    words: Mapped[str] = mapped_column(default="")
    kind: Mapped[str] = mapped_column(default="entry")

    notebook: Mapped[Notebook] = relationship()
    marks: Mapped[list["Mark"]] = relationship(back_populates="entry")
    __mapper_args__ = {"polymorphic_on": "kind", "polymorphic_identity": "entry"}

    @property
    def broadcast_to(self) -> Notebook:
        return self.notebook

    @property
    def broadcast_target(self) -> str:
        return dom_id(self.notebook, "entries")


class Quote(Entry):
    __mapper_args__ = {"polymorphic_identity": "quote"}


class Slip(LiveRow, db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    shelf_id: Mapped[int] = mapped_column(ForeignKey("shelf.id"))
    words: Mapped[str] = mapped_column(default="")

    shelf: Mapped[Shelf] = relationship()

    @property
    def broadcast_to(self) -> Shelf:
        return self.shelf

    @property
    def broadcast_target(self) -> str:
        return dom_id(self.shelf, "slips")


class Pen(db.Model):
    """Touches entries through the marks that it made, a collection, and through the entry that it lies on, if any."""

    broadcast_touches = ("marked", "lies_on")

    id: Mapped[int] = mapped_column(primary_key=True)
    colour: Mapped[str] = mapped_column(default="")
    lies_on_key: Mapped[str | None] = mapped_column(ForeignKey("entry.key"))

    lies_on: Mapped[Entry | None] = relationship()
    marked: Mapped[list[Entry]] = relationship(secondary="mark", viewonly=True)


class Mark(db.Model):
    broadcast_touches = ("entry",)

    id: Mapped[int] = mapped_column(primary_key=True)
    entry_key: Mapped[str] = mapped_column(ForeignKey("entry.key"))
    pen_id: Mapped[int] = mapped_column(ForeignKey("pen.id"))

    entry: Mapped[Entry] = relationship(back_populates="marks")
    pen: Mapped[Pen] = relationship()


@pytest.fixture
def library(new_database, redis, patient, request):
    app = Flask("library")
    address = new_database(f"library_{abs(hash(request.node.name))}")
    app.config.update(SQLALCHEMY_DATABASE_URI=address, TURBO_REDIS_URL=redis.url)
    app.jinja_loader = DictLoader({"_entry.html": ENTRY})
    db.init_app(app)
    Turbo().init_app(app, db)
    with app.app_context():
        db.create_all()
        yield app
        db.session.rollback()
        db.engine.dispose()
    app.extensions["turbo"].publisher.redis.close()


@pytest.fixture
def source(library) -> DatabaseSource:
    return DatabaseSource(library, db, lambda connections: [])


def keep(*records) -> None:
    db.session.add_all(records)
    db.session.commit()


@pytest.fixture(params=[Notebook, TravelDiary])
def notebook(library, request):
    found = request.param(name="to do: today")
    keep(found)
    return found


def test_a_key_that_is_a_word_names_the_stream_and_the_elements(library):
    keep(notebook := Notebook(name="to do: today"))
    assert notebook.stream_name == "notebook:to do: today"
    keep(diary := TravelDiary(name="Peru"))
    assert (diary.stream_name, dom_id(diary)) == ("travel_diary:Peru", "travel_diary_Peru")


def test_its_revision_is_found_by_the_name_and_counts_its_changes(notebook, source):
    before = source.revisions([notebook.stream_name])
    keep(Entry(key="milk", notebook=notebook, words="Buy milk"))
    assert before == {notebook.stream_name: 0}
    assert source.revisions([notebook.stream_name]) == {notebook.stream_name: 1} and notebook.revision == 1


def test_it_is_locked_and_read_again_as_any_other(notebook):
    notebook.lock()
    keep(Entry(key="milk", notebook=notebook, words="Buy milk"))
    assert notebook.revision == 1


def test_rows_of_several_classes_come_in_the_order_in_which_they_were_made(notebook, source):
    for key, cls in (("z", Entry), ("m", Quote), ("a", Entry)):
        keep(cls(key=key, notebook=notebook, words=key))
    html = source.catch_up(notebook.stream_name, 0).html
    assert html.index('id="entry_z"') < html.index('id="quote_m"') < html.index('id="entry_a"')
    assert source.catch_up(notebook.stream_name, -1).html.count("everything") == 1


def test_a_row_of_a_subclass_announces_itself(notebook):
    keep(Quote(key="q", notebook=notebook, words="Less is more"))
    with captured_broadcasts() as broadcasts:
        db.session.get(Entry, "q").words = "More is more"
        db.session.commit()
    assert [broadcast.stream for broadcast in broadcasts] == [notebook.stream_name]
    assert 'target="quote_q"' in broadcasts[0].html and "More is more" in broadcasts[0].html


@pytest.mark.parametrize("name", ["notebook:gone", "live_page:1", "unknown:1", "shelf:seven", "shelf:"])
def test_a_name_of_nothing_has_no_stream(library, source, name):
    assert source.revisions([name]) == {}
    with pytest.raises(Gone):
        source.catch_up(name, 0)


def test_two_streamables_of_one_page_are_both_live_with_a_revision_each(notebook, source, redis):
    keep(shelf := Shelf())
    hub = Hub(redis.url, source, beat=600)
    with Reading(hub, notebook.stream_name, 0) as of_notebook, Reading(hub, shelf.stream_name, 0) as of_shelf:
        keep(Entry(key="milk", notebook=notebook, words="Buy milk"), Slip(shelf=shelf, words="Lent to Ada"))
        of_notebook.wait_for("Buy milk")
        of_shelf.wait_for("Lent to Ada")
        keep(Slip(shelf=shelf, words="Returned"))
        of_shelf.wait_for("Returned")
        assert (of_notebook.revisions, of_shelf.revisions) == ([1], [1, 2])
        assert b"Lent" not in of_notebook.bytes
    hub.close()


def test_a_collection_that_was_never_read_is_touched_all_the_same(notebook):
    keep(entry := Entry(key="milk", notebook=notebook), pen := Pen(colour="red"), Mark(entry=entry, pen=pen))
    db.session.expunge_all()
    with captured_broadcasts() as broadcasts:
        db.session.get(Pen, pen.id).colour = "blue"
        db.session.commit()
    assert len(broadcasts) == 1 and 'target="entry_milk"' in broadcasts[0].html


@pytest.mark.parametrize("bases", [(Streamable, BroadcastableRow), (LiveRow, LivePage)])
def test_a_row_whose_own_page_is_live_is_refused_because_both_would_count_in_one_column(bases):
    with pytest.raises(TypeError, match="Both can't be a row and have a live page"):
        type("Both", bases, {})


def test_empty_relations_touch_nothing(library):
    with captured_broadcasts() as broadcasts:
        keep(pen := Pen(colour="red"))
        db.session.expire_all()
        pen.colour = "blue"
        db.session.commit()
        db.session.delete(pen)
        db.session.commit()
    assert broadcasts == []
