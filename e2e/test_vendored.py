"""What others made is what its name says."""

import hashlib
import tomllib
from pathlib import Path

_VENDOR = Path(__file__).parent / "vendor"


def test_each_file_of_others_has_the_sum_that_stands_beside_it() -> None:
    listed = tomllib.loads((_VENDOR / "VENDOR.toml").read_text(encoding="utf-8"))["file"]

    assert {path.name for path in _VENDOR.iterdir()} == {
        "VENDOR.toml",
        *(file["name"] for file in listed),
    }
    for file in listed:
        content = (_VENDOR / file["name"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == file["sha256"]
        assert file["version"] in file["name"]
