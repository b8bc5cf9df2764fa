"""Flask-SocketIO on gevent, to everybody who is connected."""

from flask import Flask, request

from flask_socketio import SocketIO

app = Flask(__name__)
socketio = SocketIO(app, async_mode="gevent", cors_allowed_origins="*")


@app.post("/publish")
def publish():
    socketio.emit("message", request.get_data(as_text=True))
    return "ok"
