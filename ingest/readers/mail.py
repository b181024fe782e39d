"""Mail (.eml): the subject as its title, the text under it. Attachments are not read."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart

from ingest.errors import UnreadableError
from ingest.readers.markup import to_markdown
from ingest.types import Document

_FLOWED = re.compile(r"(?<=[^\s-]) \n(?=[^\s>])")
"""A line that goes on in the next, by RFC 3676."""

_BROKEN = (AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""What the standard library raises for headers it cannot parse, and for an unknown encoding."""


def read(data: bytes) -> Document:
    """Return a mail as Markdown: its own text, or else its HTML; quoted lines stay.

    Raises:
        UnreadableError: no mail, a broken one, or one without text.
    """
    try:
        message = message_from_bytes(data, policy=policy.default)
        if not any(name in message for name in ("From", "Subject", "Date")):
            raise UnreadableError("it is no mail: it has no From, Subject or Date; save it as .eml")
        body, metadata = _body(message), _describe(message)
    except _BROKEN as error:
        raise UnreadableError(f"the mail is broken ({error}); save it as text") from None
    title = metadata.get("title")
    return Document(f"# {title}\n\n{body}" if title else body, metadata)


def _body(message: EmailMessage) -> str:
    for kind in ("plain", "html"):
        part = message.get_body((kind,))
        text = _text(part) if part is not None else ""
        if any(map(str.isalnum, text)):
            return text
    kinds = sorted({part.get_content_type() for part in message.walk() if not part.is_multipart()})
    raise UnreadableError(
        f"the mail has no text of its own, only {', '.join(kinds)}. If it is encrypted, save it "
        "decrypted; if the text is in an attachment, save that"
    )


def _text(part: MIMEPart) -> str:
    payload = part.get_payload(decode=True)
    charset = part.get_content_charset("utf-8")
    text = payload.decode(charset, "replace") if isinstance(payload, bytes) else ""
    if part.get_content_subtype() == "html":
        return to_markdown(text)
    text = text.replace("\r\n", "\n")
    if str(part.get_param("format")).lower() == "flowed":
        text = _FLOWED.sub(" ", text)
    return text.strip()


def _describe(message: EmailMessage) -> dict[str, str]:
    """Return subject, senders and day, as the sender's clock had it."""
    senders = message["From"].addresses if message["From"] else ()
    day = message["Date"].datetime if message["Date"] else None
    found = {
        "title": " ".join(str(message["Subject"] or "").split()),
        "author": ", ".join(sender.display_name or sender.addr_spec for sender in senders),
        "published": day.date().isoformat() if day else "",
    }
    return {name: value for name, value in found.items() if value}
