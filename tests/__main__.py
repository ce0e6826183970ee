"""Runs every check as `python -m tests`: linter, formatter, types, layers, tests."""

import subprocess
import sys
from pathlib import Path

CHECKS = (
    ("ruff", "check"),
    ("ruff", "format", "--check"),
    ("mypy",),
    ("lint-imports",),
    ("pytest", "-n", "2"),
)


def main() -> int:
    """Run the checks in order, all of them whatever fails; pytest's words come last."""
    scripts = Path(sys.executable).parent
    failed: list[str] = []
    for name, *arguments in CHECKS:
        if name == "pytest" and failed:
            sys.stdout.write(f"== failed before the tests: {', '.join(failed)}\n")
        sys.stdout.write(f"== {' '.join((name, *arguments))}\n")
        sys.stdout.flush()
        if subprocess.run([scripts / name, *arguments], check=False).returncode:
            failed.append(name)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
