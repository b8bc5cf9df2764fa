"""Flask-SocketIO. Its readers are WebSockets."""

from bench.peers import scratch
from bench.peers.peer import HERE, Peer

REQUIREMENTS = HERE / "flask_socketio" / "requirements.txt"
WORKER = "geventwebsocket.gunicorn.workers.GeventWebSocketWorker"


class FlaskSocketIO(Peer):
    label = "Flask-SocketIO"
    kind, path, ready, say = "ws", "/socket.io/?EIO=4&transport=websocket", '40{"sid"', ("40",)

    @classmethod
    def install(cls) -> str:
        scratch.python("flask_socketio", REQUIREMENTS)
        return "Flask-SocketIO 5.7.0, gevent 26.9.0, gunicorn 27.0.1"

    def command_line(self) -> list[str]:
        options = ["-k", WORKER, "-w1", f"--bind=127.0.0.1:{self.port}", "--worker-connections=12000"]
        program = str(scratch.python("flask_socketio", REQUIREMENTS))
        folder = f"--chdir={HERE / 'flask_socketio'}"
        return [program, "-m", "gunicorn", *options, folder, "--no-control-socket", "--log-level=error", "app:app"]
