"""Whatever the API's own schema allows is answered, and never with an error of the server."""

from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import CHECKS

from ingest.embed import Embedding
from rag.build import build
from tests.conftest import ingest, settings_for
from ui.api import create_app

HERE = {"Host": "127.0.0.1"}
HELD_TO = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_schema_conformance",
)
EXAMPLES = 12
"""Requests of each operation; more find little more, as they are small."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory, embedding: Embedding) -> Any:
    folder = tmp_path_factory.mktemp("schema")
    (folder / "files").mkdir()
    (folder / "files" / "harbour.txt").write_text("The harbour of Lindow reopened on Monday.")
    with build(settings_for(folder / "library")) as opened:
        ingest(opened.library, embedding, Path(folder / "files"))
        yield create_app(opened)


def test_what_the_schema_allows_is_answered_as_it_tells(app: Any) -> None:
    schema = schemathesis.openapi.from_asgi("/openapi.json", app, headers=HERE)
    found: Any = schema.get_all_operations()
    operations = [operation.ok() for operation in found]
    assert len(operations) >= 15
    for operation in operations:

        @given(case=operation.as_strategy())
        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        def holds(case: Any) -> None:
            response = case.call(headers=HERE)
            case.validate_response(response, checks=[CHECKS.get_one(name) for name in HELD_TO])

        holds()
