"""People of tenants on a local stack: in the user pool, and in the tenant's directory."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from nirman.aws.directory import DynamoDirectory
from nirman.aws.limits import DynamoPlanStore
from nirman.aws.memberships import DynamoMemberships
from nirman.local.errors import LocalError
from nirman.local.stack import Stack
from nirman.tenancy.directory import Person
from nirman.tenancy.identity import Principal, Role
from nirman.tenancy.limits import Limits

FOR_LOAD = Limits(
    name="load",
    edits_per_minute=100_000,
    messages_per_minute=1_000_000,
    connections_per_user=10_000,
    connections_per_tenant=10_000,
)
"""The plan of tenants whose people are machines: load tests and benchmarks."""


@dataclass(frozen=True, slots=True)
class Account:
    """How a person signs in; `user` is the pool's id of the person."""

    tenant: str
    role: Role
    name: str
    email: str
    password: str
    user: str

    @property
    def principal(self) -> Principal:
        return Principal(tenant=self.tenant, user=self.user, name=self.name, role=self.role)


def directory(stack: Stack) -> DynamoDirectory:
    return DynamoDirectory(stack.client("dynamodb"), stack.outputs["PlanTable"])


def memberships(stack: Stack) -> DynamoMemberships:
    return DynamoMemberships(stack.client("dynamodb"), stack.outputs["PlanTable"])


def add(stack: Stack, *, tenant: str, role: Role, name: str, email: str, password: str) -> Account:
    """Adds a person who can sign in; one who is there gets the password."""
    pool, pools = stack.outputs["UserPoolId"], stack.client("cognito-idp")
    attributes = {"email": email, "email_verified": "true", "name": name, "custom:tenant": tenant, "custom:role": role}
    with suppress(pools.exceptions.UsernameExistsException):
        pools.admin_create_user(
            UserPoolId=pool,
            Username=email,
            MessageAction="SUPPRESS",
            UserAttributes=[{"Name": key, "Value": str(value)} for key, value in attributes.items()],
        )
    pools.admin_set_user_password(UserPoolId=pool, Username=email, Password=password, Permanent=True)
    kept = pools.admin_get_user(UserPoolId=pool, Username=email)["UserAttributes"]
    user = next(entry["Value"] for entry in kept if entry["Name"] == "sub")
    directory(stack).put_user(tenant, Person(user=user, name=name, email=email, role=role))
    return Account(tenant=tenant, role=role, name=name, email=email, password=password, user=user)


def subscribe(stack: Stack, tenant: str, limits: Limits) -> None:
    """Gives the tenant a plan; it holds everywhere after a quarter of a minute at most."""
    DynamoPlanStore(stack.client("dynamodb"), stack.outputs["PlanTable"]).put_plan(tenant, limits)


def sign_in(stack: Stack, email: str, password: str) -> str:
    """A token for the HTTP API, good for an hour; LocalError when the pool refuses."""
    pools = stack.client("cognito-idp")
    try:
        answer = pools.initiate_auth(
            ClientId=stack.outputs["UserPoolClientId"],
            AuthFlow="USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": email, "PASSWORD": password},
        )
    except (pools.exceptions.NotAuthorizedException, pools.exceptions.UserNotFoundException) as exc:
        raise LocalError(f"{email} cannot sign in: {exc}") from exc
    return str(answer["AuthenticationResult"]["IdToken"])
