"""The witness's HTTP server: small requests, short waits, a limited number at once."""

from __future__ import annotations

import html
import re
import socket
import threading
from datetime import UTC, datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from schoolgate.witness.protocol import Answer, Witness

LARGEST_REQUEST = 1 << 18
"""63 proof lines of 45 bytes, and a note with a post-quantum signature of 5 kB from each of some forty witnesses."""

_PATIENCE = 10.0
"""Seconds to wait for the next bytes of a request."""

_LONGEST = 60.0
"""Seconds a connection may last, however busy it is."""

_MOST = 64
"""Connections at once; more are told to come again."""

_CHECKPOINT = re.compile(r"/([0-9a-f]{64})/checkpoint")

_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Witness {name}</title>
<h1>Witness {name}</h1>
<p>This machine watches transparency logs. It keeps the newest state of each that it saw, and signs a newer one only
when it contains the older one unchanged. It does not read the entries and knows no pupil.</p>
<p>Its key:</p><ul>{keys}</ul>
<h2>Logs it watches</h2><ul>{logs}</ul>
<p>Protocol: C2SP tlog-witness. Refused checkpoints kept as evidence: {evidence}.</p></html>
"""


def _page(witness: Witness) -> str:
    lines = []
    for key, seen in witness.state.logs():
        when = f"{seen.size} entries, {datetime.fromtimestamp(seen.time, UTC):%d %B %Y %H:%M} UTC" if seen else "new"
        lines.append(f"<li>{html.escape(key.name)} ({html.escape(str(key))}): {when}</li>")
    return _PAGE.format(
        name=html.escape(witness.keys[0].name),
        keys="".join(f"<li><code>{html.escape(str(key.verifier))}</code></li>" for key in witness.keys),
        logs="".join(lines) or "<li>none yet</li>",
        evidence=len(witness.state.evidence()),
    )


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    server_version = "schoolgate-witness"
    sys_version = ""
    timeout = _PATIENCE
    server: WitnessServer

    def setup(self) -> None:
        """Begin; a connection that lasts too long is cut."""
        super().setup()
        self._cut = threading.Timer(_LONGEST, self._end)
        self._cut.daemon = True
        self._cut.start()

    def _end(self) -> None:
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

    def finish(self) -> None:
        """End."""
        self._cut.cancel()
        super().finish()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: an address of who asks is nobody's business."""

    def _say(self, answer: Answer) -> None:
        data = answer.body.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.kind)
        self.send_header("Content-Length", str(len(data)))
        if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            self.send_header("Retry-After", "5")
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def do_POST(self) -> None:
        """Take a checkpoint."""
        length = self.headers.get("Content-Length", "")
        if not re.fullmatch(r"[0-9]{1,9}", length, re.ASCII) or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            self._say(Answer(HTTPStatus.LENGTH_REQUIRED, "Say how long the request is.\n"))
        elif int(length) > LARGEST_REQUEST:
            self.close_connection = True
            self._say(Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "The request is too long.\n"))
        else:
            body = self.rfile.read(int(length))
            if len(body) != int(length):
                self.close_connection = True
            elif self.path != "/add-checkpoint":
                self._say(Answer(HTTPStatus.NOT_FOUND, "Checkpoints go to /add-checkpoint.\n"))
            else:
                self._say(self.server.witness.add_checkpoint(body))

    def do_GET(self) -> None:
        """Show the newest checkpoint of a log, or the page."""
        found = _CHECKPOINT.fullmatch(self.path)
        note = self.server.witness.latest(found.group(1)) if found else None
        if note is not None:
            self._say(Answer(HTTPStatus.OK, note))
        elif self.path == "/":
            self._say(Answer(HTTPStatus.OK, _page(self.server.witness), "text/html; charset=utf-8"))
        else:
            self._say(Answer(HTTPStatus.NOT_FOUND, "There is nothing here.\n"))

    do_HEAD = do_GET  # noqa: N815 - the name that http.server looks for


class WitnessServer(ThreadingHTTPServer):
    """A thread for each connection, up to a limit.

    Args:
        address: host and port.
        witness: who answers.
    """

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], witness: Witness) -> None:
        self.witness = witness
        self._room = threading.BoundedSemaphore(_MOST)
        super().__init__(address, _Handler)

    def process_request(self, request: object, client_address: object) -> None:
        """Begin a connection, or turn it away when there are too many."""
        if not self._room.acquire(blocking=False):
            self.shutdown_request(request)  # type: ignore[arg-type]
            return
        super().process_request(request, client_address)  # type: ignore[arg-type]

    def process_request_thread(self, request: object, client_address: object) -> None:
        """A connection, from its beginning to its end."""
        try:
            super().process_request_thread(request, client_address)  # type: ignore[arg-type]
        finally:
            self._room.release()

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: a caller that hangs up is no fault, and an address is nobody's business."""


def serve(host: str, port: int, witness: Witness) -> WitnessServer:
    """Make a server; the caller runs it with ``serve_forever``. Port 0 takes any that is free."""
    return WitnessServer((host, port), witness)
