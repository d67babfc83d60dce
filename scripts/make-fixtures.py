#!/usr/bin/env python3
"""Train the test models and write tests/fixtures/<case>/.

Each case is a folder with model.onnx, model_metadata.json and cases.json: the
held-out rows with onnxruntime's answers. The tests read these files and need no
Python; run this only to add or change a case. Cases are rows in
scripts/fixtures/cases.py and in the tables of scripts/fixtures/zoo and
scripts/fixtures/networks, or come with onnx: its node tests of ai.onnx.ml. What does not convert is a row of zoo's NOT_CONVERTED, and
is tried again.
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

# The newest that work together on Python 3.11. scipy and protobuf are pinned
# too: one holds the solvers, the other writes model.onnx. protobuf 7 refuses the
# booleans among the integers that skl2onnx makes of HistGradientBoosting's trees.
PINS = [
    "lightgbm==4.7.0",
    "numpy==2.4.6",
    "onnx==1.22.0",
    "onnxmltools==1.16.0",
    "onnxruntime==1.32.0",
    "pandas==3.1.1",
    "protobuf==6.33.6",
    "scikit-learn==1.9.1",
    "scipy==1.17.1",
    "skl2onnx==1.20.0",
]
# Without what they ask for: a library for graphics cards as large as all the rest.
PINS_ALONE = ["xgboost==3.2.0"]

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / "target" / "fixtures-venv"
STAMP = VENV / "pins.txt"
STAMPED = "\n".join(PINS + PINS_ALONE)
LOCALES = VENV / "locales"
HASH_SEED = "0"

EXAMPLES = """\
examples:
  scripts/make-fixtures.py                          every case
  scripts/make-fixtures.py --only iris-forest       one case
  scripts/make-fixtures.py --only spline            try one again that does not convert
  scripts/make-fixtures.py --zoo                    the zoo
  scripts/make-fixtures.py --onnx                   the node tests of onnx
  scripts/make-fixtures.py --networks               the networks
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
    parser.add_argument(
        "--zoo",
        action="store_true",
        help="make every case of the zoo, and leave the first five as they are",
    )
    parser.add_argument(
        "--onnx",
        action="store_true",
        help="make a case of each node test that onnx has for ai.onnx.ml",
    )
    parser.add_argument(
        "--networks",
        action="store_true",
        help="build every network, with random weights",
    )
    return parser.parse_args()


def create_venv():
    """Make the virtual environment; one with other pins or half made is made anew."""
    print(f"creating {VENV.relative_to(ROOT)} and installing the pinned packages", flush=True)
    if subprocess.run([sys.executable, "-m", "venv", "--clear", VENV]).returncode:
        sys.exit("error: no virtual environment; on Debian: apt-get install python3-venv")
    pip = [VENV / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "install"]
    pip += ["--quiet", "--only-binary", ":all:"]
    for packages in [PINS, ["--no-deps", *PINS_ALONE]]:
        if subprocess.run([*pip, *packages]).returncode:
            sys.exit("error: pip could not install the pinned packages (its message is above)")
    STAMP.write_text(STAMPED)


def enter_venv():
    """Replace this process by the same command inside the virtual environment."""
    if not STAMP.exists() or STAMP.read_text() != STAMPED:
        create_venv()
    python = str(VENV / "bin" / "python")
    # Some converters go through sets of names, in an order that the hashes give.
    os.environ["PYTHONHASHSEED"] = HASH_SEED
    os.execv(python, [python, *sys.argv])


def lend_locale():
    """onnxruntime lowers the case of texts by the locale en_US.UTF-8, which many a
    container lacks: give it C.UTF-8, which has the same letters, by that name."""
    c_utf8 = Path("/usr/lib/locale/C.utf8")
    if not c_utf8.is_dir():
        return
    LOCALES.mkdir(exist_ok=True)
    link = LOCALES / "en_US.UTF-8"
    if not link.is_symlink():
        link.symlink_to(c_utf8)
    os.environ["LOCPATH"] = str(LOCALES)


def main():
    if sys.version_info < (3, 11):
        sys.exit(f"error: Python 3.11 or later is needed, this is {sys.version.split()[0]}")
    args = parse_args()
    inside = Path(sys.prefix).resolve() == VENV.resolve()
    if not inside or os.environ.get("PYTHONHASHSEED") != HASH_SEED:
        enter_venv()

    # One thread: the order of a threaded sum, and so its last bits, may vary.
    os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    lend_locale()
    sys.dont_write_bytecode = True
    from fixtures.make import make_fixtures

    some = {name for name in ("zoo", "onnx", "networks") if getattr(args, name)}
    sys.exit(make_fixtures(ROOT / "tests" / "fixtures", args.only, some))


if __name__ == "__main__":
    main()
