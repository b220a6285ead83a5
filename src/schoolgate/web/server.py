"""Serves the site: one process, a few threads."""

from __future__ import annotations

import socket

from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from schoolgate import rights
from schoolgate.errors import SchoolgateError
from schoolgate.web.ports import installation


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


class NotApart(SchoolgateError):
    """The site would not be kept from the vault."""


def must_be_apart() -> None:
    """A site beside a gate of its own has accounts and codes, and cannot read the vault: asked before it serves.

    Raises:
        NotApart: its database is a file of its own, which has nobody's accounts; or its role may read the vault.
    """
    if installation().gate is None:
        return
    if not installation().has_database:
        raise NotApart(
            "A site beside a gate of its own needs PostgreSQL: an embedded database holds accounts and vault alike.",
            hint="Set SCHOOLGATE_DATABASE to the site's role; see docs/operations.md.",
            code="site-database",
        )
    if rights.site_can_reach_vault():
        raise NotApart(
            "The site's database role can read what is the gate's alone.",
            hint="As the gate's user: schoolgate gate grants ROLE --apply. See docs/operations.md.",
            code="site-role",
        )


def serve(host: str = "127.0.0.1", port: int = 8000) -> None:
    """Serve until interrupted.

    One worker process: the embedded database has one writer, and the sign-in throttle counts in memory.

    Args:
        host: address to listen on.
        port: TCP port, 0 to 65535.

    Raises:
        PortTaken: somebody listens there already.
        NotApart: the site would not be kept from the vault.
    """
    must_be_free(host, port)
    must_be_apart()
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
