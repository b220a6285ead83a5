"""Serves the site: one process, a few threads."""

from __future__ import annotations

import socket

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from schoolgate.errors import SchoolgateError


class PortTaken(SchoolgateError):
    """Somebody listens there already, or it cannot be listened on."""


def must_be_free(host: str, port: int) -> None:
    """Ask for the address as an ordinary program would.

    The server shares a port with anybody who asks as it does (SO_REUSEPORT): two sites would answer on one
    address, and a parent might sign in to the wrong one.

    Raises:
        PortTaken: somebody listens there already.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(found[0], found[1]) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(found[4])
    except (OSError, OverflowError):
        raise PortTaken(
            f"The site cannot listen on {host}, port {port}: the port is in use, or the address is not this machine's.",
            hint="Choose another with --port, or stop what listens there.",
            code="port-taken",
        ) from None


def serve(host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve until interrupted.

    One worker process: the embedded database has one writer, and the sign-in throttle counts in memory.

    Args:
        host: address to listen on.
        port: TCP port, 0 to 65535.

    Raises:
        PortTaken: somebody listens there already.
    """
    must_be_free(host, port)
    Server(
        "schoolgate.web.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        websockets=False,
        workers=1,
        blocking_threads=4,
        log_level=LogLevels.warning,
        log_access=False,  # an access log would keep who looked at which child's page
    ).serve()
