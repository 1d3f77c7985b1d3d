"""`python -m benchmarks NAME [--rows N] [--database postgresql|sqlite]`"""

import argparse
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack

from tests.services.postgresql import running_postgresql

DATABASES = ("postgresql", "sqlite")
BENCHMARKS = {
    "pull": DATABASES,
    "history": ("postgresql",),
    "pages": DATABASES,
    "verify": DATABASES,
    "scale": DATABASES,
    "memory": ("sqlite",),
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("name", choices=BENCHMARKS)
    parser.add_argument("--rows", type=int, default=None)
    parser.add_argument("--database", choices=DATABASES)
    options = parser.parse_args()
    databases = [options.database] if options.database else BENCHMARKS[options.name]
    return max(run(options.name, database, options.rows) for database in databases)


def run(name: str, database: str, rows: int | None) -> int:
    """Run the benchmark in a separate process, because Django configures its database only once."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="tollbook-benchmark-"))
        url = (
            stack.enter_context(running_postgresql())
            if database == "postgresql"
            else f"sqlite:///{folder}/tollbook.sqlite3"
        )
        environment = os.environ | {
            "DATABASE_URL": url,
            "DATABASE_POOLER": "",
            "VAR_DIR": folder,
            "REDIS_URL": "",
            "DEBUG": "false",
        }
        size = [] if rows is None else [str(rows)]
        command = [sys.executable, "-m", f"benchmarks.{name}", *size]
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
