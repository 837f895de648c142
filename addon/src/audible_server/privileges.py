"""Giving up the rights of root, once what needs them is done.

A container of Home Assistant starts as root, with folders that belong to root.
"""

import logging
import os
import subprocess
from pathlib import Path
from typing import Final

from audible_server.settings import Settings

ROOT: Final = 0
_LOGGER = logging.getLogger(__name__)


def give_up_root(settings: Settings) -> None:
    """Become the user of the settings, if root runs this and another one is wished.

    Root stays where the folders cannot be that user's, as on many network shares.
    """
    user_id = settings.user_id
    if os.geteuid() != ROOT or user_id == ROOT:
        return
    _give(settings.data_dir, user_id)
    for path in settings.data_dir.rglob("*"):
        _give(path, user_id)
    _give(settings.library_dir, user_id)
    for folder in (settings.data_dir, settings.library_dir):
        if not is_writable_for(folder, user_id):
            _LOGGER.warning(
                "Goes on as root: user %s may not write in %s", user_id, folder
            )
            return
    os.setgroups([])
    os.setgid(user_id)
    os.setuid(user_id)


def is_writable_for(folder: Path, user_id: int) -> bool:
    """Tell whether a user of that number may write in a folder; only root can ask.

    A program of that user's is asked, so that no group of root's helps.
    """
    asked = subprocess.run(  # noqa: S603 - the folder is the owner's own choice
        ("/usr/bin/test", "-w", folder, "-a", "-x", folder),
        user=user_id,
        group=user_id,
        extra_groups=(),
        check=False,
    )
    return asked.returncode == 0


def _give(path: Path, user_id: int) -> None:
    try:
        os.chown(path, user_id, user_id, follow_symlinks=False)
    except OSError as err:
        # Whether it matters is seen when the folders are checked.
        _LOGGER.debug("%s keeps its owner: %s", path, err)
