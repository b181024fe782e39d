"""How the server logs: a line an event, in text or JSON, and no question unless that is allowed."""

import json
import logging
import re
from typing import Any

from pythonjsonlogger.json import JsonFormatter

from ingest.settings import Settings

EXTRAS = ("request_id", "method", "path", "status", "ms", "question")
"""What a record may carry beside its message."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f\u2028\u2029]")


class TextFormatter(logging.Formatter):
    """One line a record: what would begin another one, as in a file's name, is escaped."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 logging's own name
        """Return the line, with what the record carries behind its message."""
        told = {name: getattr(record, name) for name in EXTRAS if hasattr(record, name)}
        line = super().formatMessage(record) + (f" {json.dumps(told)}" if told else "")
        return _CONTROL.sub(lambda found: repr(found.group())[1:-1], line)


def configure(settings: Settings) -> dict[str, Any]:
    """Set up logging for a server; return how uvicorn is to log."""
    formatter = (
        JsonFormatter("{asctime}{levelname}{name}{message}", style="{")
        if settings.log_format == "json"
        else TextFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s")
    )
    handler = logging.StreamHandler()
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    for name in ("ibid", "ingest", "rag", "ui"):
        logging.getLogger(name).setLevel(settings.log_level.upper())
    return {"log_config": None, "log_level": "warning", "access_log": False}
