"""Tokens of an OpenID Connect issuer: whose they are, if they are genuine and meant for this service."""

from __future__ import annotations

import hashlib
import json
import time
import urllib.request
from collections.abc import Callable, Collection, Mapping
from typing import Any

import jwt

from nirman.errors import BusyError, InvalidInputError, UnauthenticatedError
from nirman.tenancy.identity import Principal, Role, checked_id

REFETCH_S = 30
"""An unknown key id asks the issuer again at most this often, so that made-up ids cannot flood it."""
MAX_AGE_S = 3600
"""Keys are read again after this long, so that one the issuer withdrew stops being accepted."""
NAME_LENGTH = 200

KeySet = Mapping[str, Any]
"""A JSON Web Key Set."""


def fetch_keys(url: str) -> KeySet:
    """The keys at an address; BusyError when they cannot be read."""
    try:
        # The address is the deployer's, never the caller's.
        with urllib.request.urlopen(url, timeout=3) as response:  # noqa: S310
            keys: KeySet = json.load(response)
    except (OSError, ValueError) as exc:
        raise BusyError("the issuer's keys cannot be read") from exc
    return keys


class _Keys:
    """The issuer's keys by id, read when first needed and kept."""

    def __init__(self, url: str, fetch: Callable[[str], KeySet], clock: Callable[[], float]) -> None:
        self._url, self._fetch, self._clock = url, fetch, clock
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at: float | None = None

    def get(self, kid: str) -> jwt.PyJWK:
        limit = MAX_AGE_S if kid in self._keys else REFETCH_S
        if self._fetched_at is None or self._clock() - self._fetched_at >= limit:
            self._read()
        try:
            return self._keys[kid]
        except KeyError:
            raise UnauthenticatedError("the token is signed with a key its issuer does not have") from None

    def _read(self) -> None:
        entries = self._fetch(self._url).get("keys", [])
        signing = [entry for entry in entries if entry.get("kty") == "RSA" and entry.get("use", "sig") == "sig"]
        self._keys = {entry["kid"]: jwt.PyJWK(entry, algorithm="RS256") for entry in signing if "kid" in entry}
        self._fetched_at = self._clock()


class TokenVerifier:
    """Lets in RS256 tokens of one issuer for one of the client ids `audience`.

    `token_use` is the value that claim must have (Cognito: `id` or `access`), empty for issuers that do not set it.
    `clock` counts seconds from anywhere; it only ages the keys.
    """

    def __init__(
        self,
        *,
        issuer: str,
        audience: Collection[str],
        jwks_url: str,
        token_use: str,
        tenant_claim: str,
        role_claim: str,
        fetch: Callable[[str], KeySet] = fetch_keys,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._issuer = issuer
        self._audience = frozenset(audience)
        self._token_use = token_use
        self._tenant_claim = tenant_claim
        self._role_claim = role_claim
        self._keys = _Keys(jwks_url, fetch, clock)

    def verify(self, token: str) -> Principal:
        """Who the token is for; UnauthenticatedError when it is not to be believed."""
        claims = self._genuine_claims(token)
        if self._token_use and claims.get("token_use") != self._token_use:
            raise UnauthenticatedError(f"the token must be of use {self._token_use}")
        if not self._audience.intersection(_audience_of(claims)):
            raise UnauthenticatedError("the token is meant for another service")
        return self._principal(claims)

    def _genuine_claims(self, token: str) -> dict[str, Any]:
        try:
            header = jwt.get_unverified_header(token)
            if header.get("alg") != "RS256":
                raise UnauthenticatedError("the token must be signed with RS256")
            return jwt.decode(
                token,
                self._keys.get(str(header.get("kid", ""))),
                algorithms=["RS256"],
                issuer=self._issuer,
                # A clock behind the issuer's must not refuse a fresh token; the audience is checked by the caller
                # because Cognito's access tokens carry it as client_id.
                options={"require": ["exp", "iss", "sub"], "verify_iat": False, "verify_aud": False},
            )
        except jwt.PyJWTError as exc:
            raise UnauthenticatedError(f"the token is refused: {exc}") from exc

    def _principal(self, claims: Mapping[str, Any]) -> Principal:
        try:
            tenant = checked_id(str(claims[self._tenant_claim]), place=self._tenant_claim)
            role = Role(claims[self._role_claim])
        except (KeyError, ValueError, InvalidInputError) as exc:
            raise UnauthenticatedError("the token names no tenant and role of this service") from exc
        user = user_id(str(claims["sub"]))
        name = claims.get("name") or claims.get("email") or user
        return Principal(tenant=tenant, user=user, name=str(name)[:NAME_LENGTH], role=role)


def user_id(subject: str) -> str:
    """The id of a subject: itself where it can be a key (Cognito's are UUIDs), else a digest (`auth0|5f7c`)."""
    try:
        return checked_id(subject, place="sub")
    except InvalidInputError:
        return f"sub-{hashlib.sha256(subject.encode()).hexdigest()[:40]}"


def _audience_of(claims: Mapping[str, Any]) -> list[str]:
    audience = claims.get("aud") or claims.get("client_id") or []
    return [audience] if isinstance(audience, str) else [entry for entry in audience if isinstance(entry, str)]
