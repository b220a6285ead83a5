"""Serves the site: one process, a few threads."""

from __future__ import annotations

from granian.constants import Interfaces
from granian.server import Server


def serve(host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve until interrupted.

    One worker process: the embedded database has one writer, and the sign-in throttle counts in memory.

    Args:
        host: address to listen on.
        port: TCP port, 0 to 65535.
    """
    Server(
        "schoolgate.web.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=4,
        log_access=False,  # an access log would keep who looked at which child's page
    ).serve()
