"""Signing in through a government's provider: OpenID Connect as GOV.UK One Login speaks it.

Authorization code with PKCE (RFC 7636); the site shows who it is with a signed assertion (`private_key_jwt`, RFC 7523);
state and nonce are used once; the ID token is ES256 or RS256 of a key that the provider publishes; a proven identity is
a JWT of its own inside the userinfo answer, signed by the identity's own keys and of level P2 (GOV.UK One Login,
"Integrate with the service": `vtr`, `vot`, `coreIdentityJWT`).

Whatever does not fit is one failure with one sentence; nothing of an answer is ever repeated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from django.core.cache import cache
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet, RSAKey

import requests as http
from schoolgate.config import Outside
from schoolgate.errors import SchoolgateError

CORE_IDENTITY = "https://vocab.account.gov.uk/v1/coreIdentityJWT"
SIGN_IN, PROVEN = "Cl.Cm", "P2"
"""Two factors; and an identity proven at the medium level (Good Practice Guide 45)."""
_ALGORITHMS = ["ES256", "RS256", "PS256"]
_SECONDS, _KEPT, _LEEWAY = 10, 600, 60
_TOO_LARGE = 1_000_000


class ProviderDown(SchoolgateError):
    """The provider did not answer, or not with what it should."""


class NotAccepted(SchoolgateError):
    """What came back from the provider does not fit what was asked."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked, kept in the session until the answer, which uses it up.

    Attributes:
        proven: whether a proven identity was asked for.
        at: seconds since 1970.
    """

    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    proven: bool
    at: int


@dataclass(frozen=True, slots=True)
class Person:
    """Who the provider says it is.

    Attributes:
        subject: the provider's own number for them.
        email: an address the provider made sure of; empty when it gives none.
        forename: of a proven identity; empty without one, as the rest.
        born: year, month and day with dashes.
    """

    issuer: str
    subject: str = field(repr=False)
    email: str = field(repr=False, default="")
    forename: str = field(repr=False, default="")
    surname: str = field(repr=False, default="")
    born: str = field(repr=False, default="")


def _down() -> ProviderDown:
    return ProviderDown(
        "The sign-in service did not answer.", hint="Try again later, or use another way.", code="provider-down"
    )


def _not_accepted() -> NotAccepted:
    return NotAccepted(
        "We could not accept this sign-in.", hint="Start again, or use another way.", code="sign-in-not-accepted"
    )


def _published(address: str) -> Mapping[str, Any]:
    """A JSON document that the provider publishes; kept for ten minutes."""
    key = f"oidc:{address}"
    held = cache.get(key)
    if held is None:
        try:
            answer = http.get(address, timeout=_SECONDS, allow_redirects=False)
            held = answer.json() if answer.status_code == 200 and len(answer.content) < _TOO_LARGE else None
        except (http.RequestException, ValueError):
            held = None
        if not isinstance(held, dict):
            raise _down()
        cache.set(key, held, _KEPT)
    return dict(held)


def _endpoint(outside: Outside, name: str) -> str:
    """An address of the provider; of the issuer that was set, and by TLS where the issuer is."""
    found = _published(f"{outside.issuer}/.well-known/openid-configuration")
    address = str(found.get(name, ""))
    if str(found.get("issuer", "")).rstrip("/") != outside.issuer:
        raise _not_accepted()
    if urlsplit(address).scheme != urlsplit(outside.issuer).scheme:
        raise _not_accepted()
    return address


def _own_key(outside: Outside) -> ECKey | RSAKey:
    try:
        text = outside.key.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        raise SchoolgateError("The key of the sign-in outside cannot be read.", code="oidc-key") from None
    for kind in (ECKey, RSAKey):
        try:
            return kind.import_key(text)
        except (JoseError, ValueError):
            continue
    raise SchoolgateError("The key of the sign-in outside is neither P-256 nor RSA.", code="oidc-key")


def _session(outside: Outside, back: str, state: str) -> OAuth2Session:
    session = OAuth2Session(
        outside.client,
        _own_key(outside),
        token_endpoint_auth_method="private_key_jwt",  # noqa: S106  the method's name
        scope="openid email",
        redirect_uri=back,
        state=state,
        code_challenge_method="S256",
        default_timeout=_SECONDS,
    )
    session.max_redirects = 0
    return session


def address_of(outside: Outside, asked: Asked, back: str) -> str:
    """Where somebody is sent to sign in.

    Args:
        outside: the provider.
        asked: random values, to be kept in the session.
        back: the site's own address that the provider sends them back to.

    Raises:
        ProviderDown: it does not answer.
    """
    level = f"{SIGN_IN}.{PROVEN}" if asked.proven else SIGN_IN
    more = {"claims": f'{{"userinfo":{{"{CORE_IDENTITY}":null}}}}'} if asked.proven else {}
    address, _ = _session(outside, back, asked.state).create_authorization_url(
        _endpoint(outside, "authorization_endpoint"),
        state=asked.state,
        code_verifier=asked.verifier,
        nonce=asked.nonce,
        vtr=f'["{level}"]',
        **more,
    )
    return str(address)


def person_of(outside: Outside, asked: Asked, back: str, code: str, now: int) -> Person:
    """Who came back, after everything that was promised has been checked.

    Raises:
        ProviderDown: the provider does not answer.
        NotAccepted: a code that was used before; another nonce, audience or issuer; too old; a level too low; a
            signature that is not the provider's.
    """
    token = _token(outside, asked, back, code)
    keys = KeySet.import_key_set(_keys(_published(_endpoint(outside, "jwks_uri"))))
    try:
        claims = jwt.decode(str(token["id_token"]), keys, algorithms=_ALGORITHMS).claims
        _registry(outside.issuer, outside.client, now, nonce={"essential": True, "value": asked.nonce}).validate(claims)
    except (JoseError, ValueError, KeyError):
        raise _not_accepted() from None
    if not _level(str(claims.get("vot", "")), SIGN_IN.split(".")):
        raise _not_accepted()
    subject, info = str(claims["sub"]), _userinfo(outside, str(token["access_token"]))
    if not subject or info.get("sub") != subject:
        raise _not_accepted()
    email = str(info.get("email", "")) if info.get("email_verified") is True else ""
    found = Person(outside.issuer, subject, email)
    return _proven(outside, found, info, now) if asked.proven else found


def _level(stated: str, wanted: list[str]) -> bool:
    """Whether a vector of trust holds every part that was asked for (RFC 8485)."""
    return set(wanted) <= set(stated.split("."))


def _registry(issuer: str, audience: str, now: int, **more: Any) -> jwt.JWTClaimsRegistry:
    rules: dict[str, Any] = {
        "iss": {"essential": True, "values": [issuer, f"{issuer}/"]},
        "aud": {"essential": True, "value": audience},
        "sub": {"essential": True},
        "exp": {"essential": True},
        "iat": {"essential": True},
    }
    return jwt.JWTClaimsRegistry(now=now, leeway=_LEEWAY, **{**rules, **more})


def _token(outside: Outside, asked: Asked, back: str, code: str) -> Mapping[str, Any]:
    address = _endpoint(outside, "token_endpoint")
    session = _session(outside, back, asked.state)
    key = _own_key(outside)
    session.register_client_auth_method(PrivateKeyJWT(address, alg="ES256" if isinstance(key, ECKey) else "RS256"))
    try:
        token = session.fetch_token(address, code=code, code_verifier=asked.verifier, grant_type="authorization_code")
    except http.RequestException:
        raise _down() from None
    except (AuthlibBaseError, JoseError, ValueError):
        raise _not_accepted() from None
    if not isinstance(token, dict) or "id_token" not in token or "access_token" not in token:
        raise _not_accepted()
    return token


def _userinfo(outside: Outside, access: str) -> Mapping[str, Any]:
    try:
        answer = http.get(
            _endpoint(outside, "userinfo_endpoint"),
            headers={"Authorization": f"Bearer {access}"},
            timeout=_SECONDS,
            allow_redirects=False,
        )
        held = answer.json() if answer.status_code == 200 and len(answer.content) < _TOO_LARGE else None
    except (http.RequestException, ValueError):
        raise _down() from None
    if not isinstance(held, dict):
        raise _not_accepted()
    return held


def _keys(document: Mapping[str, Any]) -> Any:
    """The keys of a key set, or of a DID document's assertion methods (W3C DID Core)."""
    if "keys" in document:
        return {"keys": document["keys"]}
    methods = [one for one in document.get("assertionMethod", []) if isinstance(one, dict)]
    return {"keys": [{**one.get("publicKeyJwk", {}), "kid": one.get("id", "")} for one in methods]}


def _proven(outside: Outside, found: Person, info: Mapping[str, Any], now: int) -> Person:
    """The proven identity, of level P2, of the very person who signed in."""
    if not outside.identity:
        raise _not_accepted()
    keys = KeySet.import_key_set(_keys(_published(f"{outside.identity}/.well-known/did.json")))
    try:
        claims = jwt.decode(str(info[CORE_IDENTITY]), keys, algorithms=["ES256"]).claims
        _registry(outside.identity, outside.client, now, sub={"essential": True, "value": found.subject}).validate(
            claims
        )
        subject = claims["vc"]["credentialSubject"]
        parts = subject["name"][0]["nameParts"]
        given = " ".join(str(part["value"]) for part in parts if part["type"] == "GivenName")
        family = " ".join(str(part["value"]) for part in parts if part["type"] == "FamilyName")
        born = str(subject["birthDate"][0]["value"])
    except (JoseError, ValueError, KeyError, IndexError, TypeError):
        raise _not_accepted() from None
    if claims.get("vot") != PROVEN or not given or not family:
        raise _not_accepted()
    return Person(found.issuer, found.subject, found.email, given, family, born)
