"""Virtual M4B files against ffmpeg, and against themselves range by range."""

import json
import random
import subprocess
import tempfile
from pathlib import Path

import pytest
from audible_core.errors import (
    ActivationBytesError,
    DecryptError,
    MediaFileMissingError,
    Mp4FormatError,
    UnsupportedMediaError,
)
from hypothesis import given
from hypothesis import strategies as st

from audible_server.media.keys import ActivationBytes, BookKey, ContentKey
from audible_server.media.virtual import VirtualM4b
from tests.addon.media.conftest import KEY as BOOK_KEY
from tests.addon.media.conftest import RUNTIME_MS, EncryptedBook, ffmpeg
from tests.addon.media.mp4_maker import (
    KEY,
    OTHER_KEY,
    Made,
    box,
    encrypted_sample,
    frame,
    ftyp,
    make_book,
    moov,
    write_sparse_book,
)
from tests.simulator.audio import encrypt_aax


def whole(book: VirtualM4b) -> bytes:
    return book.read(0, book.size_bytes)


def opened(data: bytes, key: BookKey | None = KEY) -> VirtualM4b:
    """Open bytes as a file; it may lose its name once it is open."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        return VirtualM4b.open(Path(file.name), key)


@pytest.fixture(scope="module")
def served(
    encrypted_book: EncryptedBook, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The whole virtual file, written to disk for ffmpeg."""
    path = tmp_path_factory.mktemp("served") / "book.m4b"
    path.write_bytes(whole(VirtualM4b.open(encrypted_book.path, encrypted_book.key)))
    return path


def test_every_sample_equals_what_ffmpeg_decrypts(
    encrypted_book: EncryptedBook, served: Path, tmp_path: Path
) -> None:
    """Packets of the virtual file, of ffmpeg's copy and of the original are equal."""
    packets = ["-map", "0:a", "-c", "copy", "-f", "framehash", "-hash", "md5", "-"]
    copy = tmp_path / "copy.m4b"
    key, locked = encrypted_book.ffmpeg_key, encrypted_book.path
    ffmpeg(*key, "-i", locked, "-map", "0:a", "-c", "copy", copy)

    judged = ffmpeg("-i", copy, *packets)
    assert 1_600 < len(judged.splitlines())
    assert judged == ffmpeg("-i", served, *packets)
    assert judged == ffmpeg("-i", encrypted_book.plain, *packets)


def test_it_sounds_like_what_ffmpeg_decrypts(
    encrypted_book: EncryptedBook, served: Path
) -> None:
    """Decoded sound is equal, and so are length, chapters and tags."""
    sound = ["-map", "0:a", "-f", "md5", "-"]
    key, locked = encrypted_book.ffmpeg_key, encrypted_book.path

    assert ffmpeg(*key, "-i", locked, *sound) == ffmpeg("-i", served, *sound)
    assert described(encrypted_book.plain) == described(served)


def described(path: Path) -> object:
    argv = ["ffprobe", "-v", "error", "-of", "json", "-show_chapters", "-show_entries"]
    show = "format=duration:format_tags=title,artist:stream=codec_tag_string"
    done = subprocess.run([*argv, show, path], check=True, capture_output=True)
    return json.loads(done.stdout)


def test_200_random_ranges_are_slices_of_the_whole(
    encrypted_book: EncryptedBook, served: Path
) -> None:
    """Any range alone is what the whole file has there."""
    book = VirtualM4b.open(encrypted_book.path, encrypted_book.key)
    expected = served.read_bytes()
    assert encrypted_book.path.stat().st_size == book.size_bytes == len(expected)
    rng = random.Random(2)
    for _ in range(200):
        start = rng.randrange(book.size_bytes)
        end = start + rng.choice((1, 15, 16, 700, 65_536, 1_000_000))
        assert expected[start:end] == book.read(start, end)


def test_it_knows_its_length_and_times(encrypted_book: EncryptedBook) -> None:
    """Length as in the header, positions within a frame of 46 ms."""
    book = VirtualM4b.open(encrypted_book.path, encrypted_book.key)

    assert abs(RUNTIME_MS - book.duration_ms) < 50
    assert 22_050 == book.config.sample_rate_hz
    sample = book.times.sample_at_ms(60_000)
    assert 0 <= 60_000 - book.times.start_ms(sample) < 47


def test_nothing_of_the_encryption_is_left(served: Path) -> None:
    """Brand, sample entry and key box are those of a plain file."""
    data = served.read_bytes()

    assert b"M4A " == data[8:12]
    assert (0, 0, 0) == tuple(data.count(word) for word in (b"aavd", b"adrm", b"aax"))


@pytest.mark.parametrize(
    "key",
    [
        ContentKey(bytes(16), BOOK_KEY.iv),
        ContentKey(BOOK_KEY.key, bytes(16)),
        None,
    ],
)
def test_a_wrong_key_is_an_error_never_noise(
    encrypted_book: EncryptedBook, key: BookKey | None
) -> None:
    """A wrong key, a wrong IV, no key at all."""
    with pytest.raises(DecryptError):
        VirtualM4b.open(encrypted_book.path, key)


