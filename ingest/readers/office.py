"""What the files of Word and Excel share: zip archives, or the older container of Microsoft's."""

from collections.abc import Iterable
from zipfile import ZipInfo

from ingest.errors import UnreadableError

_OLE = bytes.fromhex("D0CF11E0A1B11AE1")
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def refuse_container(data: bytes, old: str, new: str) -> None:
    """Refuse the older container: an encrypted file, or one of the `old` kind (“Word document”).

    Raises:
        UnreadableError: the bytes are such a container.
    """
    if data.startswith(_OLE):
        if _ENCRYPTED in data:
            raise UnreadableError("it is encrypted with a password; save it without one")
        raise UnreadableError(f"it is an old {old}; save it as {new}")


def check_size(parts: Iterable[ZipInfo], limit_mb: int) -> None:
    """Refuse parts of an archive that unpack to too much, before anything is unpacked.

    Raises:
        UnreadableError: they have more than `limit_mb` million bytes.
    """
    size = sum(part.file_size for part in parts)
    if size > limit_mb * 1_000_000:
        raise UnreadableError(
            f"unpacked it has {size / 1e6:.0f} MB, the limit is {limit_mb} MB; split it"
        )
