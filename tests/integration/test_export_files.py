"""Files that actions read and write, where the disk is in the way."""

import errno
import os
from pathlib import Path
from typing import Any, NoReturn

import pytest
from homeassistant.exceptions import HomeAssistantError

from custom_components.audible_tracker.actions import exports
from custom_components.audible_tracker.actions.config_files import (
    EXPORT_FOLDER,
    IMPORT_BYTES_MAX,
    drop_export_file,
    finish_export_file,
    open_export_file,
    read_import_file,
)
from custom_components.audible_tracker.core.errors import (
    ImportFileTooLargeError,
    InvalidValueError,
)
from tests.integration.steps import Household


def refuse(*_arguments: Any) -> NoReturn:
    """Do what a full disk does."""
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_file_beyond_the_limit_is_not_read(tmp_path: Path) -> None:
    """It is told so before it fills the memory."""
    with (tmp_path / "books.csv").open("wb") as file:
        file.truncate(IMPORT_BYTES_MAX + 1)

    with pytest.raises(ImportFileTooLargeError, match="100"):
        read_import_file(tmp_path, "books.csv")


def test_file_that_the_disk_does_not_give_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is there, and cannot be read."""
    (tmp_path / "books.csv").write_text("Title\n")
    monkeypatch.setattr(Path, "read_bytes", refuse)

    with pytest.raises(InvalidValueError, match="may read"):
        read_import_file(tmp_path, "books.csv")


def test_exports_of_one_second_have_names_of_their_own(tmp_path: Path) -> None:
    """None is written over; one that did not become whole leaves nothing."""
    names = []
    for text in ("one", "two", "three"):
        path, file = open_export_file(tmp_path, "books.csv")
        file.write(text)
        assert finish_export_file(path, file) == len(text)
        names.append(path.name)
    path, file = open_export_file(tmp_path, "books.csv")
    drop_export_file(path, file)

    assert names == ["books.csv", "books-2.csv", "books-3.csv"]
    assert {one.name for one in (tmp_path / EXPORT_FOLDER).iterdir()} == set(names)


async def test_export_that_ends_half_way_leaves_nothing(
    household: Household, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a file would pass for a whole one."""
    await household.sign_up()
    monkeypatch.setattr(exports, "_WRITTEN_AT_ONCE", 100)
    monkeypatch.setattr(exports, "finish_export_file", refuse)

    with pytest.raises(HomeAssistantError) as told:
        await household.act("export_books")

    assert told.value.translation_key == "export_file"
    folder = Path(household.hass.config.path(str(EXPORT_FOLDER)))
    assert list(folder.iterdir()) == []
