"""Decoder configurations, from bytes as encoders write them."""

import random

import pytest
from audible_core.errors import Mp4FormatError, UnsupportedMediaError
from hypothesis import given
from hypothesis import strategies as st

from audible_server.media.mp4.audio_config import (
    AudioConfig,
    parse_audio_specific_config,
    parse_esds,
)
from audible_server.media.mp4.plausible import Verdict, is_plausible, judge
from tests.addon.media.mp4_maker import frame

MONO = AudioConfig(object_type=2, rate_index=7, channels=1)
STEREO = AudioConfig(object_type=2, rate_index=4, channels=2)
# As ffmpeg writes it: descriptor sizes in four bytes each.
ESDS = bytes.fromhex(
    "00000000 0380808022 0001 00 0480808014 4015 000000 00007d00 00007d00"
    "0580808002 1388 0680808001 02"
)


@pytest.mark.parametrize(
    ("asc", "expected"),
    [
        ("1388", MONO),
        ("1210", STEREO),
        # HE-AAC said aloud: the core runs at half the rate.
        ("2b8a0800", AudioConfig(2, 7, 1)),
        ("eb8a0800", AudioConfig(2, 7, 1)),
    ],
)
def test_configurations_are_read(asc: str, expected: AudioConfig) -> None:
    """Object type, rate and channels, with and without SBR."""
    assert expected == parse_audio_specific_config(bytes.fromhex(asc))
    assert expected.sample_rate_hz in (22_050, 44_100)


@pytest.mark.parametrize(
    ("asc", "error", "reason"),
    [
        ("f95046", UnsupportedMediaError, "MPEG-4 audio of type 42, not AAC-LC"),
        ("0b88", UnsupportedMediaError, "MPEG-4 audio of type 1, not AAC-LC"),
        ("1780", UnsupportedMediaError, "its sample rate is unusual"),
        ("13", Mp4FormatError, "configuration is cut off"),
    ],
)
def test_other_codings_are_named(asc: str, error: type[Exception], reason: str) -> None:
    """What cannot be played is told apart from what is damaged."""
    with pytest.raises(error, match=reason):
        parse_audio_specific_config(bytes.fromhex(asc))


def test_descriptors_are_opened() -> None:
    """The configuration lies three descriptors deep, whatever the optional fields."""
    assert MONO == parse_esds(ESDS)
    specific = b"\x05\x02\x13\x88"
    decoder = b"\x04\x11\x40" + bytes(12) + specific
    optional = b"\0\2" + b"\3url" + b"\0\3"
    assert MONO == parse_esds(bytes(4) + b"\x03\x1e\0\1\xe0" + optional + decoder)


def test_sound_that_is_not_aac_is_refused() -> None:
    """MP3 in an MP4 file is not served as AAC."""
    with pytest.raises(UnsupportedMediaError, match="its sound is not AAC"):
        parse_esds(ESDS.replace(b"\x40\x15", b"\x6b\x15"))


@given(st.integers(0, len(ESDS) - 1))
def test_every_cut_is_damage_or_harmless(length: int) -> None:
    """A box cut anywhere never gives a wrong configuration."""
    try:
        assert MONO == parse_esds(ESDS[:length])
    except Mp4FormatError, UnsupportedMediaError:
        return


# 3 bits of kind, then what each kind holds.
FILL = "110 0001 00000000"
LONG_FILL = "110 1111 00000001" + "0" * 120
DATA = "100 0000 0 00000001 11111111"
ALIGNED_DATA = "100 0000 1 00000000"
SINGLE = "000 0000 10000000 0 00 0 010100 0"
SHORT = "000 0000 10000000 0 10 0 1110"
PAIR = "001 0000 1 0 00 0 010100 0"
PAIR_APART = "001 0000 0 10000000 0 00 0 010100 0"


def bits(text: str) -> bytes:
    digits = text.replace(" ", "")
    padded = digits + "0" * (-len(digits) % 8 + 64)
    return int(padded, 2).to_bytes(len(padded) // 8)


@pytest.mark.parametrize("head", [SINGLE, SHORT, FILL + SINGLE, DATA + SINGLE])
def test_frames_of_one_channel_are_sound(head: str) -> None:
    """Frames may begin with padding or data, and have long or short windows."""
    assert is_plausible(bits(head), MONO)
    assert not is_plausible(bits(head), STEREO)


@pytest.mark.parametrize("head", [PAIR, PAIR_APART, LONG_FILL + PAIR])
def test_frames_of_two_channels_are_sound(head: str) -> None:
    """Both channels may share their window."""
    assert is_plausible(bits(head), STEREO)
    assert not is_plausible(bits(head), MONO)


def test_data_aligned_to_bytes_is_passed_over() -> None:
    """Sound after aligned data begins at the next byte."""
    assert is_plausible(bits(ALIGNED_DATA)[:2] + bits(SINGLE), MONO)


@pytest.mark.parametrize(
    "head",
    [
        "000 0000 10000000 1 00 0 010100 0",
        "000 0000 10000000 0 00 0 111111 0",
        "000 0000 10000000 0 00 0 010100 1",
        "111",
        FILL * 5,
    ],
)
def test_frames_that_break_a_rule_are_noise(head: str) -> None:
    """Reserved bit, band count, prediction, an end before the beginning."""
    assert not is_plausible(bits(head), MONO)


def test_channels_may_be_told_in_the_frames() -> None:
    """Without a channel configuration either element may come first."""
    own = AudioConfig(2, 7, 0)

    assert is_plausible(bits(SINGLE), own)
    assert is_plausible(bits(PAIR), own)


def test_an_empty_frame_is_not_sound() -> None:
    """Nothing at all has no element."""
    assert not is_plausible(b"", MONO)


def test_a_few_odd_frames_do_not_spoil_a_book() -> None:
    """Most must be sound; some sound is damage, hardly any is the wrong key."""
    good, bad = frame(100), b"\xff" * 100

    assert Verdict.SOUND is judge([good] * 8 + [bad] * 2, MONO)
    assert Verdict.DAMAGED is judge([good] * 5 + [bad] * 5, MONO)
    assert Verdict.NOISE is judge([good] * 2 + [bad] * 8, MONO)
    assert Verdict.SOUND is judge([], MONO)


@given(st.integers(0, 2**64))
def test_noise_is_never_taken_for_sound(seed: int) -> None:
    """48 random frames are not a book."""
    rng = random.Random(seed)
    noise = [rng.randbytes(100) for _ in range(48)]

    assert Verdict.NOISE is judge(noise, MONO)
    assert Verdict.NOISE is judge(noise, STEREO)
