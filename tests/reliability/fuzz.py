"""Fuzzes a target, led by coverage: `python -m tests.reliability.fuzz texts|yaml|book SECONDS`.

Needs atheris: `pip install -e .[fuzz]`. A target that raises, or takes over SLOWEST seconds,
ends the run with a status and the input in a file of its own in the working directory.
"""

import sys
import tempfile
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["bot"]):
    from tests.chat import shipped
    from tests.flow.test_anything import vocabulary
    from tests.reliability.targets import COUNTY, TARGETS, TOKENS

SLOWEST = 10


def main(what: str, seconds: int) -> None:
    """Fuzz one target for so long, from the texts and files that there are; print how it went."""
    texts = [one.encode() for one in vocabulary(shipped())]
    seeds = (
        texts
        if what == "texts"
        else [b"\0" * 5 * (what == "book") + one for one in COUNTY.values()]
    )
    words = {*TOKENS, *(word for one in seeds for word in one.split()[:200])}
    with tempfile.TemporaryDirectory() as folder:
        for nth, seed in enumerate(seeds):
            (Path(folder) / str(nth)).write_bytes(seed)
        with tempfile.NamedTemporaryFile("w", encoding="ascii", suffix=".dict") as known:
            known.write("".join(_quoted(one) for one in sorted(words)))
            known.flush()
            options = [f"-dict={known.name}", f"-max_total_time={seconds}", f"-timeout={SLOWEST}"]
            options += ["-max_len=6000", "-print_final_stats=1", folder]
            atheris.Setup([what, *options], TARGETS[what])
            atheris.Fuzz()


def _quoted(word: bytes) -> str:
    return '"' + "".join(f"\\x{one:02x}" for one in word[:60]) + '"\n'


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
