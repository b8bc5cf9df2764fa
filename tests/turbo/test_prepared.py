"""Statements that go to the driver: they find what SQLAlchemy would find, and fail as it would fail."""

from datetime import UTC, datetime
from functools import partial

import pytest
from sqlalchemy import (
    DateTime,
    Integer,
    String,
    bindparam,
    column,
    delete,
    event,
    func,
    insert,
    inspect,
    literal,
    select,
    update,
)
from sqlalchemy.exc import DBAPIError, IntegrityError, NoResultFound, PendingRollbackError
from sqlalchemy.types import TypeDecorator

from chatapp.turbo import Prepared, PreparedQuery, Streamable, connection_of, lock_pages, writing_connection

from .blog import Author, Comment, Post, db, write

NUMBER = bindparam("number", type_=Integer)
TEXT = bindparam("text", type_=String)


class Backwards(TypeDecorator):
    """A text that the database has the other way round."""

    impl, cache_ok = String, True

    def process_bind_param(self, value, dialect):
        return value and value[::-1]

    def process_result_value(self, value, dialect):
        return value and value[::-1]


def connection():
    return connection_of(db.session(), Post)


def test_a_row_has_names_and_the_types_of_its_columns(blog):
    moment = datetime(2026, 11, 30, 12, 30, tzinfo=UTC).replace(tzinfo=None)
    given = bindparam("moment", type_=DateTime)
    statement = Prepared(select(given.label("moment"), (NUMBER > 1).label("more"), literal("a b").label("text")))
    (row,) = statement.rows(connection(), {"moment": moment, "number": 2})
    assert (row.moment, row.more, row.text) == (moment, True, "a b")


def test_values_are_converted_on_their_way_there_and_back(blog):
    given, other = bindparam("text", type_=Backwards), literal("own", Backwards())
    statement = Prepared(select(given.label("given"), other.label("own"), func.length(given).label("length")))
    for text in ("abc", "defg"):
        assert statement.rows(connection(), {"text": text}) == [(text, "own", len(text))]
    raw = Prepared(select(func.upper(given, type_=String)))
    assert raw.scalar(connection(), {"text": "abc"}) == "CBA"


def test_each_execution_has_its_own_values_and_the_statement_keeps_its_own(comment):
    ids = select(Comment.id.label("id")).where(Comment.text == TEXT).order_by(Comment.id).limit(2).subquery()
    joined = Prepared(select(func.aggregate_strings(Comment.text, "; ")).where(Comment.id.in_(select(ids.c.id))))
    assert joined.scalar(connection(), {"text": "Hello"}) == "Hello"
    for _ in range(3):
        write(comment.post, "Bye")
    assert joined.scalar(connection(), {"text": "Bye"}) == "Bye; Bye"
    assert joined.scalar(connection(), {"text": "Nothing"}) is None


def test_a_choice_among_values_of_its_own_can_have_any_number_of_them(comment):
    write(comment.post, "Bye")
    for texts in (["Hello", "Bye"], ["Bye"], []):
        choice = select(Comment.text).where(Comment.text.in_(texts), Comment.id >= NUMBER).order_by(Comment.id)
        assert [row.text for row in Prepared(choice).rows(connection(), {"number": 0})] == texts
    converted = select(literal(1)).where(literal("ab", Backwards()).in_(["ab", "cd"]), NUMBER == 1)
    assert Prepared(converted).scalar(connection(), {"number": 1}) == 1


def test_what_returns_nothing_has_no_rows(ada):
    assert Prepared(insert(Author)).rows(connection(), {"id": ada.id + 1, "name": "Bob", "revision": 0}) == []
    renaming = Prepared(update(Author).where(Author.name == bindparam("before", type_=String)).values(name="Bo"))
    assert renaming.rows(connection(), {"before": "Bob"}) == []
    assert renaming.scalar(connection(), {"before": "Bob"}) is None
    assert db.session.scalars(select(Author.name).order_by(Author.id)).all() == ["Ada", "Bo"]


