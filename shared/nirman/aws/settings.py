"""What each function reads from its environment: a field a variable, in lower case.

`template.yaml` sets exactly these; a test compares the two.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, fields
from typing import TypeVar

_S = TypeVar("_S")


def load(kind: type[_S], environment: Mapping[str, str] | None = None) -> _S:
    """The settings of one function; KeyError names a variable that is missing."""
    environment = os.environ if environment is None else environment
    values = {}
    for field in fields(kind):  # type: ignore[arg-type]
        variable = field.name.upper()
        if variable in environment or field.default is MISSING:
            values[field.name] = environment[variable]
    return kind(**values)


@dataclass(frozen=True, kw_only=True)
class _Directory:
    plan_table: str
    """People and members are in it too."""


@dataclass(frozen=True, kw_only=True)
class _Plans(_Directory):
    plan_bucket: str


@dataclass(frozen=True, kw_only=True)
class _Connections:
    connections_table: str


@dataclass(frozen=True, kw_only=True)
class _Sockets:
    websocket_api_id: str
    websocket_stage: str
    websocket_url: str
    """https address of the management API on AWS; on the emulator it follows from AWS_ENDPOINT_URL."""


@dataclass(frozen=True, kw_only=True)
class _Files:
    files_bucket: str


@dataclass(frozen=True, kw_only=True)
class _ReadModels:
    read_models_table: str


@dataclass(frozen=True, kw_only=True)
class AuthorizerSettings(_Directory, _Connections):
    oidc_issuer: str
    oidc_audience: str
    """One or more client ids, separated by commas."""
    oidc_jwks_url: str
    """Empty: the issuer's `/.well-known/jwks.json`."""
    oidc_token_use: str
    """`id` or `access` for Cognito; empty for issuers that do not set the claim."""
    oidc_tenant_claim: str
    oidc_role_claim: str


@dataclass(frozen=True, kw_only=True)
class ApiSettings(_Plans, _Connections, _Sockets, _Files, _ReadModels):
    jobs_queue_url: str
    optimization_queue_url: str
    websocket_address: str
    """wss address that clients open with a ticket."""


@dataclass(frozen=True, kw_only=True)
class WebSocketSettings(_Plans, _Connections, _Sockets, _ReadModels):
    signals_function: str
    """Name of the function that sends signals."""


@dataclass(frozen=True, kw_only=True)
class BroadcasterSettings(_Directory, _Connections, _Sockets):
    poster_function: str
    """Name of the function that posts to parts of big rooms."""


@dataclass(frozen=True, kw_only=True)
class PosterSettings(_Directory, _Connections, _Sockets):
    pass


@dataclass(frozen=True, kw_only=True)
class SignalsSettings(_Directory, _Connections, _Sockets):
    pass


@dataclass(frozen=True, kw_only=True)
class DocumentsSettings(_Plans, _Connections, _Files):
    pass


@dataclass(frozen=True, kw_only=True)
class OptimizerSettings(_Plans, _Files):
    optimization_queue_url: str
    """Large simulations are shared out over it."""


@dataclass(frozen=True, kw_only=True)
class ProjectorSettings(_Plans, _ReadModels):
    pass
