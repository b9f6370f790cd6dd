"""The HTTP API called as the gateway calls it: an event in, an answer out."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from nirman.tenancy.identity import Principal

HOST = "api.execute-api.us-east-1.amazonaws.com"
Handler = Callable[[dict[str, Any], Any], dict[str, Any]]


class LambdaContext:
    """What the runtime tells a function about itself."""

    function_name = "function"
    function_version = "$LATEST"
    memory_limit_in_mb = 1769
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:function"
    aws_request_id = "52fdfc07-2182-454f-963f-5f0f9a621d72"

    def __init__(self, remaining_s: float = 100) -> None:
        self._remaining_s = remaining_s

    def get_remaining_time_in_millis(self) -> int:
        return int(self._remaining_s * 1000)


def http_event(
    method: str,
    path: str,
    *,
    who: Principal | None = None,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    query: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """An event of the HTTP API, payload format 2.0; `who` is as the authorizer tells it."""
    context: dict[str, Any] = {
        "accountId": "123456789012",
        "apiId": "api",
        "domainName": "api.execute-api.us-east-1.amazonaws.com",
        "http": {
            "method": method,
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": "203.0.113.7",
            "userAgent": "test",
        },
        "requestId": "JKJaXmPLvHcESHA=",
        "routeKey": "ANY /v1/{proxy+}",
        "stage": "$default",
        "timeEpoch": 1583348638390,
    }
    if who is not None:
        claims = {"tenant": who.tenant, "user": who.user, "name": who.name, "role": who.role.value}
        context["authorizer"] = {"lambda": claims}
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "ANY /v1/{proxy+}",
        "rawPath": path,
        "rawQueryString": urlencode(query or {}),
        "headers": {
            "host": "api.execute-api.us-east-1.amazonaws.com",
            **{k.lower(): v for k, v in (headers or {}).items()},
        },
        "requestContext": context,
        "isBase64Encoded": False,
    }
    if body is not None:
        event["headers"].setdefault("content-type", "application/json")
        event |= {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
    return event


@dataclass(frozen=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def revision(self) -> int:
        return int(self.headers["etag"].strip('"'))


class Client:
    """`who` calls, unless a call names somebody else."""

    def __init__(self, handler: Handler, who: Principal | None = None) -> None:
        self._handler = handler
        self.who = who

    def as_(self, who: Principal | None) -> Client:
        return Client(self._handler, who)

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        **query: Any,
    ) -> Answer:
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        event = http_event(method, path, who=self.who, body=data, headers=headers, query=query)
        answer = self._handler(event, LambdaContext())
        content = answer.get("body") or ""
        return Answer(
            status=answer["statusCode"],
            headers={name.lower(): value for name, value in answer["headers"].items()},
            body=base64.b64decode(content) if answer["isBase64Encoded"] else content.encode(),
        )

    def get(self, path: str, **more: Any) -> Answer:
        return self("GET", path, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> Answer:
        return self("POST", path, body, **more)

    def patch(self, path: str, body: Any, **more: Any) -> Answer:
        return self("PATCH", path, body, **more)

    def put(self, path: str, body: Any, **more: Any) -> Answer:
        return self("PUT", path, body, **more)

    def delete(self, path: str, **more: Any) -> Answer:
        return self("DELETE", path, **more)
