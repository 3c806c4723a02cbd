"""A multipart form, as `POST /v1/files` gets it: fields by name, and the file."""

from __future__ import annotations

from email.parser import BytesParser
from email.policy import HTTP
from typing import NamedTuple

from harness.serving.refusing import Refused


class Upload(NamedTuple):
    name: str
    data: bytes
    purpose: str


def read(content_type: str, body: bytes) -> Upload:
    """The file and what it is for.

    Raises:
        Refused: It is no form, or one of both is missing.
    """
    if not content_type.lower().startswith("multipart/form-data"):
        raise Refused(415, "send a form, with the header Content-Type: multipart/form-data")
    head = f"Content-Type: {content_type}\r\nMIME-Version: 1.0\r\n\r\n".encode("latin-1", errors="replace")
    boundary = BytesParser(policy=HTTP).parsebytes(head).get_boundary()
    if not boundary:
        raise Refused(400, "the form has no boundary")
    fields: dict[str, tuple[str | None, bytes]] = {}
    for part in (b"\r\n" + body).split(f"\r\n--{boundary}".encode())[1:-1]:
        top, _, data = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        told = BytesParser(policy=HTTP).parsebytes(top + b"\r\n\r\n")
        name = told.get_param("name", header="content-disposition")
        fields[str(name)] = (told.get_filename(), data)
    if "file" not in fields or "purpose" not in fields:
        raise Refused(400, "the form has no file, or no purpose", param="file")
    return Upload(fields["file"][0] or "upload", fields["file"][1], fields["purpose"][1].decode(errors="replace"))
