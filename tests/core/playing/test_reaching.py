"""Why a speaker does not play from an address."""

import pytest
from audible_core.playing.reaching import why_silent


@pytest.mark.parametrize(
    ("url", "platform", "is_trusted", "expected"),
    [
        ("http://127.0.0.1:8123", "mpd", True, "address_loopback"),
        ("http://[::1]:8123", "mpd", True, "address_loopback"),
        ("https://localhost", "cast", False, "address_loopback"),
        ("https://192.168.1.5:8123", "sonos", False, "address_certificate"),
        ("http://homeassistant.local:8123", "cast", True, "address_name"),
        ("http://homeassistant:8123", "cast", True, "address_name"),
        ("http://homeassistant.local:8123", "sonos", True, "audio_not_fetched"),
        ("http://192.168.1.5:8123", "cast", True, "audio_not_fetched"),
        ("https://house.example.org", "cast", True, "audio_not_fetched"),
    ],
)
def test_likeliest_cause_is_named(
    url: str, platform: str, is_trusted: bool, expected: str
) -> None:
    """What everybody refuses comes before what one kind of player does."""
    found = why_silent(
        player="Kitchen",
        platform=platform,
        url=url,
        was_fetched=False,
        is_trusted=is_trusted,
    )

    assert expected == found.key
    assert "Kitchen" in str(found)


def test_who_came_for_the_sound_is_not_kept_from_it() -> None:
    """Whatever the address looks like."""
    found = why_silent(
        player="Kitchen",
        platform="cast",
        url="http://127.0.0.1:8123",
        was_fetched=True,
        is_trusted=False,
    )

    assert "audio_not_played" == found.key
