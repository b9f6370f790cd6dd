"""The tables of the tests are those of the template."""


def test_the_plan_table_has_both_keys_and_a_stream(dynamodb, plan_table):
    table = dynamodb.describe_table(TableName=plan_table)["Table"]
    assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"]
    assert table["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}


def test_the_connections_table_has_both_keys_and_no_stream(dynamodb, connections_table):
    table = dynamodb.describe_table(TableName=connections_table)["Table"]
    assert [key["AttributeName"] for key in table["KeySchema"]] == ["pk", "sk"]
    assert "StreamSpecification" not in table
