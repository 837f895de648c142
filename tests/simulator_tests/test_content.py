"""Content metadata and licenses."""

import base64
import hashlib
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.simulator.audio import audio_runtime_ms
from tests.simulator.catalog import (
    AAX_ASIN,
    EPISODE_ASIN,
    LAPSED_ASIN,
    NOT_OWNED_ASIN,
    PODCAST_ASIN,
    PREORDER_ASIN,
    SHORT_ASIN,
    TEMPORARY_ASIN,
    THROTTLED_ASIN,
    TREE_ASIN,
    UNDER_WAY_ASIN,
    WIDEVINE_ASIN,
)

from .phone import Phone, Reply


async def metadata(phone: Phone, asin: str, **query: object) -> Reply:
    """Ask for the chapters and the reference of a title."""
    groups = {"response_groups": "chapter_info,content_reference"}
    path = f"/1.0/content/{asin}/metadata"
    return await phone.api("GET", path, **groups | query)


async def license_of(phone: Phone, asin: str, **changes: object) -> Reply:
    """Ask for a license as a client does that wants an AAC-LC file."""
    body = {
        "supported_media_features": {
            "drm_types": ["Mpeg", "Adrm"],
            "codecs": ["mp4a.40.2"],
            "chapter_titles_type": "Tree",
        },
        "quality": "High",
        "consumption_type": "Download",
        "response_groups": "content_reference,chapter_info,last_position_heard",
    }
    path = f"/1.0/content/{asin}/licenserequest"
    return await phone.api("POST", path, body=body | changes)


async def test_chapters_are_free_of_gaps(phone: Phone) -> None:
    """Chapters start at zero and fill the runtime exactly."""
    info = (await metadata(phone, UNDER_WAY_ASIN)).json["content_metadata"]
    info = info["chapter_info"]
    ends = [0]
    for chapter in info["chapters"]:
        assert ends[-1] == chapter["start_offset_ms"]
        assert chapter["start_offset_ms"] // 1000 == chapter["start_offset_sec"]
        ends.append(ends[-1] + chapter["length_ms"])
    assert (info["runtime_length_ms"], 2043) == (ends[-1], info["brandIntroDurationMs"])


async def test_tree_and_flat_hold_the_same_chapters(phone: Phone) -> None:
    """Headings and leaves of the tree are as many as the flat list has."""
    tree, flat = [
        (await metadata(phone, TREE_ASIN, chapter_titles_type=kind)).json[
            "content_metadata"
        ]["chapter_info"]["chapters"]
        for kind in ("Tree", "Flat")
    ]
    below = sum(len(chapter.get("chapters", ())) for chapter in tree)
    assert (5, 32, 32) == (len(tree), len(tree) + below, len(flat))
    assert not any("chapters" in chapter for chapter in flat)


async def test_position_comes_with_the_metadata(phone: Phone) -> None:
    """The position is one of the groups."""
    reply = await metadata(phone, UNDER_WAY_ASIN, response_groups="last_position_heard")
    heard = reply.json["content_metadata"]["last_position_heard"]
    assert (15_156_417, "Exists") == (heard["position_ms"], heard["status"])


@pytest.mark.parametrize(
    ("asin", "drm_type"),
    [
        (WIDEVINE_ASIN, "Adrm"),
        (AAX_ASIN, "Adrm"),
        (EPISODE_ASIN, "Adrm"),
        (SHORT_ASIN, "Mpeg"),
        (SHORT_ASIN, "PlayReady"),
        (PODCAST_ASIN, "Mpeg"),
        (PREORDER_ASIN, "Adrm"),
        ("B0STRANGER", "Adrm"),
    ],
)
async def test_form_that_does_not_exist_is_not_found(
    phone: Phone, asin: str, drm_type: str
) -> None:
    """A title without the form asked for is error 000307."""
    reply = await metadata(phone, asin, drm_type=drm_type)
    assert (404, "000307") == (reply.status, reply.json["error_code"])
    assert f"asin:{asin}, " in reply.message


async def test_wrong_quality_names_what_is_allowed(phone: Phone) -> None:
    """The quality the service dropped is refused with the list of those left."""
    reply = await license_of(phone, SHORT_ASIN, quality="Extreme")
    expected = (
        "1 validation error detected: Value 'Extreme' at 'quality' failed to satisfy "
        "constraint: Member must satisfy enum value set: [High, Normal]"
    )
    assert (400, expected) == (reply.status, reply.message)


async def test_voucher_decrypts_by_the_real_rule(phone: Phone) -> None:
    """Device, customer and title together open the voucher."""
    granted = (await license_of(phone, SHORT_ASIN)).json["content_license"]
    extensions = phone.registration["extensions"]
    names = (
        extensions["device_info"]["device_type"]
        + extensions["device_info"]["device_serial_number"]
        + extensions["customer_info"]["user_id"]
        + granted["asin"]
    )
    digest = hashlib.sha256(names.encode()).digest()
    cipher = Cipher(algorithms.AES(digest[:16]), modes.CBC(digest[16:])).decryptor()
    plain = cipher.update(base64.b64decode(granted["license_response"]))
    voucher = json.loads(plain.rstrip(b"\0"))
    title = phone.simulator.shop.titles[SHORT_ASIN]
    assert (title.content_key.hex(), title.content_iv.hex()) == (
        voucher["key"],
        voucher["iv"],
    )