def test_listeners_hear_the_statement_before_and_after_as_from_sqlalchemy(blog):
    heard, doubled = [], select(NUMBER + NUMBER)

    def note(connection, cursor, statement, parameters, context, executemany):
        heard.append((statement, parameters))

    for name in ("before_cursor_execute", "after_cursor_execute"):
        event.listen(db.engine, name, note)
    try:
        assert Prepared(doubled).scalar(connection(), {"number": 4}) == 8
        connection().execute(doubled, {"number": 4})
    finally:
        for name in ("before_cursor_execute", "after_cursor_execute"):
            event.remove(db.engine, name, note)
    assert len(heard) == 4 and all(one == heard[-1] for one in heard)


def test_a_mistake_is_one_of_sqlalchemy_and_the_session_goes_on_after_a_rollback(ada):
    repeated = Prepared(insert(Author))
    with pytest.raises(DBAPIError) as raised:
        repeated.rows(connection(), {"id": ada.id, "name": "Bob", "revision": 0})
    assert not raised.value.connection_invalidated and "INSERT" in raised.value.statement
    db.session.rollback()
    assert db.session.scalar(select(func.count(Author.id))) == 1


def test_a_lost_connection_is_given_up_and_the_next_transaction_gets_another(ada):
    held, query = connection(), Prepared(select(Author.name).where(Author.id == NUMBER))
    assert query.scalar(held, {"number": ada.id}) == "Ada"
    held.dialect.is_disconnect, known = lambda *given: True, held.dialect.is_disconnect
    try:
        with pytest.raises(DBAPIError) as raised:
            Prepared(select(column("unknown")).select_from(Author)).rows(held, {})
    finally:
        held.dialect.is_disconnect = known
    assert raised.value.connection_invalidated
    with pytest.raises(PendingRollbackError):
        query.scalar(held, {"number": ada.id})
    db.session.rollback()
    assert query.scalar(connection(), {"number": ada.id}) == "Ada"


def test_a_connection_that_was_closed_behind_its_back_counts_as_lost(ada):
    held = connection()
    held.connection.driver_connection.close()
    with pytest.raises(DBAPIError):
        Prepared(select(Author.name)).scalar(held, {})
    db.session.rollback()
    assert Prepared(select(Author.name)).scalar(connection(), {}) == "Ada"


def test_one_row_is_wanted_where_there_is_none(blog):
    with pytest.raises(NoResultFound):
        Prepared(select(Author.name)).one(connection(), {})


def test_a_page_that_is_gone_is_an_error_of_sqlalchemy(post):
    db.session.execute(delete(Post).execution_options(synchronize_session=False))
    for advance in (post.advance, partial(Streamable.advance, post)):
        with pytest.raises(NoResultFound), db.session.no_autoflush:
            advance(db.session())


def test_after_a_failed_flush_nothing_is_locked_until_the_rollback(ada, post):
    kept = writing_connection(db.session(), post)
    db.session.add(Author(name=None))
    with pytest.raises(IntegrityError):
        db.session.flush()
    assert not kept.in_transaction()
    with pytest.raises(PendingRollbackError):
        lock_pages(db.session(), [post])


BY_ID = PreparedQuery(
    select(Author, Author.name, Post).join(Post, Post.id == NUMBER, isouter=True).where(Author.id > 0)
)


def test_a_query_finds_what_sqlalchemy_finds(post, ada):
    ids, found = (ada.id, post.id), []
    for ask in (lambda: BY_ID.first(db.session(), {"number": ids[1]}),
                lambda: db.session.execute(BY_ID.query, {"number": ids[1]}).first()):  # fmt: skip
        db.session.remove()
        author, name, other = ask()
        assert author in db.session and not db.session.is_modified(author)
        assert db.session.get(Author, ids[0]) is author and inspect(author).persistent
        assert not inspect(author).unloaded and not inspect(other).unloaded - {"comments"}
        found.append((inspect(author).dict, name, inspect(other).dict))
    for found_so in found:
        found_so[0].pop("_sa_instance_state"), found_so[2].pop("_sa_instance_state")
    assert found[0] == found[1]


