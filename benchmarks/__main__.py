"""`python -m benchmarks NAME [--rows N] [--database postgresql|sqlite]`"""

import argparse
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack

from tests.services.postgresql import running_postgresql

BOTH = ("postgresql", "sqlite")
BENCHMARKS = {"pull": BOTH, "history": ("postgresql",), "pages": BOTH, "verify": BOTH}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("name", choices=BENCHMARKS)
    parser.add_argument("--rows", type=int, default=None)
    parser.add_argument("--database", choices=["postgresql", "sqlite"])
    options = parser.parse_args()
    databases = [options.database] if options.database else BENCHMARKS[options.name]
    return max(run(options.name, database, options.rows) for database in databases)


def run(name: str, database: str, rows: int | None) -> int:
    """The benchmark in a process of its own, because Django reads its database once."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="tollbook-benchmark-"))
        url = (
            stack.enter_context(running_postgresql())
            if database == "postgresql"
            else f"sqlite:///{folder}/tollbook.sqlite3"
        )
        environment = os.environ | {"DATABASE_URL": url, "VAR_DIR": folder, "REDIS_URL": "", "DEBUG": "false"}
        size = [] if rows is None else [str(rows)]
        command = [sys.executable, "-m", f"benchmarks.{name}", *size]
        return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
