"""The audit of the lock file, against a database of this machine."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import REPOSITORY, free_port

ADVISORY: dict[str, Any] = {
    "id": "GHSA-462w-v97r-4m45",
    "summary": "Sandbox escape",
    "affected": [
        {
            "package": {"name": "jinja2", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "2.10.1"}]}],
        }
    ],
}


class Database(BaseHTTPRequestHandler):
    broken = False

    def do_POST(self) -> None:
        asked: Any = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        old = asked == {"package": ADVISORY["affected"][0]["package"], "version": "2.4.1"}
        fails = self.broken and asked["package"]["name"] != "jinja2"
        self.send_response(500 if fails else 200)
        self.end_headers()
        self.wfile.write(json.dumps({"vulns": [ADVISORY]} if old else {}).encode())

    def log_message(self, *_: Any) -> None:
        return


class Broken(Database):
    broken = True


@pytest.fixture
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), getattr(request, "param", Database))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1/query"
    server.shutdown()
    server.server_close()
    thread.join()


def audit(url: str, folder: Path, *pins: str) -> tuple[int, str]:
    lock = folder / "some.lock"
    lock.write_text("".join(f"{pin} --hash=sha256:{'0' * 64}\n" for pin in pins))
    done = subprocess.run(
        [sys.executable, ".ci/audit.py", str(lock)],
        cwd=REPOSITORY,
        env={**os.environ, "PIP_AUDIT_OSV_URL": url},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_a_known_vulnerability_fails_and_names_the_version_that_mends_it(
    url: str, tmp_path: Path
) -> None:
    code, told = audit(url, tmp_path, "six==1.17.0", "jinja2==2.4.1")
    assert code == 1
    assert "GHSA-462w-v97r-4m45" in told
    assert "2.10.1" in told
    assert "six" not in told


def test_where_none_is_known_nothing_fails(url: str, tmp_path: Path) -> None:
    code, told = audit(url, tmp_path, "six==1.17.0")
    assert (code, told.splitlines()[-1]) == (0, "No known vulnerabilities found")


def test_a_database_that_is_not_there_is_told(tmp_path: Path) -> None:
    code, told = audit(f"http://127.0.0.1:{free_port()}/", tmp_path, "jinja2==2.4.1")
    assert code == 0
    assert told.startswith("audit skipped: http://127.0.0.1:")
    assert "ConnectError" in told


@pytest.mark.parametrize("url", [Broken], indirect=True)
def test_nothing_else_is_skipped(url: str, tmp_path: Path) -> None:
    for pin in ("six==1.17.0", "six>1"):
        code, told = audit(url, tmp_path, pin)
        assert (code, "audit skipped" in told) == (1, False)
