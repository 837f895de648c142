"""Settings: where they come from, and what is said about wrong ones."""

import json
import os
import socket
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from audible_core.errors import InvalidValueError

from audible_server.options import checked, flag
from audible_server.settings import Settings

SECRET = "correct-horse-battery-staple"
FLAG = {"x": flag(default=False).metadata["rule"]}


def _environment(folder: Path, **changes: str) -> dict[str, str]:
    values = {
        "DATA_DIR": str(folder / "data"),
        "LIBRARY_DIR": str(folder / "library"),
        **changes,
    }
    return {f"AUDIBLE_SERVER_{name}": value for name, value in values.items()}


def _load(folder: Path, options: Any = None, **changes: str) -> Settings:
    path = folder / "options.json"
    if options is not None:
        path.write_text(json.dumps(options))
    return Settings.load(_environment(folder, **changes), path)


def test_environment_alone_is_enough(tmp_path: Path) -> None:
    """An ordinary container is configured by environment variables."""
    settings = _load(tmp_path, PORT="9000", TRANSCODE_SLOTS="3", SECRET=SECRET)

    assert (9000, 3, SECRET) == (
        settings.port,
        settings.transcode_slots,
        settings.secret,
    )
    assert settings.library_dir.is_dir()


def test_options_win_over_the_environment(tmp_path: Path) -> None:
    """What is chosen in the app's settings counts."""
    settings = _load(
        tmp_path, {"log_level": "debug", "transcode_slots": 4}, LOG_LEVEL="error"
    )

    assert ("debug", 4) == (settings.log_level, settings.transcode_slots)


def test_secret_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    """Without a secret given, the server makes one and keeps it."""
    first, second = _load(tmp_path).secret, _load(tmp_path).secret

    assert first == second
    assert len(first) >= 16
    assert 0o600 == stat.S_IMODE((tmp_path / "data" / "secret").stat().st_mode)


def test_secret_is_not_in_the_representation(tmp_path: Path) -> None:
    """A log line about the settings tells no secret."""
    assert SECRET not in repr(_load(tmp_path, SECRET=SECRET))


@pytest.mark.parametrize(
    ("field", "options", "environment"),
    [
        ("port", None, {"PORT": "http"}),
        ("port", None, {"PORT": "0"}),
        ("port", None, {"PORT": "70000"}),
        ("port", None, {"PORT": "9" * 5000}),
        ("port", {"port": 80.5}, {}),
        ("port", {"port": True}, {}),
        ("transcode_slots", {"transcode_slots": 0}, {}),
        ("transcode_slots", {"transcode_slots": "many"}, {}),
        ("transcode_slots", {"transcode_slots": []}, {}),
        ("log_level", {"log_level": "loud"}, {}),
        ("log_level", {"log_level": 5}, {}),
        ("data_dir", None, {"DATA_DIR": "data"}),
        ("library_dir", None, {"LIBRARY_DIR": "/proc/nothing/here"}),
        ("library_dir", {"library_dir": ["/media"]}, {}),
        ("host", {"host": 1}, {}),
        ("host", {"host": "  "}, {}),
        ("secret", None, {"SECRET": "short"}),
        ("secret", None, {"SECRET": "with some spaces in it"}),
        ("secret", {"secret": 1234567890123456}, {}),
        ("options.json", ["a list"], {}),
    ],
)
def test_wrong_value_is_named(
    tmp_path: Path, field: str, options: Any, environment: dict[str, str]
) -> None:
    """The sentence names the field, what came and what is allowed."""
    with pytest.raises(InvalidValueError) as caught:
        _load(tmp_path, options, **environment)

    assert field == caught.value.placeholders["field"]
    assert caught.value.placeholders["allowed"]


def test_wrong_secret_is_not_repeated(tmp_path: Path) -> None:
    """A secret that is refused does not appear in the sentence."""
    with pytest.raises(InvalidValueError) as caught:
        _load(tmp_path, SECRET="geheim")

    assert "geheim" not in str(caught.value)
    assert "6 characters" in str(caught.value)


