"""The emulator's own DynamoDB, streams and S3 in this process, and what goes wrong between a function and them.

Calls go through boto3 up to where they would leave the process, so paginators, errors and timeouts are those of boto3.
"""

from __future__ import annotations

import base64
import itertools
import random
import re
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import boto3
import msgspec
from botocore import UNSIGNED
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.exceptions import ConnectTimeoutError, ReadTimeoutError
from ministack.services import dynamodb, dynamodb_streams, s3

from tests.support.faults import Killed
from tests.support.template import create_table_arguments

_SERVICES: dict[str, Any] = {"dynamodb": dynamodb, "dynamodbstreams": dynamodb_streams, "s3": s3}
_WRITES = frozenset({"PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems"})
_TABLES = {
    "plan_table": "PlanTable",
    "connections_table": "ConnectionsTable",
    "read_models_table": "ReadModelsTable",
}
_BUCKETS = ("plan_bucket", "files_bucket")
_OF_SORT_KEY = re.compile(
    r"pk = :pk( AND (sk BETWEEN (?P<low>:\w+) AND (?P<high>:\w+)|begins_with\(sk, (?P<prefix>:\w+)\)))?"
)
"""Key conditions of this project; a query asks for each item of a partition whether it meets one."""
_names = itertools.count(1)
_RUN = re.compile(rb"-run\d+")
"""The part of a table's name that differs from run to run."""


@dataclass(frozen=True)
class Rates:
    """How often a call goes wrong, each from 0 to 1."""

    throttled: float = 0.0
    conflict: float = 0.0
    """Of writes."""
    broken: float = 0.0
    """A 5xx; half of them after it was done."""
    unanswered: float = 0.0
    """No answer in time; half of them after it was done."""
    killed: float = 0.0
    """The function's process ends; half of them after the call was done."""


NONE = Rates()


class Faults:
    """Decides call by call; `happened` counts."""

    def __init__(self, rates: Rates, seed: str) -> None:
        self.rates = rates
        self.happened: Counter[str] = Counter()
        self._seed = seed
        self._times: Counter[bytes] = Counter()

    def around(self, service: str, action: str, what: bytes, call: Callable[[], AWSResponse]) -> AWSResponse:
        """`what` is asked for: of calls that helper threads make at the same time it does not matter who is first."""
        if self.rates is NONE:
            return call()
        what = _RUN.sub(b"", what)
        self._times[what] += 1
        choose = random.Random(f"{self._seed} {action} {zlib.crc32(what)} {self._times[what]}")
        rates, drawn, before = self.rates, choose.random(), choose.random() < 0.5
        write = action in _WRITES
        for name, rate in (
            ("throttled", rates.throttled),
            ("conflict", rates.conflict if write else 0.0),
            ("broken", rates.broken),
            ("unanswered", rates.unanswered),
            ("killed", rates.killed),
        ):
            if drawn < rate:
                return self._fail(name, service, action, call, before=before)
            drawn -= rate
        return call()

    def _fail(
        self, name: str, service: str, action: str, call: Callable[[], AWSResponse], *, before: bool
    ) -> AWSResponse:
        if name in ("throttled", "conflict"):
            self.happened[name] += 1
            return _refused(service, action, name)
        self.happened[f"{name} {'before' if before else 'after'} it was done"] += 1
        if not before:
            call()
        if name == "killed":
            raise Killed(action)
        if name == "unanswered":
            error = ConnectTimeoutError if before else ReadTimeoutError
            raise error(endpoint_url=service)
        return _error(500, "InternalServerError" if service == "dynamodb" else "InternalError", service)


def _refused(service: str, action: str, name: str) -> AWSResponse:
    if service == "s3":
        return _error(503, "SlowDown", service)
    if name == "throttled":
        return _error(400, "ProvisionedThroughputExceededException", service)
    if action != "TransactWriteItems":
        return _error(400, "TransactionConflictException", service)
    reasons = [{"Code": "TransactionConflict", "Message": "Transaction is ongoing for the item"}]
    return _error(400, "TransactionCanceledException", service, CancellationReasons=reasons)


def _error(status: int, code: str, service: str, **more: Any) -> AWSResponse:
    if service == "s3":
        body = f"<Error><Code>{code}</Code><Message>{code}</Message></Error>".encode()
        return AWSResponse("", status, {"content-type": "application/xml"}, _Raw(body))  # type: ignore[arg-type]
    fault = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": code, **more}
    return AWSResponse("", status, {}, _Raw(msgspec.json.encode(fault)))  # type: ignore[arg-type]


