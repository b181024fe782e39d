"""Known vulnerabilities of what a lock file pins, by the OSV database.

One that is known fails, and so does whatever else goes wrong. Only where the database cannot be
reached is the audit skipped, which is said. (PyPI's own feed is no choice: behind a mirror it may
know no package at all, which pip-audit takes for the best of news.)
"""

import os
import subprocess
import sys
from pathlib import Path

import httpx

DATABASE = os.environ.get("PIP_AUDIT_OSV_URL", "https://api.osv.dev/v1/query")
"""The variable is pip-audit's."""
KNOWN = {"package": {"name": "jinja2", "ecosystem": "PyPI"}, "version": "2.4.1"}
"""Long known to be vulnerable: a database that has nothing on it is none."""
AUDIT = ["--vulnerability-service=osv", "--strict", "--progress-spinner=off"]


def unreachable() -> str:
    """Return why the database cannot be reached, or nothing."""
    try:
        response = httpx.post(DATABASE, json=KNOWN, timeout=30)
    except (httpx.NetworkError, httpx.TimeoutException, httpx.ProxyError) as error:
        return f"{type(error).__name__}: {error}"
    if response.is_server_error:
        return f"HTTP {response.status_code}"
    if not response.raise_for_status().json().get("vulns"):
        sys.exit(f"audit failed: {DATABASE} does not know what is long known of {KNOWN}.")
    return ""


def main(lock: str) -> int:
    """Audit a lock file; return the exit code."""
    if not (reason := unreachable()):
        command = [str(Path(sys.executable).with_name("pip-audit")), *AUDIT]
        command += ["--require-hashes", "--disable-pip", "--requirement", lock]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
        sys.stdout.write(done.stdout)
        if done.returncode == 0 or done.stdout or not (reason := unreachable()):
            return done.returncode
    sys.stderr.write(f"audit skipped: {DATABASE} cannot be reached ({reason}).\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
