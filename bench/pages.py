"""What a page costs a slow phone: bytes, requests, and seconds until it can be read, in the real browser.

The site is the demo's, served as people serve it. The phone is Chromium told to be one: a network of 400 kbit/s with
400 ms each way and back, a processor four times slower than this one, nothing kept from before. These are the numbers
Lighthouse calls "Slow 3G" and "4x slowdown".
"""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BUDGET_BYTES = 100_000
BUDGET_REQUESTS = 6
BUDGET_SECONDS = 5.0
"""What a page may cost. About 5 seconds is what people wait before they give up (Nielsen 1993: 10 at the very most)."""

_BYTES_A_SECOND = 400_000 / 8
_LATENCY_MS = 400
_SLOWER = 4
_START_SECONDS = 60


@dataclass(frozen=True)
class _Wanted:
    """A page to measure: found by following the first link on `on` that fits `link`; with no link `on` itself."""

    what: str
    on: str
    link: str = ""


_PAGES = (
    _Wanted("home page", "/"),
    _Wanted("register", "/register/"),
    _Wanted("one entry of the register", "/register/", r"/register/\d+/"),
    _Wanted("one agreement", "/register/", r"/register/agreement/[^\"]+/"),
    _Wanted("search of the register", "/register/search/?words=education"),
    _Wanted("one organisation", "/register/search/", r"/register/organisation/[^\"]+/"),
    _Wanted("pictures", "/register/pictures/"),
    _Wanted("dictionary", "/dictionary/"),
    _Wanted("one item", "/dictionary/", r"/dictionary/[^\"?]+/"),
    _Wanted("notices", "/notices/"),
    _Wanted("one notice", "/notices/", r"/notices/[^\"]+/"),
    _Wanted("how well the data is kept", "/figures/"),
    _Wanted("a family's first page", "/family/"),
    _Wanted("signing in", "/family/sign-in/"),
)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _text(address: str) -> str:
    try:
        with urllib.request.urlopen(address, timeout=30) as answer:
            return str(answer.read().decode("utf-8"))
    except urllib.error.HTTPError:
        return ""


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit("The site did not start.")


def _addresses(site: str) -> list[tuple[str, str]]:
    """(what, path) of every page that this site has."""
    found = []
    for wanted in _PAGES:
        text = _text(site + wanted.on)
        if not text:
            continue
        if not wanted.link:
            found.append((wanted.what, wanted.on))
            continue
        link = re.search(rf'href="({wanted.link})"', text)
        if link is not None:
            found.append((wanted.what, link[1]))
    return found


def _measure(browser: Any, site: str, path: str) -> dict[str, Any]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("Network.enable")
    tools.send("Network.setCacheDisabled", {"cacheDisabled": True})
    tools.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": _LATENCY_MS,
            "downloadThroughput": _BYTES_A_SECOND,
            "uploadThroughput": _BYTES_A_SECOND,
        },
    )
    tools.send("Emulation.setCPUThrottlingRate", {"rate": _SLOWER})
    sizes: list[float] = []
    tools.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    begun = time.perf_counter()
    page.goto(site + path, wait_until="load", timeout=120_000)
    whole = time.perf_counter() - begun
    painted = page.evaluate(
        "() => new Promise(done => new PerformanceObserver(list => {"
        " const all = list.getEntries(); done(all[all.length - 1].startTime) })"
        ".observe({type: 'largest-contentful-paint', buffered: true}))"
    )
    context.close()
    return {
        "bytes": int(sum(sizes)),
        "requests": len(sizes),
        "seconds until it can be read": round(painted / 1000, 2),
        "seconds until it is whole": round(whole, 2),
        "in budget": "yes"
        if sum(sizes) <= BUDGET_BYTES and len(sizes) <= BUDGET_REQUESTS and painted / 1000 <= BUDGET_SECONDS
        else "no",
    }


def run() -> list[dict[str, Any]]:
    """Every public page of a demo's site."""
    from playwright.sync_api import sync_playwright
    from tests.chromium import ARGUMENTS, chromium

    command = str(Path(sys.executable).with_name("schoolgate"))
    environment = {**os.environ, "SCHOOLGATE_HOME": str(Path(os.environ["SCHOOLGATE_HOME"]).with_name("pages"))}
    subprocess.run([command, "demo", "run", "--no-serve", "--schools", "8"], env=environment, check=True)
    port = _free_port()
    served = subprocess.Popen([command, "serve", "--port", str(port)], env=environment)
    site = f"http://127.0.0.1:{port}"
    try:
        _wait_for(f"{site}/healthz", served)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=str(chromium()), args=ARGUMENTS)
            rows = [{"page": what, **_measure(browser, site, path)} for what, path in _addresses(site)]
            browser.close()
    finally:
        served.terminate()
        served.wait(30)
    return rows
