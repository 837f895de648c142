"""Giving up root: only where the folders really are the other user's."""

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

_GROUP, _USER = 54_321, 12_345
_SCRIPT: Final = f"""
import os, sys
from pathlib import Path
from audible_server.privileges import is_writable_for

folder = Path(sys.argv[1])
os.chown(folder, 0, {_GROUP})
os.setgroups([{_GROUP}])
for mode in (0o770, 0o707, 0o702):
    folder.chmod(mode)
    print(is_writable_for(folder, {_USER}))
print(os.getgroups(), os.geteuid(), os.getegid())
os.chown(folder, {os.getuid()}, {os.getgid()})
"""


def test_groups_of_root_are_not_the_users() -> None:
    """A folder that root may write through a group stays closed to the other user."""
    as_root = () if os.getuid() == 0 else ("sudo", "-n")
    # Not below the folder of the test, which only its owner may enter.
    with TemporaryDirectory(dir="/tmp") as folder:
        done = subprocess.run(
            [*as_root, sys.executable, "-c", _SCRIPT, Path(folder)],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
    said = done.stdout.split("\n")
    assert ["False", "True", "False"] == said[:3]
    assert f"[{_GROUP}] 0 0" == said[3], "this program stays what it was"