@pytest.mark.parametrize("kept", ["", "\n", "short\n"])
def test_secret_file_that_holds_no_secret_is_named(tmp_path: Path, kept: str) -> None:
    """A file that was emptied by hand does not open the server to everybody."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "secret").write_text(kept)

    with pytest.raises(InvalidValueError, match="at least 16"):
        _load(tmp_path)


def test_nothing_chosen_takes_the_defaults(tmp_path: Path) -> None:
    """An option that was emptied in the form counts as not chosen."""
    settings = _load(tmp_path, {"log_level": "", "transcode_slots": None, "more": 1})

    assert ("info", "0.0.0.0", 8099) == (
        settings.log_level,
        settings.host,
        settings.port,
    )
    assert min(os.process_cpu_count() or 1, 64) == settings.transcode_slots


@pytest.mark.parametrize(
    ("given", "expected"),
    [(True, True), ("yes", True), ("ON", True), (False, False), ("0", False)],
)
def test_flag_is_on_or_off(given: Any, expected: bool) -> None:
    """The app's form sends true and false, an environment has words."""
    assert {"x": expected} == checked(FLAG, {"x": given})


@pytest.mark.parametrize("given", ["maybe", 1, [], 0.0])
def test_what_is_no_flag_is_named(given: Any) -> None:
    """A word that is neither does not mean off."""
    with pytest.raises(InvalidValueError, match=r"x: .* Allowed: true or false\."):
        checked(FLAG, {"x": given})


def test_options_that_are_no_json_are_named(tmp_path: Path) -> None:
    """A damaged options file is not taken for an empty one."""
    path = tmp_path / "options.json"
    path.write_text("{")

    with pytest.raises(InvalidValueError, match=r"options\.json"):
        Settings.load(_environment(tmp_path), path)


def test_port_that_is_taken_is_named(tmp_path: Path) -> None:
    """Two programs on one port: the second says what is wrong."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        host, _, port = address.partition(":")
        done = _run(_environment(tmp_path, HOST=host, PORT=port))

    assert 2 == done.returncode
    assert f"host, port: '{address}' is not allowed." in done.stderr
    assert "Traceback" not in done.stderr


def test_program_ends_with_one_sentence_and_code_2(tmp_path: Path) -> None:
    """A wrong setting ends the program without a traceback."""
    done = _run(_environment(tmp_path, PORT="eighty"))

    expected = (
        "audible-server: port: 'eighty' is not allowed. "
        "Allowed: a whole number from 1 to 65535.\n"
    )
    assert (2, expected, "") == (done.returncode, done.stderr, done.stdout)


def _run(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "audible_server"],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


@pytest.mark.parametrize("host", ["a..b", "a" * 64 + ".example"])
def test_host_that_cannot_be_looked_up_is_named(tmp_path: Path, host: str) -> None:
    """A name that is none ends the program with a sentence too."""
    done = _run(_environment(tmp_path, HOST=host, PORT="1"))

    assert 2 == done.returncode
    assert "host, port: " in done.stderr
    assert "Traceback" not in done.stderr


def test_damaged_database_is_named_at_the_start(tmp_path: Path) -> None:
    """The sentence is about the database, not about the library folder."""
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "server.db").write_bytes(b"this is no database" * 100)
    done = _run(_environment(tmp_path, PORT="1"))

    expected = (
        "audible-server: The server's database server.db cannot be used "
        "(file is not a database).\n"
    )
    assert (2, expected) == (done.returncode, done.stderr)


@pytest.mark.parametrize("token", ["", "token"])
def test_supervisor_is_known_by_its_token(tmp_path: Path, token: str) -> None:
    """Whether the Supervisor runs the program is read once, at the start."""
    environment = {**_environment(tmp_path), "SUPERVISOR_TOKEN": token}
    settings = Settings.load(environment, tmp_path / "options.json")

    assert bool(token) == settings.is_supervised


def test_database_is_a_file_unless_an_address_is_given(tmp_path: Path) -> None:
    """Nobody has to run a database server."""
    url = "postgresql://me:very-secret@db.example/audible"

    assert _load(tmp_path).database_target == tmp_path / "data" / "server.db"
    settings = _load(tmp_path, DATABASE_URL=url)
    assert url == settings.database_target
    assert "very-secret" not in repr(settings)


@pytest.mark.parametrize("url", ["mysql://me:very-secret@db/a", "very-secret", 5])
def test_other_database_is_refused_without_its_password(
    tmp_path: Path, url: Any
) -> None:
    """What is not understood is not repeated."""
    with pytest.raises(InvalidValueError, match="database_url") as caught:
        _load(tmp_path, {"database_url": url})
    assert "very-secret" not in str(caught.value)