class _Raw:
    """A body as urllib3 gives it."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def stream(self, *_: Any, **__: Any) -> Any:
        yield self.read()

    def read(self, amount: int | None = None, **_: Any) -> bytes:
        end = len(self._data) if amount is None else amount
        data, self._data = self._data[:end], self._data[end:]
        return data

    def close(self) -> None:
        pass


class Cloud:
    """Tables and buckets of its own."""

    def __init__(self) -> None:
        _remember_expressions()
        number = next(_names)
        self.places = {name: f"{name.replace('_', '-')}-run{number}" for name in (*_TABLES, *_BUCKETS)}
        """Names of tables and buckets, as settings call them."""
        self.plans = self.places["plan_table"]
        self.writes = 0
        """Calls that may have written."""
        self.dynamodb: Any = self.client("dynamodb")
        for name, resource in _TABLES.items():
            self.dynamodb.create_table(**create_table_arguments(resource, self.places[name]))
        for name in _BUCKETS:
            self.client("s3").create_bucket(Bucket=self.places[name])

    def client(self, service: str, faults: Faults | None = None, waited: Callable[[], None] = lambda: None) -> Any:
        """A client whose calls take turns (`waited`) and go wrong (`faults`)."""

        def around(action: str, what: bytes, call: Callable[[], AWSResponse]) -> AWSResponse:
            waited()
            self.writes += action in _WRITES
            if faults is None:
                return call()
            return faults.around(service, action, what, call)

        client = _botocore(service)
        if service != "s3":
            return _Direct(service, client, around)

        def answer(request: Any, event_name: str, **_: Any) -> AWSResponse:
            return around(event_name.rpartition(".")[2], request.url.encode(), lambda: _handled(service, request))

        client.meta.events.register("before-send.s3", answer)
        return client

    def close(self) -> None:
        for name in _TABLES:
            self.dynamodb.delete_table(TableName=self.places[name])

    def stream(self, table: str) -> Callable[[], list[dict[str, Any]]]:
        """Gives the records of a table's stream that came since it was last asked."""
        streams = self.client("dynamodbstreams")
        arn = self.dynamodb.describe_table(TableName=table)["Table"]["LatestStreamArn"]
        [shard] = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        position = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        seen = -1

        def since() -> list[dict[str, Any]]:
            nonlocal position, seen
            if seen == self.writes:
                return []
            seen = self.writes
            answer = streams.get_records(ShardIterator=position)
            position = answer["NextShardIterator"]
            return list(answer["Records"])

        return since


def _botocore(service: str) -> Any:
    config = Config(
        signature_version="s3v4" if service == "s3" else UNSIGNED,
        retries={"total_max_attempts": 1},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        s3={"addressing_style": "path"},
    )
    return _session().client(service, endpoint_url="https://emulator.invalid", config=config)  # type: ignore[call-overload]


_Around = Callable[[str, bytes, Callable[[], AWSResponse]], AWSResponse]


class _Direct:
    """A client of a service that speaks JSON as boto3 does, without the way there: that is most of what a call costs.

    Errors, names and paginators are botocore's own.
    """

    def __init__(self, service: str, client: Any, around: _Around) -> None:
        self._service = service
        self._client = client
        self._around = around
        self.exceptions = client.exceptions

    def __getattr__(self, name: str) -> Callable[..., Any]:
        action = self._client.meta.method_to_api_mapping[name]

        def call(**arguments: Any) -> Any:
            what = msgspec.json.encode(arguments)
            return self._answered(action, self._around(action, what, lambda: self._sent(action, what)))

        setattr(self, name, call)
        return call

    def get_paginator(self, name: str) -> Any:
        paginator = self._client.get_paginator(name)
        paginator._method = getattr(self, name)
        return paginator

    def _sent(self, action: str, body: bytes) -> AWSResponse:
        request = SimpleNamespace(url="/", method="POST", headers={"x-amz-target": f"x.{action}"}, body=body)
        return _handled(self._service, request)

    def _answered(self, action: str, response: AWSResponse) -> Any:
        answer = msgspec.json.decode(response.content or b"{}")
        if b'"B"' in response.content:
            answer = _with_bytes(answer)
        answer["ResponseMetadata"] = {"HTTPStatusCode": response.status_code}
        if response.status_code < 300:
            return answer
        code = answer.pop("__type").rpartition("#")[2]
        answer["Error"] = {"Code": code, "Message": answer.pop("message", answer.pop("Message", ""))}
        raise self.exceptions.from_code(code)(answer, action)


def _with_bytes(value: Any) -> Any:
    """Binary attributes as boto3 gives them."""
    match value:
        case {"B": str(data)} if len(value) == 1:
            return {"B": base64.b64decode(data)}
        case dict():
            return {name: _with_bytes(one) for name, one in value.items()}
        case list():
            return [_with_bytes(one) for one in value]
    return value


@cache
def _session() -> boto3.Session:
    return boto3.Session(aws_access_key_id="test", aws_secret_access_key="test", region_name="us-east-1")


def _handled(service: str, request: Any) -> AWSResponse:
    url = urlsplit(request.url)
    body = request.body.read() if hasattr(request.body, "read") else request.body or b""
    headers = {
        name.lower(): value.decode() if isinstance(value, bytes) else value for name, value in request.headers.items()
    }
    work = _SERVICES[service].handle_request(
        request.method,
        url.path,
        headers,
        body.encode() if isinstance(body, str) else body,
        dict(parse_qsl(url.query, keep_blank_values=True)),
    )
    try:
        work.send(None)
    except StopIteration as done:
        status, answered, data = done.value
    else:
        raise RuntimeError(f"the emulator's {service} waits for something")
    return AWSResponse(request.url, status, answered, _Raw(data if isinstance(data, bytes) else data.encode()))  # type: ignore[arg-type]


@cache
def _remember_expressions() -> None:
    """The emulator reads a key condition anew for each item of a partition, which is most of what a query costs."""
    tokens = cache(dynamodb._tokenize)
    dynamodb._tokenize = lambda expression: list(tokens(expression))
    dynamodb._condition_syntax_error = cache(dynamodb._condition_syntax_error)
    evaluate, of_sort_key = dynamodb._evaluate_condition, cache(_OF_SORT_KEY.fullmatch)

    def evaluated(expression: str, item: Any, values: Any, names: Any, slot: str = "ConditionExpression") -> bool:
        if slot != "KeyConditionExpression" or (found := of_sort_key(expression)) is None:
            return bool(evaluate(expression, item, values, names, slot))
        sort_key = item["sk"]["S"]
        if found["prefix"]:
            return bool(sort_key.startswith(values[found["prefix"]]["S"]))
        return not found["low"] or bool(values[found["low"]]["S"] <= sort_key <= values[found["high"]]["S"])

    dynamodb._evaluate_condition = evaluated
