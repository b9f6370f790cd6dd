"""Which tokens are believed."""

import time

import jwt
import pytest

from nirman.errors import BusyError, UnauthenticatedError
from nirman.tenancy.identity import Principal, Role
from nirman.tenancy.tokens import MAX_AGE_S, REFETCH_S, TokenVerifier, fetch_keys
from tests.support import issuer


class Keys:
    """An issuer's key address: what it serves now, and how often it was asked."""

    def __init__(self, *kids):
        self.kids = kids
        self.asked = 0

    def __call__(self, url):
        self.asked += 1
        return issuer.key_set(*self.kids)


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def keys():
    return Keys("first")


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def verifier(keys, clock):
    return TokenVerifier(
        issuer=issuer.ISSUER,
        audience=[issuer.CLIENT, "another-client"],
        jwks_url="https://keys.example/jwks.json",
        token_use="id",
        tenant_claim="custom:tenant",
        role_claim="custom:role",
        fetch=keys,
        clock=clock,
    )


def test_a_genuine_token_says_who_calls(verifier):
    assert verifier.verify(issuer.token()) == Principal(
        tenant="dhaka-builders", user="0b2f7a52-6c1e-4a7b-9d83-2f5c1c0f9a10", name="রহিমা খাতুন", role=Role.PLANNER
    )


@pytest.mark.parametrize(
    "token",
    [
        issuer.token(signed_with="forger"),
        issuer.unsigned_token(),
        issuer.token_signed_with_the_public_key(),
        jwt.encode(issuer.claims(), issuer.private_key("first"), algorithm="RS512", headers={"kid": "first"}),
        issuer.token(iss="https://cognito-idp.us-east-1.amazonaws.com/us-east-1_Other"),
        issuer.token(aud="somebody-else"),
        issuer.token(aud=None),
        issuer.token(aud=["somebody-else", 7]),
        issuer.token(exp=int(time.time()) - 1),
        issuer.token(exp=None),
        issuer.token(sub=None),
        issuer.token(nbf=int(time.time()) + 86_400),
        issuer.token(token_use="access"),
        issuer.token(token_use=None),
        issuer.token() + "x",
        issuer.token().rsplit(".", 1)[0] + ".",
        "",
        "not a token",
        "a.b.c",
    ],
)
def test_a_forged_or_misdirected_token_is_refused(verifier, token):
    with pytest.raises(UnauthenticatedError):
        verifier.verify(token)


@pytest.mark.parametrize(
    "changed",
    [
        {"custom:tenant": None},
        {"custom:tenant": ""},
        {"custom:tenant": "dhaka#P#tower"},
        {"custom:role": None},
        {"custom:role": "emperor"},
        {"custom:role": ["owner"]},
    ],
)
def test_a_token_without_a_tenant_and_role_of_this_service_is_refused(verifier, changed):
    with pytest.raises(UnauthenticatedError):
        verifier.verify(issuer.token(**changed))


def test_an_access_token_names_its_client_in_place_of_an_audience(keys, clock):
    verifier = TokenVerifier(
        issuer=issuer.ISSUER,
        audience=[issuer.CLIENT],
        jwks_url="",
        token_use="access",
        tenant_claim="custom:tenant",
        role_claim="custom:role",
        fetch=keys,
        clock=clock,
    )
    assert verifier.verify(issuer.token(aud=None, client_id=issuer.CLIENT, token_use="access"))
    with pytest.raises(UnauthenticatedError):
        verifier.verify(issuer.token(aud=None, client_id="somebody-else", token_use="access"))


def test_an_issuer_that_sets_no_token_use_and_other_claims_is_a_matter_of_configuration(keys, clock):
    verifier = TokenVerifier(
        issuer="https://login.example/",
        audience=["nirman"],
        jwks_url="",
        token_use="",
        tenant_claim="https://nirman.example/tenant",
        role_claim="roles",
        fetch=keys,
        clock=clock,
    )
    changed = {
        "iss": "https://login.example/",
        "aud": ["nirman", "https://login.example/userinfo"],
        "sub": "auth0|5f7c8ec7c33c6c004bbafe82",
        "token_use": None,
        "name": None,
        "email": "karim@example.com",
        "https://nirman.example/tenant": "khulna",
        "roles": "viewer",
    }
    caller = verifier.verify(issuer.token(**changed))
    assert (caller.tenant, caller.role, caller.name) == ("khulna", Role.VIEWER, "karim@example.com")
    assert caller.user.startswith("sub-"), "a subject that cannot be a key gets an id that can"
    assert caller == verifier.verify(issuer.token(**changed))
    assert caller.user != verifier.verify(issuer.token(**changed | {"sub": "auth0|another"})).user


def test_keys_are_fetched_once_and_kept(verifier, keys):
    for _ in range(3):
        verifier.verify(issuer.token())
    assert keys.asked == 1


def test_a_new_key_is_found_after_the_issuer_rotated(verifier, keys, clock):
    verifier.verify(issuer.token())
    keys.kids = ("second",)
    clock.now += REFETCH_S
    assert verifier.verify(issuer.token("second"))
    with pytest.raises(UnauthenticatedError):
        verifier.verify(issuer.token("first"))


def test_made_up_key_ids_do_not_make_the_service_ask_again_and_again(verifier, keys, clock):
    for _ in range(20):
        clock.now += 1
        with pytest.raises(UnauthenticatedError):
            verifier.verify(issuer.token("made-up"))
    assert keys.asked == 1


def test_a_withdrawn_key_stops_being_accepted(verifier, keys, clock):
    verifier.verify(issuer.token())
    keys.kids = ("second",)
    clock.now += MAX_AGE_S
    with pytest.raises(UnauthenticatedError):
        verifier.verify(issuer.token())


def test_keys_of_other_kinds_and_for_encryption_are_not_used(verifier, keys, monkeypatch):
    published = issuer.key_set("first")
    published["keys"][0]["use"] = "enc"
    published["keys"].append({"kty": "EC", "kid": "elliptic", "crv": "P-256", "x": "AA", "y": "AA"})
    monkeypatch.setattr(issuer, "key_set", lambda *kids: published)
    with pytest.raises(UnauthenticatedError):
        verifier.verify(issuer.token())


def test_keys_that_cannot_be_read_are_not_the_callers_fault(tmp_path):
    with pytest.raises(BusyError):
        fetch_keys((tmp_path / "absent.json").as_uri())
    (tmp_path / "broken.json").write_text("<html>")
    with pytest.raises(BusyError):
        fetch_keys((tmp_path / "broken.json").as_uri())
