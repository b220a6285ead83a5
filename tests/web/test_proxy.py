"""Behind the web server that ends TLS: who asks is known, nobody can pretend to be another, cookies go by TLS alone."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schoolgate.config import Config
from schoolgate.errors import SchoolgateError
from schoolgate.web.wsgi import behind

READER, PROXY = "203.0.113.9", "10.0.0.5"


def _who(asked: dict[str, str], *proxies: str) -> tuple[str, str]:
    """(address, scheme) as the site sees them."""
    seen: dict[str, str] = {}

    def site(environ: dict[str, str], start: Any) -> list[bytes]:
        seen.update(environ)
        return []

    behind(site, proxies)({"wsgi.url_scheme": "http", **asked}, None)
    return seen["REMOTE_ADDR"], seen["wsgi.url_scheme"]


def test_the_proxy_that_is_named_says_who_asks_and_how() -> None:
    asked = {"REMOTE_ADDR": PROXY, "HTTP_X_FORWARDED_FOR": READER, "HTTP_X_FORWARDED_PROTO": "https"}
    assert _who(asked, PROXY) == (READER, "https")
    assert _who(asked, "10.0.0.0/24") == (READER, "https")
    assert _who(asked) == (PROXY, "http")


def test_a_reader_who_names_somebody_else_is_not_believed() -> None:
    lie = {"REMOTE_ADDR": READER, "HTTP_X_FORWARDED_FOR": "198.51.100.1", "HTTP_X_FORWARDED_PROTO": "https"}
    assert _who(lie, PROXY) == (READER, "http")
    through = {"REMOTE_ADDR": PROXY, "HTTP_X_FORWARDED_FOR": f"198.51.100.1, {READER}"}
    assert _who(through, PROXY)[0] == READER
    two = {"REMOTE_ADDR": PROXY, "HTTP_X_FORWARDED_FOR": f"198.51.100.1, {READER}, 10.0.0.6"}
    assert _who(two, "10.0.0.0/24")[0] == READER


@pytest.mark.parametrize("said", ["*", "proxy.example", "10.0.0.0/99", "10.0.0.5, everybody", "0.0.0.0/0", "::/0"])
def test_what_is_no_address_is_refused_before_anything_is_served(said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCHOOLGATE_PROXY", said)
    with pytest.raises(SchoolgateError, match="SCHOOLGATE_PROXY must be addresses") as refused:
        Config.from_environment()
    assert refused.value.hint is not None
    monkeypatch.setenv("SCHOOLGATE_PROXY", "10.0.0.5, 2001:db8::/32")
    assert Config.from_environment().proxies == ("10.0.0.5", "2001:db8::/32")


@pytest.fixture
def port(tmp_path: Path) -> Iterator[int]:
    """A site of its own, as people reach it by TLS."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = int(probe.getsockname()[1])
    environment = {
        **os.environ, "SCHOOLGATE_HOME": str(tmp_path / "home"), "SCHOOLGATE_DATABASE": "sqlite",
        "SCHOOLGATE_SITE": "https://pupils.example", "SCHOOLGATE_PROXY": "127.0.0.1",
    }  # fmt: skip
    command = str(Path(sys.executable).with_name("schoolgate"))
    with open(tmp_path / "site.log", "wb") as said:
        site = subprocess.Popen(
            [command, "serve", "--port", str(free)], env=environment, cwd=tmp_path, stdout=said, stderr=said
        )
        until = time.monotonic() + 120
        while True:
            assert site.poll() is None, (tmp_path / "site.log").read_text()
            assert time.monotonic() < until
            try:
                _ask(free, "GET", "/healthz")
                break
            except OSError:
                time.sleep(0.1)
        yield free
        site.terminate()
        site.wait(60)


def _ask(port: int, how: str, path: str, body: str = "", **headers: str) -> tuple[int, list[tuple[str, str]], str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    said = {
        "Host": "pupils.example", "X-Forwarded-For": READER, "X-Forwarded-Proto": "https",
        **({"Content-Type": "application/x-www-form-urlencoded"} if body else {}), **headers,
    }  # fmt: skip
    connection.request(how, path, body, said)
    answer = connection.getresponse()
    return answer.status, answer.getheaders(), answer.read().decode()


def test_a_site_behind_tls_takes_its_own_forms_alone_and_its_cookies_go_by_tls_alone(port: int) -> None:
    status, headers, page = _ask(port, "GET", "/sign-in/")
    assert status == 200
    assert ("strict-transport-security", "max-age=31536000") in [(name.lower(), value) for name, value in headers]
    cookie = next(value for name, value in headers if name.lower() == "set-cookie")
    assert "Secure" in cookie
    assert "HttpOnly" in cookie
    token = page.partition('name="csrfmiddlewaretoken" value="')[2].partition('"')[0]
    form = f"csrfmiddlewaretoken={token}&email=nobody@example.org&password=wrong-password"
    sent = {"Cookie": cookie.partition(";")[0], "Referer": "https://pupils.example/sign-in/"}
    status, _, page = _ask(port, "POST", "/sign-in/", form, **sent, Origin="https://pupils.example")
    assert status == 200
    assert "<title>Error: Sign in" in page  # the form was read, and the password is nobody's
    status, _, _ = _ask(port, "POST", "/sign-in/", form, **sent, Origin="https://elsewhere.example")
    assert status == 403
