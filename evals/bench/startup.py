"""How long each command takes from cold, and the server until it would take a question.

    python -m evals.bench.startup

Wall time of a whole process, on a library of the five articles in `corpus/`; the best of several
runs, as what else a machine does only ever adds.
"""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

import httpx

RUNS = 7
CORPUS = Path("corpus")
IBID = [sys.executable, "-c", "from ui.cli import main; main()"]
"""What the script `ibid` does."""
COMMANDS = (
    ["--version"],
    ["--help"],
    ["status"],
    ["articles", "list"],
    ["ask", "When was the treaty establishing the Union State signed?"],
)


def main() -> None:
    """Measure every command, then the server."""
    with tempfile.TemporaryDirectory() as temporary:
        library = Path(temporary) / "library"
        os.environ["IBID_LIBRARY"] = str(library)
        subprocess.run([*IBID, "ingest", str(CORPUS)], check=True, capture_output=True)
        for command in COMMANDS:
            _tell(min(_run(command) for _ in range(RUNS)), " ".join(command))
        _tell(min(_serve(library) for _ in range(RUNS)), "serve, until it is ready")


def _run(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run([*IBID, *command], check=True, capture_output=True)
    return time.perf_counter() - start


def _serve(library: Path) -> float:
    start = time.perf_counter()
    server = subprocess.Popen([*IBID, "serve", "--port", "0"], stdout=subprocess.DEVNULL)
    try:
        while not _ready(library):
            if server.poll() is not None:
                raise SystemExit("The server did not start.")
            time.sleep(0.01)
        return time.perf_counter() - start
    finally:
        server.send_signal(signal.SIGINT)
        server.wait()


def _ready(library: Path) -> bool:
    with suppress(OSError, ValueError, httpx.HTTPError):
        url = json.loads((library / "owner.json").read_text("utf-8"))["url"]
        return bool(url) and httpx.get(f"{url}/health/ready").is_success
    return False


def _tell(seconds: float, what: str) -> None:
    print(f"{seconds:5.2f} s  {what}", flush=True)


if __name__ == "__main__":
    main()