def test_an_account_that_does_not_own_the_aax_is_told(
    plain_book: Path, tmp_path: Path
) -> None:
    """For AAX the error names the activation bytes."""
    path = tmp_path / "book.aax"
    encrypt_aax(plain_book, path, activation_bytes=b"mine")
    with pytest.raises(ActivationBytesError):
        VirtualM4b.open(path, ActivationBytes(b"none"))


def test_activation_bytes_do_not_open_an_aaxc(aaxc: Path) -> None:
    """An AAXC has no key box; only the key of its license opens it."""
    with pytest.raises(DecryptError):
        VirtualM4b.open(aaxc, ActivationBytes(b"mine"))


def test_a_plain_file_passes_unchanged(plain_book: Path) -> None:
    """A file without encryption needs no key and stays as it is."""
    book = VirtualM4b.open(plain_book, None)

    assert plain_book.read_bytes() == whole(book)


def test_300_random_keys_never_open_a_book(aaxc: Path) -> None:
    """The test for noise has no lucky keys."""
    rng = random.Random(3)
    for _ in range(300):
        key = ContentKey(rng.randbytes(16), rng.randbytes(16))
        with pytest.raises(DecryptError):
            VirtualM4b.open(aaxc, key)


sizes = st.lists(
    st.sampled_from([0, 1, 15, 16, 17, 32, 33]) | st.integers(0, 2_000),
    min_size=1,
    max_size=60,
)


@given(sizes, st.integers(1, 9), st.integers(0, 20), st.booleans(), st.data())
def test_any_layout_is_served_byte_for_byte(
    each: list[int], per_chunk: int, gap: int, first: bool, data: st.DataObject
) -> None:
    """Samples of size 0, below, at and above whole blocks, gaps, either index place."""
    made = make_book(each, per_chunk=per_chunk, gap_bytes=gap, is_index_first=first)
    book = opened(made.encrypted)

    assert made.plain == whole(book)
    assert list(made.samples) == book.read_samples(0, len(each))
    start = data.draw(st.integers(0, len(made.plain)))
    end = data.draw(st.integers(start, len(made.plain)))
    assert made.plain[start:end] == book.read(start, end)


def test_ranges_outside_the_file_are_cut() -> None:
    """Nothing lies before the first byte or behind the last."""
    made = make_book([100] * 5)
    book = opened(made.encrypted)

    assert made.plain[:3] == book.read(-5, 3)
    assert made.plain[-3:] == book.read(len(made.plain) - 3, 10**12)
    assert (b"", b"") == (book.read(10**12, 10**12 + 5), book.read(9, 9))
    assert [] == book.read_samples(5, 9)


def test_files_beyond_4_gib_are_served(tmp_path: Path) -> None:
    """64-bit boxes and chunk offsets, read on both sides of the hole."""
    each, hole = [700] * 40, 4_400_000_000
    path = tmp_path / "big.aaxc"
    write_sparse_book(path, each, hole_bytes=hole)
    book = VirtualM4b.open(path, KEY)
    samples = [frame(size, seed) for seed, size in enumerate(each)]

    assert 2**32 < book.size_bytes
    assert samples == book.read_samples(0, 20) + book.read_samples(20, 40)
    at = len(ftyp("aaxc")) + 16 + 20 * 700 + hole
    assert b"".join(samples[20:])[5:3_000] == book.read(at + 5, at + 3_000)
    assert bytes(5) + samples[20][:5] == book.read(at - 5, at + 5)


def test_the_validator_follows_the_content_alone(tmp_path: Path) -> None:
    """Another place or date changes nothing; another title or content does."""
    made, other = make_book([100] * 5), make_book([101] * 5)
    tag = opened(made.encrypted).etag("B01")

    assert tag == opened(made.encrypted).etag("B01")
    assert '"' == tag[0] == tag[-1]
    assert tag != opened(made.encrypted).etag("B02")
    assert tag != opened(other.encrypted).etag("B01")


def test_an_open_book_outlives_its_name(tmp_path: Path) -> None:
    """A listener keeps the version that was opened, also after the file is replaced."""
    made = make_book([100] * 5)
    path = tmp_path / "book.aaxc"
    path.write_bytes(made.encrypted)
    book = VirtualM4b.open(path, KEY)
    path.unlink()

    assert made.plain == whole(book)


def test_a_file_that_shrinks_is_an_error(tmp_path: Path) -> None:
    """Missing bytes are never made up."""
    path = tmp_path / "book.aaxc"
    path.write_bytes(make_book([100] * 50).encrypted)
    book = VirtualM4b.open(path, KEY)
    with path.open("r+b") as file:
        file.truncate(2_000)

    with pytest.raises(Mp4FormatError, match="the file has become shorter"):
        whole(book)


MADE = make_book([100] * 50)


def broken(old: bytes, new: bytes, made: Made = MADE) -> bytes:
    assert 1 == made.encrypted.count(old)
    return made.encrypted.replace(old, new)


