"""``schoolgate serve``: the public and the family pages on this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from schoolgate.cli.console import console
from schoolgate.web import serve as serve_site


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
) -> None:
    """Serve the site until Ctrl-C."""
    console.print(f"Open http://{host}:{port}/ in a browser. Ctrl-C stops.")
    serve_site(host, port)
