"""A provider of the government's kind, as a process of its own: discovery, authorization, token, userinfo, keys.

It follows what GOV.UK One Login publishes: authorization code with PKCE S256, `private_key_jwt` at the token endpoint,
`vtr` and `vot`, ES256, and the proven identity as a JWT of its own whose keys stand in a DID document. What the client
sends is checked by Authlib and joserfc, as strictly as the real one does; each fault is asked for by name.

Run: ``python -m tests.oidc.provider PUBLIC_KEY.pem``; the port is printed.
"""

from __future__ import annotations

import json
import secrets
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey

CLIENT = "schoolgate-synthetic"
CORE = "https://vocab.account.gov.uk/v1/coreIdentityJWT"
SIGNING = ECKey.generate_key("P-256", {"kid": "sign-in", "use": "sig", "alg": "ES256"})
IDENTITY = ECKey.generate_key("P-256", {"kid": "identity", "alg": "ES256"})
STRANGER = ECKey.generate_key("P-256", {"kid": "sign-in", "alg": "ES256"})
PERSON = {"sub": "urn:synthetic:person-1", "forename": "Forename1b", "surname": "Canary1synth", "born": "1990-02-11"}
"""Who signs in: a synthetic adult."""


class State:
    """What waits and what was used."""

    fault = ""
    codes: dict[str, dict[str, str]] = {}
    tokens: dict[str, dict[str, str]] = {}
    used: set[str] = set()
    client_key: ECKey


class Provider(BaseHTTPRequestHandler):
    """The endpoints."""

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.server.server_port}"  # type: ignore[attr-defined]

    def answer(self, value: Any, status: int = 200) -> None:
        data = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        asked = {key: values[0] for key, values in parse_qs(parts.query).items()}
        if parts.path == "/.well-known/openid-configuration":
            places = {"authorization": "authorize", "token": "token", "userinfo": "userinfo"}
            self.answer(
                {"issuer": f"{self.issuer}/", "jwks_uri": f"{self.issuer}/jwks"}
                | {f"{name}_endpoint": f"{self.issuer}/{place}" for name, place in places.items()}
            )
        elif parts.path == "/jwks":
            self.answer({"keys": [SIGNING.as_dict(private=False)]})
        elif parts.path == "/identity/.well-known/did.json":
            own = {key: value for key, value in IDENTITY.as_dict(private=False).items() if key != "kid"}
            self.answer({"assertionMethod": [{"id": "identity", "publicKeyJwk": own}]})
        elif parts.path == "/authorize":
            self.authorize(asked)
        elif parts.path == "/userinfo":
            self.userinfo()
        elif parts.path == "/fault":
            State.fault = asked.get("name", "")
            self.answer({})
        else:
            self.answer({}, 404)

    def authorize(self, asked: dict[str, str]) -> None:
        right = (
            asked.get("response_type") == "code"
            and asked.get("client_id") == CLIENT
            and asked.get("code_challenge_method") == "S256"
            and asked.get("scope", "").split()[:1] == ["openid"]
            and asked.get("nonce")
            and asked.get("state")
        )
        if not right:
            self.answer({"error": "invalid_request"}, 400)
            return
        code = secrets.token_urlsafe(24)
        State.codes[code] = asked
        back = {"code": code, "state": asked["state"]}
        if State.fault == "declined":
            back = {"error": "access_denied", "state": asked["state"]}
        self.send_response(302)
        self.send_header("Location", f"{asked['redirect_uri']}?{urlencode(back)}")
        self.end_headers()

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        sent = {key: values[0] for key, values in parse_qs(self.rfile.read(length).decode()).items()}
        if State.fault == "token-down":
            self.answer({}, 503)
            return
        if not self.is_client(sent):
            self.answer({"error": "invalid_client"}, 401)
            return
        asked = State.codes.pop(sent.get("code", ""), None)
        if (
            asked is None
            or asked["redirect_uri"] != sent.get("redirect_uri")
            or create_s256_code_challenge(sent.get("code_verifier", "")) != asked["code_challenge"]
        ):
            self.answer({"error": "invalid_grant"}, 400)
            return
        access = secrets.token_urlsafe(24)
        State.tokens[access] = asked
        self.answer(
            {"access_token": access, "token_type": "Bearer", "expires_in": 180, "id_token": self.id_token(asked)}
        )

    def is_client(self, sent: dict[str, str]) -> bool:
        """The client's own assertion: signed by its key, for this endpoint, not used before (RFC 7523)."""
        try:
            claims = jwt.decode(sent.get("client_assertion", ""), State.client_key, algorithms=["ES256"]).claims
            jwt.JWTClaimsRegistry(
                now=int(time.time()), iss={"value": CLIENT}, sub={"value": CLIENT},
                aud={"value": f"{self.issuer}/token"}, exp={"essential": True}, jti={"essential": True},
            ).validate(claims)  # fmt: skip
        except (JoseError, ValueError):
            return False
        fresh = claims["jti"] not in State.used
        State.used.add(claims["jti"])
        return fresh

    def id_token(self, asked: dict[str, str]) -> str:
        now = int(time.time())
        claims = {
            "iss": f"{self.issuer}/", "sub": PERSON["sub"], "aud": CLIENT, "iat": now, "exp": now + 120,
            "nonce": asked["nonce"], "vot": "Cl.Cm", "vtm": f"{self.issuer}/trustmark",
        }  # fmt: skip
        wrong: dict[str, dict[str, Any]] = {
            "nonce": {"nonce": "another"}, "audience": {"aud": "somebody-else"}, "issuer": {"iss": "https://other.example"},
            "expired": {"iat": now - 7200, "exp": now - 3600}, "one-factor": {"vot": "Cl"},
        }  # fmt: skip
        claims |= wrong.get(State.fault, {})
        key = STRANGER if State.fault == "signature" else SIGNING
        if State.fault == "unsigned":
            return jwt.encode({"alg": "none"}, claims, SIGNING, algorithms=["none"])
        return jwt.encode({"alg": "ES256", "kid": "sign-in"}, claims, key)

    def userinfo(self) -> None:
        asked = State.tokens.get(self.headers.get("Authorization", "").removeprefix("Bearer "))
        if asked is None:
            self.answer({}, 401)
            return
        told: dict[str, Any] = {
            "sub": PERSON["sub"], "email": "adult@example.org", "email_verified": True,
        }  # fmt: skip
        if State.fault == "somebody-else":
            told["sub"] = "urn:synthetic:person-2"
        if "P2" in asked.get("vtr", "") and CORE in asked.get("claims", ""):
            now = int(time.time())
            parts = [
                {"type": "GivenName", "value": PERSON["forename"]},
                {"type": "FamilyName", "value": PERSON["surname"]},
            ]
            told[CORE] = jwt.encode(
                {"alg": "ES256", "kid": "identity"},
                {
                    "iss": f"{self.issuer}/identity", "sub": PERSON["sub"], "aud": CLIENT, "iat": now, "exp": now + 600,
                    "vot": "P1" if State.fault == "level" else "P2",
                    "vc": {"credentialSubject": {"name": [{"nameParts": parts}], "birthDate": [{"value": PERSON["born"]}]}},
                },
                SIGNING if State.fault == "identity-signature" else IDENTITY,
            )  # fmt: skip
        self.answer(told)


def main() -> None:
    """Serve until ended."""
    State.client_key = ECKey.import_key(Path(sys.argv[1]).read_text())
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
