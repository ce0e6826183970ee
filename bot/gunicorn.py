"""How gunicorn runs the line: `gunicorn -c python:bot.gunicorn 'bot.app:create()'`."""

import ctypes
import io
import os
import random
import resource
import signal
import socket
import threading
import time
from contextlib import suppress
from typing import Any

from gunicorn.glogging import Logger
from gunicorn.workers.gthread import ThreadWorker

from bot import logs
from bot.web.site import MAX_BODY

AGE_SECONDS = 480.0, 720.0
"""Workers are replaced at an age between these, and what they remember goes with them."""
LOOK_SECONDS = 1.0
SLOW_SECONDS = 5.0
"""How long a sender may take for one request, and to close once it is answered."""
_forking = threading.Lock()


class Log(Logger):  # type: ignore[misc] # gunicorn has no types
    """The server's own log, every line through the allow-list, after a reload as well."""

    def setup(self, cfg: Any) -> None:
        """Take away the handlers that gunicorn has just made."""
        super().setup(cfg)
        logs.install()


class Worker(ThreadWorker):  # type: ignore[misc] # as above
    """A worker with threads that lets nobody hold one by sending or reading slowly."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._ends: dict[Any, float] = {}

    def handle(self, conn: Any) -> Any:
        """Serve one connection; runs in a thread."""
        self._ends[conn] = time.monotonic() + SLOW_SECONDS
        try:
            kept = super().handle(conn)
            if kept is False:
                # Until the other side closes, or gunicorn would wait for that in the one thread
                # that takes connections: 2 seconds for each that stays (measured with 27.0.1).
                self._ends[conn] = time.monotonic() + SLOW_SECONDS
                conn.sock.shutdown(socket.SHUT_WR)
                while conn.sock.recv(4096):
                    pass
        except OSError:
            return False
        finally:
            self._ends.pop(conn, None)
        return kept

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer a request that is here as a whole: from now on it is we who take time."""
        req.body = io.BytesIO(req.body.read(MAX_BODY + 1))
        self._ends.pop(conn, None)
        return super().handle_request(req, conn)

    def notify(self) -> None:
        """Cut off who is too slow; gunicorn calls it every second."""
        super().notify()
        for conn, end in tuple(self._ends.items()):
            if time.monotonic() > end:
                with suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RDWR)


bind = f"0.0.0.0:{os.environ.get('PORT', '').strip() or 8000}"
workers = 2
worker_class = Worker
# Enough for fifty slow senders at once; they cost no more than a thread each, for 5 seconds.
threads = 64
# The provider gives up after 15 seconds; a worker that hangs must be gone before.
timeout = 10
graceful_timeout = 10
# On a kept connection the next text could come just when the worker goes.
keepalive = 0
preload_app = True
accesslog = None
logger_class = Log
control_socket_disable = True


def on_starting(server: Any) -> None:  # noqa: ARG001 gunicorn passes it
    """Keep what the processes remember out of core files and from debuggers."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(AttributeError, OSError):  # only Linux has it
        ctypes.CDLL(None).prctl(4, 0, 0, 0, 0)  # PR_SET_DUMPABLE


def when_ready(server: Any) -> None:
    """Begin the chores of the process from which the workers are forked."""
    # A thread dies in a fork, and what it had locked stays locked in the child for ever.
    take, free = _forking.acquire, _forking.release
    os.register_at_fork(before=take, after_in_parent=free, after_in_child=free)
    threading.Thread(target=_chores, args=[server.app.wsgi()], daemon=True).start()
    logs.event("ready")


def _chores(live: Any) -> None:
    """Have the workers replaced when they are old or there is a new book to show.

    New ones are forked before the old ones stop, so no request is lost. The process that
    forks serves nobody: what it loads keeps no answer waiting, and it remembers no person.
    """
    while True:
        due, changed = time.monotonic() + random.uniform(*AGE_SECONDS), False  # noqa: S311
        while not changed and time.monotonic() < due:
            time.sleep(LOOK_SECONDS)
            with _forking:
                changed = live.tend()
        os.kill(os.getpid(), signal.SIGHUP)


def post_worker_init(worker: Any) -> None:
    """Write the counts of each minute; threads do not survive a fork."""

    def write() -> None:
        while True:
            time.sleep(60)
            worker_exit(None, worker)

    threading.Thread(target=write, daemon=True).start()


def worker_exit(server: Any, worker: Any) -> None:  # noqa: ARG001 gunicorn passes it
    """Write the counts that wait in a worker."""
    if getattr(worker, "wsgi", None):  # one that never finished starting has no counts
        try:
            worker.wsgi.app.extensions["counts"]()
        except Exception as error:  # noqa: BLE001 the next minute may be better
            logs.fault(error)
