#!/usr/bin/env python3
"""Train the test models and write tests/fixtures/<case>/.

Each case is a folder with model.onnx, model_metadata.json and cases.json: the
held-out rows with onnxruntime's answers. The tests read these files and need no
Python; run this only to add or change a case. Cases are rows in
scripts/fixtures/cases.py.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

# The newest that work together on Python 3.11. scipy and protobuf are pinned
# too: one holds the solvers, the other writes model.onnx.
PINS = [
    "numpy==2.4.6",
    "onnx==1.22.0",
    "onnxruntime==1.32.0",
    "protobuf==7.36.2",
    "scikit-learn==1.9.1",
    "scipy==1.17.1",
    "skl2onnx==1.20.0",
]

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / "target" / "fixtures-venv"
STAMP = VENV / "pins.txt"

EXAMPLES = """\
examples:
  scripts/make-fixtures.py                          every case
  scripts/make-fixtures.py --only iris-forest       one case
  SOURCE_DATE_EPOCH=1767225600 scripts/make-fixtures.py
                                                    with a fixed training_date
"""


def parse_args():
    parser = argparse.ArgumentParser(
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--only",
        metavar="CASE",
        action="append",
        help="make this case alone; may be given again for more",
    )
    return parser.parse_args()


def create_venv():
    """Make the virtual environment; one with other pins or half made is made anew."""
    print(f"creating {VENV.relative_to(ROOT)} and installing the pinned packages", flush=True)
    if subprocess.run([sys.executable, "-m", "venv", "--clear", VENV]).returncode:
        sys.exit("error: no virtual environment; on Debian: apt-get install python3-venv")
    pip = [VENV / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "install"]
    if subprocess.run([*pip, "--quiet", "--only-binary", ":all:", *PINS]).returncode:
        sys.exit("error: pip could not install the pinned packages (its message is above)")
    STAMP.write_text("\n".join(PINS))


def enter_venv():
    """Replace this process by the same command inside the virtual environment."""
    if not STAMP.exists() or STAMP.read_text() != "\n".join(PINS):
        create_venv()
    python = str(VENV / "bin" / "python")
    os.execv(python, [python, *sys.argv])


def main():
    if sys.version_info < (3, 11):
        sys.exit(f"error: Python 3.11 or later is needed, this is {sys.version.split()[0]}")
    args = parse_args()
    if Path(sys.prefix).resolve() != VENV.resolve():
        enter_venv()

    # One thread: the order of a threaded sum, and so its last bits, may vary.
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    sys.dont_write_bytecode = True
    from fixtures.make import make_fixtures

    sys.exit(make_fixtures(ROOT / "tests" / "fixtures", args.only))


if __name__ == "__main__":
    main()
