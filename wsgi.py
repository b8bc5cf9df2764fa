"""The app, for gunicorn and flask."""

from chatapp import create_app

app = create_app()
