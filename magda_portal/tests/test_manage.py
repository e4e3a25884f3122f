"""What the command line says when it can't begin."""

import json
import subprocess
import sys
from pathlib import Path

from magda_portal.bootstrap import BASE_DIR
from magda_portal.tests.environment import for_a_process


def manage(data_dir: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE_DIR,
        env=for_a_process(data_dir),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_a_new_data_folder_is_readied_by_migrate_alone_and_said_to_need_it(tmp_path: Path) -> None:
    before = manage(tmp_path / "new", "transfers")
    migrated = manage(tmp_path / "new", "migrate", "--verbosity", "0")
    after = manage(tmp_path / "new", "transfers", "--json")

    assert (before.returncode, before.stdout) == (1, "")
    assert "manage.py migrate" in before.stderr
    assert "Traceback" not in before.stderr
    assert (migrated.returncode, migrated.stderr) == (0, "")
    assert (after.returncode, json.loads(after.stdout)) == (0, [])