def chunk_at(offset: int) -> bytes:
    """Return a book whose only chunk lies where nothing should."""
    head, index = ftyp("aaxc"), moov("aavd", [100] * 5, 5, [offset])
    return head + index + box("mdat", bytes(600))


@pytest.mark.parametrize(
    ("data", "error", "reason"),
    [
        (MADE.encrypted[:-1], Mp4FormatError, "1 bytes of the mdat box are missing"),
        (MADE.encrypted[:300], Mp4FormatError, "bytes of the moov box are missing"),
        (b"", Mp4FormatError, "it has 0 ftyp boxes instead of one"),
        (ftyp("aaxc"), Mp4FormatError, "it has 0 moov boxes instead of one"),
        (b"<html>File Assembly error</html>", Mp4FormatError, "are missing"),
        (bytes(5_000), Mp4FormatError, "instead of one"),
        (broken(b"esds", b"none"), Mp4FormatError, "configuration is missing"),
        (broken(b"stsz", b"none"), Mp4FormatError, "the stbl box has no stsz box"),
        (broken(b"mdhd", b"none"), Mp4FormatError, "the mdia box has no mdhd box"),
        (ftyp("aaxc") + moov("aavd", [], 1, []), Mp4FormatError, "no sound in it"),
        (broken(b"aavd", b"ec-3"), UnsupportedMediaError, "is Dolby Digital Plus"),
        (broken(b"aavd", b"text"), UnsupportedMediaError, "no track of AAC sound"),
        (chunk_at(40), Mp4FormatError, "outside of the media data"),
        (chunk_at(10**9), Mp4FormatError, "bytes of sound are missing"),
    ],
)
def test_damage_is_named(data: bytes, error: type[Exception], reason: str) -> None:
    """Every way a file may be broken has its sentence."""
    with pytest.raises(error, match=reason):
        opened(data)


def test_parts_that_were_never_written_are_damage() -> None:
    """A hole in a file that was laid out in full is no matter of keys."""
    sound = b"".join(MADE.samples)
    start = len(MADE.encrypted) - len(sound)
    with pytest.raises(Mp4FormatError, match="never written"):
        opened(MADE.encrypted[: start + 2_000] + bytes(len(sound) - 2_000))
    rest = random.Random(4).randbytes(len(sound) - 3_000)
    with pytest.raises(Mp4FormatError, match="not readable"):
        opened(MADE.encrypted[: start + 3_000] + rest)


def test_an_error_opens_no_file_for_ever(tmp_path: Path) -> None:
    """Files that cannot be served are closed again."""
    path = tmp_path / "book.aaxc"
    path.write_bytes(MADE.encrypted)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        with pytest.raises(DecryptError):
            VirtualM4b.open(path, OTHER_KEY)
        VirtualM4b.open(path, KEY)

    assert before == len(list(Path("/proc/self/fd").iterdir()))


def test_what_is_no_file_is_named_without_its_folder(tmp_path: Path) -> None:
    """Errors never show where the library lies."""
    with pytest.raises(MediaFileMissingError) as caught:
        VirtualM4b.open(tmp_path / "gone.aaxc", KEY)
    assert "The file gone.aaxc is gone." == str(caught.value)
    with pytest.raises(Mp4FormatError, match="it cannot be read"):
        VirtualM4b.open(tmp_path, KEY)
    circle = tmp_path / "circle.aaxc"
    circle.symlink_to(circle)
    with pytest.raises(Mp4FormatError, match="it cannot be read"):
        VirtualM4b.open(circle, KEY)


def test_an_index_beyond_all_books_is_not_read(tmp_path: Path) -> None:
    """A damaged file cannot fill the memory."""
    path = tmp_path / "book.aaxc"
    path.write_bytes(ftyp("aaxc") + (2**30).to_bytes(4) + b"moov")
    with path.open("r+b") as file:
        file.truncate(len(ftyp("aaxc")) + 2**30)

    with pytest.raises(Mp4FormatError, match="its index is too large"):
        VirtualM4b.open(path, KEY)


def test_sound_may_lie_in_several_boxes() -> None:
    """What stands between two boxes of media data is not sound."""
    chunks = [encrypted_sample(frame(100, n)) for n in range(2)]
    head, between = ftyp("aaxc"), box("free", bytes(9))
    index_bytes = len(moov("aavd", [100, 100], 1, [0, 0]))
    first = len(head) + index_bytes + 8
    second = first + 100 + len(between) + 8
    index = moov("aavd", [100, 100], 1, [first, second])
    media = [box("mdat", chunk) for chunk in chunks]
    book = opened(head + index + media[0] + between + media[1])

    assert [frame(100, 0), frame(100, 1)] == book.read_samples(0, 2)
    assert between == book.read(first + 100, second - 8)


@given(st.integers(0, 900), st.integers(0, 255))
def test_any_damaged_byte_is_an_error_of_ours_or_harmless(at: int, value: int) -> None:
    """No byte of the index can make anything but a clear error."""
    data = bytearray(MADE.encrypted)
    data[at] = value
    try:
        whole(opened(bytes(data)))
    except Mp4FormatError, UnsupportedMediaError, DecryptError:
        return