def test_a_record_that_was_found_is_written_and_forgotten_like_any_other(ada, post):
    db.session.remove()
    author, *_ = BY_ID.first(db.session(), {"number": post.id})
    author.name = "Bea"
    db.session.rollback()
    assert author.name == "Ada"
    author.name = "Bea"
    db.session.commit()
    assert db.session.scalar(select(Author.name)) == "Bea"


def test_a_column_without_a_value_is_none_and_takes_no_second_statement(blog, ada):
    query = PreparedQuery(select(Author, Post.title).outerjoin(Post, Post.id == NUMBER))
    db.session.remove()
    seen = []
    event.listen(db.engine, "before_cursor_execute", note := lambda *given: seen.append(given[2]))
    try:
        author, title = query.first(db.session(), {"number": 1})
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert (author.name, title, len(seen)) == ("Ada", None, 1)


def test_nobody_is_found_where_nobody_is(blog):
    assert BY_ID.first(db.session(), {"number": 1}) is None


def test_a_record_that_the_session_holds_stays_and_keeps_what_was_not_saved(ada, post):
    ada.name = "Bea"
    author, name, _ = BY_ID.first(db.session(), {"number": post.id})
    assert author is ada and name == "Bea"  # written before the query
    db.session.rollback()
    assert BY_ID.first(db.session(), {"number": post.id})[0].name == "Ada"


def test_a_record_that_the_session_holds_is_read_again_where_the_query_wants_it(ada, post):
    again = PreparedQuery(BY_ID.query.execution_options(populate_existing=True))
    Prepared(update(Author).values(name=TEXT)).rows(connection(), {"text": "Bea"})
    assert BY_ID.first(db.session(), {"number": post.id})[0].name == "Ada"
    assert again.first(db.session(), {"number": post.id})[0].name == "Bea"


FOUND_OR_NOT = PreparedQuery(select(Author, Post).outerjoin(Post, Post.title == Author.name).order_by(Author.id))


@pytest.mark.parametrize("ask", [PreparedQuery.all, lambda query, *given: db.session.execute(query.query).all()])
def test_all_rows_have_their_records_and_none_where_an_outer_join_found_nothing(blog, ada, ask):
    bob, post = Author(name="Bob"), Post(title="Bob")
    db.session.add_all([bob, post])
    db.session.flush()
    for _ in range(2):
        assert ask(FOUND_OR_NOT, db.session(), {}) == [(ada, None), (bob, post)]
        db.session.commit()
        db.session.expunge_all()
        ada, bob, post = (db.session.get(type(one), one.id) for one in (ada, bob, post))
    assert FOUND_OR_NOT.first(db.session(), {}) == (ada, None)


def test_rows_of_columns_alone_have_names_and_the_query_has_as_many_as_it_likes(comment):
    write(comment.post, "Bye")
    last = select(Comment.id, Comment.text, func.length(Comment.text).label("size")).order_by(Comment.id.desc())
    query = PreparedQuery(last.limit(bindparam("most", type_=Integer)))
    assert [(row.id > 0, row.text, row.size) for row in query.all(db.session(), {"most": 5})] == [
        (True, "Bye", 3),
        (True, "Hello", 5),
    ]
    assert [row.text for row in query.all(db.session(), {"most": 1})] == ["Bye"]
    assert query.all(db.session(), {"most": 0}) == []


def test_what_was_not_saved_is_written_before_all_rows_are_read(ada):
    ada.name = "Bea"
    assert PreparedQuery(select(Author.name)).all(db.session(), {}) == [("Bea",)]
