"""What names, keys and lists of other programs say: pure, and hostile input."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audible_server.media.keys import ActivationBytes, ContentKey
from audible_server.scan.keys import parse_key_file
from audible_server.scan.lists import parse_list
from audible_server.scan.names import (
    asin_in,
    base_of,
    numbered_alike,
    titles_in,
)

KEY, IV = "00112233445566778899aabbccddeeff", "ffeeddccbbaa99887766554433221100"


@pytest.mark.parametrize(
    ("path", "asin"),
    [
        # Libation: the title's own folder and file.
        (
            "The Time Machine [B0TIMEMACH]/The Time Machine [B0TIMEMACH].m4b",
            "B0TIMEMACH",
        ),
        ("H. G. Wells/The Time Machine [B0TIMEMACH]/01.m4b", "B0TIMEMACH"),
        # audible-cli with the name mode that has the ASIN in front.
        ("B0TIMEMACH_The_Time_Machine-AAX_44_128.aaxc", "B0TIMEMACH"),
        ("The Time Machine (B0TIMEMACH).mp3", "B0TIMEMACH"),
        ("Time {asin-B0TIMEMACH}.m4b", "B0TIMEMACH"),
        ("The Time Machine B0TIMEMACH.m4b", "B0TIMEMACH"),
        ("B0TIMEMACH.m4b", "B0TIMEMACH"),
        ("1234567890.m4b", "1234567890"),
        ("Old Book [1400010012].m4b", "1400010012"),
        # Ten digits in a text are no ASIN, nor is a word of capitals.
        ("Call 1234567890 now.m4b", None),
        ("BESTSELLER.m4b", "BESTSELLER"),
        ("The BESTSELLER of them.m4b", None),
        ("The Time Machine.m4b", None),
        ("B0TIMEMACH and B0VERWANDL.m4b", None),
        ("xB0TIMEMACHx.m4b", None),
    ],
)
def test_asin_in_a_name_is_found(path: str, asin: str | None) -> None:
    """Each program marks its files in its own way, and so do people."""
    assert asin == asin_in(path)


def test_titles_come_without_what_programs_add() -> None:
    """What is asked for is the title, not the codec or the number in brackets."""
    assert ("The Time Machine", "") == titles_in("The_Time_Machine-AAX_44_128.aaxc")[0]
    assert ("Dune", "") == titles_in("Dune-LC_128_44100_stereo.aax")[0]
    assert ("Dune", "Frank Herbert") in titles_in("Frank Herbert - Dune.m4b")
    assert ("Dune", "Frank Herbert") in titles_in("Frank Herbert/Dune [x]/Dune.m4b")


def test_voucher_lies_beside_whatever_the_codec_is() -> None:
    """audible-cli names the voucher as the audio."""
    assert base_of("a/Dune-AAX_44_128.voucher") == base_of("a/Dune-AAX_44_128.aaxc")


def test_parts_have_one_name_without_their_numbers() -> None:
    """Only the number tells the parts of a book apart."""
    assert numbered_alike("a/Dune 01.mp3") == numbered_alike("a/Dune 12.mp3")
    assert numbered_alike("a/Dune 01.mp3") != numbered_alike("b/Dune 01.mp3")


def test_voucher_of_audible_cli_is_read() -> None:
    """It is the whole answer of the shop, with the voucher opened."""
    license_ = {"asin": "B0TIMEMACH", "license_response": {"key": KEY, "iv": IV}}
    found = parse_key_file(json.dumps({"content_license": license_}).encode())

    assert found is not None
    assert ContentKey(bytes.fromhex(KEY), bytes.fromhex(IV)) == found.key
    assert "B0TIMEMACH" == found.asin
    assert KEY not in repr(found)


def test_other_key_files_are_read() -> None:
    """The voucher alone, and the lines that Libation writes."""
    alone = parse_key_file(json.dumps({"key": KEY, "iv": IV}).encode())
    lines = parse_key_file(f"Key={KEY}\r\nIV={IV}\r\n".encode())
    account = parse_key_file(b"ActivationBytes=0a51e77e")

    assert alone is not None
    assert alone == lines
    assert account is not None
    assert ActivationBytes(bytes.fromhex("0a51e77e")) == account.key


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\xff\xfe\x00",
        b"{",
        b"null",
        b"[]",
        b"[" * 100_000,
        b'{"content_license": 5}',
        b'{"content_license": {"license_response": "c2VhbGVk"}}',
        b'{"key": "00", "iv": "11"}',
        b'{"key": 7, "iv": null}',
        b"Key=zz\nIV=11",
        b"ActivationBytes=0a51e77e0a51e77e",
        b'{"key": "' + b"g" * 32 + b'", "iv": "' + b"g" * 32 + b'"}',
    ],
)
def test_what_is_no_key_file_gives_no_key(content: bytes) -> None:
    """Anything may be called .voucher."""
    assert parse_key_file(content) is None


@given(st.binary(max_size=300))
def test_no_bytes_break_the_readers(content: bytes) -> None:
    """Files of strangers are answered with nothing, never with an exception."""
    parse_key_file(content)
    assert isinstance(parse_list(content), dict)


@given(st.text(min_size=1, max_size=80).filter(lambda text: "/" not in text))
def test_no_name_breaks_the_rules(name: str) -> None:
    """Whatever a file is called."""
    path = f"{name}.m4b"
    found = asin_in(path)
    assert found is None or len(found) == 10
    assert all(title for title, _ in titles_in(path))


@pytest.mark.parametrize("body", [None, 3, {"a": 1}, [1, None, {"filename": 3}]])
def test_list_of_another_form_is_empty(body: Any) -> None:
    """Another program may have a file of that name."""
    assert {} == parse_list(json.dumps(body).encode())


def test_list_of_openaudible_names_its_files() -> None:
    """Its files are called by title; the list says which is which."""
    body = [{"filename": "The Time Machine", "asin": "B0TIMEMACH", "key": "x"}]
    assert {"the time machine": "B0TIMEMACH"} == parse_list(json.dumps(body).encode())
