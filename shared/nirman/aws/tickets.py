"""Tickets in the connections table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nirman.aws import keys
from nirman.tenancy.identity import Principal, Role

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient


class DynamoTicketStore:
    """Port: `tenancy.tickets.TicketStore`."""

    def __init__(self, dynamodb: DynamoDBClient, table: str) -> None:
        self._dynamodb = dynamodb
        self._table = table

    def put(self, digest: str, principal: Principal, *, expires: int) -> None:
        self._dynamodb.put_item(
            TableName=self._table,
            Item={
                "pk": {"S": keys.ticket(digest)},
                "sk": {"S": keys.TICKET},
                "tenant": {"S": principal.tenant},
                "user": {"S": principal.user},
                "name": {"S": principal.name},
                "role": {"S": principal.role},
                "expires": {"N": str(expires)},
            },
        )

    def take(self, digest: str, *, now: int) -> Principal | None:
        try:
            answer = self._dynamodb.delete_item(
                TableName=self._table,
                Key={"pk": {"S": keys.ticket(digest)}, "sk": {"S": keys.TICKET}},
                # The table removes expired items late, so the time is checked here too.
                ConditionExpression="attribute_exists(pk) AND expires > :now",
                ExpressionAttributeValues={":now": {"N": str(now)}},
                ReturnValues="ALL_OLD",
            )
        except self._dynamodb.exceptions.ConditionalCheckFailedException:
            return None
        item = answer["Attributes"]
        return Principal(
            tenant=item["tenant"]["S"], user=item["user"]["S"], name=item["name"]["S"], role=Role(item["role"]["S"])
        )