async def test_granted_license_tells_the_true_size(phone: Phone) -> None:
    """The size in the answer is that of the file, which lasts as long as announced."""
    granted = (await license_of(phone, SHORT_ASIN)).json["content_license"]
    reference = granted["content_metadata"]["content_reference"]
    title = phone.simulator.shop.titles[SHORT_ASIN]
    path = await phone.simulator.books.content(title)
    assert path.stat().st_size == reference["content_size_in_bytes"]
    assert title.runtime_length_min == audio_runtime_ms(path) // 60_000
    assert 50 >= abs(audio_runtime_ms(path) - (title.runtime_ms or 0))


async def test_every_license_is_counted(phone: Phone) -> None:
    """A grant counts, also for a title already held; the limit ends it with 403."""
    phone.simulator.shop.settings.license_threshold = 2
    replies = [await license_of(phone, SHORT_ASIN) for _ in range(3)]
    number = phone.simulator.shop.accounts["anna@example.com"].customer_number
    assert [200, 200, 403] == [reply.status for reply in replies]
    expected = f"Customer [{number}] is above threshold for content license grant count"
    assert expected == replies[2].message


@pytest.mark.parametrize(
    ("asin", "kinds"),
    [
        (THROTTLED_ASIN, {("Ownership", "CustomerThrottled")}),
        (TEMPORARY_ASIN, {("AYCL", None)}),
        (
            LAPSED_ASIN,
            {("AYCL", "ContentEligibility"), ("Ownership", "RequesterEligibility")},
        ),
        (
            NOT_OWNED_ASIN,
            {("AYCL", "ContentEligibility"), ("Ownership", "RequesterEligibility")},
        ),
        (PREORDER_ASIN, {("AYCL", "ContentEligibility")}),
    ],
)
async def test_denial_is_an_answer_of_200_with_reasons(
    phone: Phone, asin: str, kinds: set[tuple[str, str | None]]
) -> None:
    """A denied license names every check that failed."""
    reply = await license_of(phone, asin)
    denied = reply.json["content_license"]
    reasons = {
        (reason["validationType"], reason["rejectionReason"])
        for reason in denied["license_denial_reasons"]
    }
    assert (200, "Denied", True) == (
        reply.status,
        denied["status_code"],
        kinds <= reasons,
    )
    assert not phone.simulator.shop.accounts["anna@example.com"].grants


async def test_old_registration_is_throttled_until_signed_in_again(
    phone: Phone,
) -> None:
    """A throttled device reads on, but needs a new registration for licenses."""
    await phone.control("POST", "/devices/throttle")
    throttled = (await license_of(phone, SHORT_ASIN)).json["content_license"]
    phone.serial = "a-new-device"
    await phone.sign_in()
    fresh = (await license_of(phone, SHORT_ASIN)).json["content_license"]
    assert ("Denied", "Granted") == (throttled["status_code"], fresh["status_code"])


@pytest.mark.parametrize("asin", [WIDEVINE_ASIN, AAX_ASIN, PODCAST_ASIN])
async def test_title_without_a_file_has_no_license(phone: Phone, asin: str) -> None:
    """What exists in no form the client takes is error 000307."""
    reply = await license_of(phone, asin)
    assert (404, "000307") == (reply.status, reply.json["error_code"])


async def test_episode_is_plain_mp3(phone: Phone) -> None:
    """Episodes come without a voucher."""
    granted = (await license_of(phone, EPISODE_ASIN)).json["content_license"]
    url = granted["content_metadata"]["content_url"]["offline_url"]
    audio = await phone.send("GET", url)
    assert ("Mpeg", None) == (granted["drm_type"], granted["license_response"])
    assert "audio/mpeg" == audio.headers["Content-Type"]
    path = await phone.simulator.books.content(
        phone.simulator.shop.titles[EPISODE_ASIN]
    )
    assert path.read_bytes() == audio.body
    assert 4 == audio_runtime_ms(path) // 60_000


@pytest.mark.parametrize(
    ("codecs", "status"),
    [(["mp4a.40.2", "mp4a.40.42"], 200), (["mp4a.40.42"], 404), ([], 404)],
)
async def test_only_aac_lc_is_delivered(
    phone: Phone, codecs: list[str], status: int
) -> None:
    """A client that takes AAC-LC gets it; one that does not gets nothing."""
    features: dict[str, Any] = {"drm_types": ["Adrm"], "codecs": codecs}
    reply = await license_of(phone, SHORT_ASIN, supported_media_features=features)
    assert status == reply.status


async def test_older_form_of_the_request_is_understood(phone: Phone) -> None:
    """The body older clients send works as well."""
    path = f"/1.0/content/{SHORT_ASIN}/licenserequest"
    body = {
        "supported_drm_types": ["Mpeg", "Adrm"],
        "quality": "High",
        "consumption_type": "Download",
        "response_groups": "last_position_heard, pdf_url, content_reference",
    }
    reply = await phone.api("POST", path, body=body)
    assert "Granted" == reply.json["content_license"]["status_code"]
