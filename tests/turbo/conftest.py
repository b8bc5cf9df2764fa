"""The blog, with nothing in its database and its Redis but what a test asks for."""

import pytest
from redis import Redis

from chatapp.turbo import subscriber
from chatapp.turbo.source import DatabaseSource

from .blog import Author, Comment, Post, create_blog, db, turbo, write


@pytest.fixture(autouse=True)
def patient_readers(monkeypatch) -> None:
    """A Redis that answers late is not away."""
    monkeypatch.setattr(subscriber, "ACKNOWLEDGE", 30)


@pytest.fixture(scope="session")
def new_database(database, request, tmp_path_factory):
    """``new_database("blog")`` is the address of an empty one."""

    def create(name: str) -> str:
        if database == "postgres":
            address = request.getfixturevalue("postgres").create_database(name)
            return address.replace("postgresql://", "postgresql+psycopg://")
        return f"sqlite:///{tmp_path_factory.mktemp(name)}/{name}.sqlite3"

    return create


@pytest.fixture(scope="session")
def created_blog(new_database, redis):
    app = create_blog(new_database("blog"), redis.url)
    yield app
    turbo.hub.close()
    turbo.publisher.redis.close()
    with app.app_context():
        db.engine.dispose()


@pytest.fixture
def blog(created_blog, patient):
    """The app, in an app context for the test itself."""
    with created_blog.app_context():
        with db.engine.begin() as connection:
            for table in reversed(db.metadata.sorted_tables):
                connection.execute(table.delete())
        patient.flushall()
        yield created_blog
        db.session.rollback()


@pytest.fixture
def ada(blog) -> Author:
    ada = Author(name="Ada")
    db.session.add(ada)
    db.session.commit()
    return ada


@pytest.fixture
def post(ada) -> Post:
    post = Post(title="Plans")
    db.session.add(post)
    db.session.commit()
    return post


@pytest.fixture
def other(post) -> Post:
    other = Post(title="Other")
    db.session.add(other)
    db.session.commit()
    return other


@pytest.fixture
def comment(post) -> Comment:
    return write(post, "Hello")


@pytest.fixture
def source(blog) -> DatabaseSource:
    return DatabaseSource(blog, db, lambda connections: [])


@pytest.fixture
def redis_is_away(blog, monkeypatch) -> str:
    """The address of a Redis that does not exist. The blog publishes to it."""
    nowhere = "redis://127.0.0.1:1/0"
    monkeypatch.setattr(turbo.publisher, "redis", Redis.from_url(nowhere))
    return nowhere
