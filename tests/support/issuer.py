"""An issuer of tokens, for tests: its keys, and the tokens it (or a forger) signs."""

from __future__ import annotations

import base64
import functools
import hmac
import json
import time
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

ISSUER = "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Dhaka"
CLIENT = "dhaka-client"


@functools.cache
def private_key(kid: str) -> rsa.RSAPrivateKey:
    """The key of an id; made once, for making one is slow."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def key_set(*kids: str) -> dict[str, Any]:
    """The public keys of some ids, as an issuer publishes them."""
    public = [(kid, json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(private_key(kid).public_key()))) for kid in kids]
    return {"keys": [jwk | {"kid": kid, "use": "sig", "alg": "RS256"} for kid, jwk in public]}


def claims(**changed: Any) -> dict[str, Any]:
    """Claims of a planner's id token, as Cognito issues it; None leaves one out."""
    now = int(time.time())
    usual = {
        "iss": ISSUER,
        "aud": CLIENT,
        "sub": "0b2f7a52-6c1e-4a7b-9d83-2f5c1c0f9a10",
        "token_use": "id",
        "name": "রহিমা খাতুন",
        "custom:tenant": "dhaka-builders",
        "custom:role": "planner",
        "iat": now,
        "exp": now + 3600,
    }
    return {name: value for name, value in (usual | changed).items() if value is not None}


def token(kid: str = "first", *, signed_with: str | None = None, **changed: Any) -> str:
    """A signed token that names key `kid`; a forger signs with another."""
    return jwt.encode(claims(**changed), private_key(signed_with or kid), algorithm="RS256", headers={"kid": kid})


def unsigned_token(kid: str = "first") -> str:
    return jwt.encode(claims(), key=None, algorithm="none", headers={"kid": kid})


def token_signed_with_the_public_key(kid: str = "first") -> str:
    """The known forgery: HS256 with the RSA public key as the secret (PyJWT refuses to make one, so by hand)."""
    secret = json.dumps(key_set(kid)["keys"][0]).encode()
    parts = [_segment({"alg": "HS256", "typ": "JWT", "kid": kid}), _segment(claims())]
    signature = hmac.digest(secret, ".".join(parts).encode(), "sha256")
    return ".".join([*parts, base64.urlsafe_b64encode(signature).decode().rstrip("=")])


def _segment(value: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")
