"""Files that people bring and fetch: browsers talk to the bucket itself, with addresses signed for one object."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from botocore.exceptions import ClientError
from msgspec import Struct

from nirman.errors import LimitExceededError, NotFoundError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_MISSING = {"404", "NoSuchKey", "NotFound"}


class UploadForm(Struct, frozen=True, kw_only=True):
    """A multipart form: POST `fields` to `url`, then the file as the last field, `file`; refused above `max_bytes`."""

    url: str
    fields: dict[str, str]
    max_bytes: int
    expires_in: int
    """Seconds."""


class Download(Struct, frozen=True, kw_only=True):
    url: str
    name: str
    expires_in: int
    """Seconds."""


class StoredFile(Struct, frozen=True):
    name: str
    data: bytes


class Files:
    def __init__(self, s3: S3Client, bucket: str) -> None:
        self._s3 = s3
        self._bucket = bucket

    def upload_form(self, key: str, *, name: str, max_bytes: int, expires_s: int = 900) -> UploadForm:
        """For one file of 1 to `max_bytes` bytes; `name` is kept with it."""
        fields = {"x-amz-meta-name": quote(name)}  # metadata is ASCII, names are Bengali
        post = self._s3.generate_presigned_post(
            self._bucket,
            key,
            Fields=dict(fields),
            Conditions=[["content-length-range", 1, max_bytes], fields],
            ExpiresIn=expires_s,
        )
        return UploadForm(url=post["url"], fields=post["fields"], max_bytes=max_bytes, expires_in=expires_s)

    def download(self, key: str, *, name: str, expires_s: int = 900) -> Download:
        url = self._s3.generate_presigned_url(
            "get_object", Params={"Bucket": self._bucket, "Key": key}, ExpiresIn=expires_s
        )
        return Download(url=url, name=name, expires_in=expires_s)

    def get(self, key: str, *, max_bytes: int) -> StoredFile:
        """NotFoundError; LimitExceededError before anything of a larger file is read."""
        try:
            answer = self._s3.get_object(Bucket=self._bucket, Key=key)
        except ClientError as exc:
            if exc.response.get("Error", {}).get("Code") in _MISSING:
                raise NotFoundError("nothing was uploaded") from exc
            raise
        with answer["Body"] as body:
            if answer["ContentLength"] > max_bytes:
                raise LimitExceededError(
                    f"a file may have at most {max_bytes} bytes, this has {answer['ContentLength']}"
                )
            return StoredFile(unquote(answer["Metadata"].get("name", "")), body.read())

    def put(self, key: str, data: bytes, *, name: str, media_type: str) -> None:
        """`name` is what a browser saves it as."""
        self._s3.put_object(
            Bucket=self._bucket,
            Key=key,
            Body=data,
            ContentType=media_type,
            ContentDisposition=f"attachment; filename*=UTF-8''{quote(name, safe='')}",
        )
