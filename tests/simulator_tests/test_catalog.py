"""The demo library: one of each kind, and honest numbers."""

from datetime import UTC, datetime, timedelta

from tests.simulator import catalog
from tests.simulator.covers import cover_image
from tests.simulator.shop import OwnedTitle
from tests.simulator.titles import Form, Rights, flat_chapters

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SHOP = catalog.demo_shop(NOW)
LIBRARY = SHOP.accounts[catalog.DEMO_EMAIL].library


def moved_within(days: float) -> set[str]:
    """Return the unfinished titles whose position moved in the last days."""
    since = NOW - timedelta(days=days)
    return {
        asin
        for asin, owned in LIBRARY.items()
        if not owned.is_finished
        and owned.positions
        and owned.positions[-1].updated_at > since
    }


def test_library_is_large_enough() -> None:
    """There are at least 30 titles, all with ASINs of ten characters."""
    assert 30 <= len(LIBRARY)
    assert {10} == {len(asin) for asin in SHOP.titles}


def test_titles_under_way_now_and_long_ago() -> None:
    """Several titles moved in the last 90 days, one before that."""
    recent = moved_within(90)
    assert 8 <= len(recent)
    assert {catalog.LONG_AGO_ASIN} == moved_within(9999) - recent


def test_positions_are_inside_their_titles() -> None:
    """Nobody stands behind the end of a book."""
    for owned in LIBRARY.values():
        for position in owned.positions:
            assert 0 < position.position_ms < (owned.title.runtime_ms or 0)


def test_nothing_happened_in_the_future_or_before_it_was_bought() -> None:
    """Books are bought first and heard then."""
    for owned in LIBRARY.values():
        assert owned.purchased_at < NOW
        for position in owned.positions:
            assert owned.purchased_at < position.updated_at < NOW


def test_chapters_fill_their_titles() -> None:
    """Chapters, flattened, have no gaps and end with the title."""
    for title in SHOP.titles.values():
        end_ms = 0
        for chapter in flat_chapters(title.chapters):
            assert (end_ms, True) == (chapter.start_ms, chapter.length_ms > 0)
            end_ms += chapter.length_ms
        assert (title.runtime_ms or 0) == end_ms


def test_isbns_are_true() -> None:
    """Check digits are right, and an ASIN of digits is the ISBN in its old form."""
    isbns = {title.asin: title.isbn for title in SHOP.titles.values() if title.isbn}
    for isbn in isbns.values():
        digits = [int(digit) for digit in isbn]
        assert 0 == (sum(digits[::2]) + 3 * sum(digits[1::2])) % 10
    numbers = {asin: isbn for asin, isbn in isbns.items() if asin.isdecimal()}
    assert {asin: asin[:9] for asin in numbers} == {
        asin: isbn[3:12] for asin, isbn in numbers.items()
    }
    assert 1 <= len(numbers) < len(isbns) < len(SHOP.titles)


def test_zoo_is_complete() -> None:
    """Every kind of item the service is known for is there."""
    titles = SHOP.titles
    assert catalog.TEN_HOUR_ASIN in moved_within(90)
    assert 600 == titles[catalog.TEN_HOUR_ASIN].runtime_length_min
    assert 3 == titles[catalog.SHORT_ASIN].runtime_length_min
    assert Form.AAX is titles[catalog.AAX_ASIN].form
    assert Form.WIDEVINE is titles[catalog.WIDEVINE_ASIN].form
    assert Form.MPEG is titles[catalog.EPISODE_ASIN].form
    assert "PodcastParent" == titles[catalog.PODCAST_ASIN].delivery_type
    assert "Periodical" == titles[catalog.PERIODICAL_ASIN].delivery_type
    assert "MultiPartBook" == titles[catalog.MULTI_PART_ASIN].delivery_type
    assert Rights.LAPSED is titles[catalog.LAPSED_ASIN].rights
    assert titles[catalog.PREORDER_ASIN].runtime_ms is None
    assert titles[catalog.NO_TITLE_ASIN].title is None
    assert titles[catalog.NO_AUTHORS_ASIN].authors is None
    assert set(Rights) == {title.rights for title in titles.values()}
    sequences = {place.sequence for title in titles.values() for place in title.series}
    assert {"", "1", "10.5", "1-3.5", "Book 1"} <= sequences
    assert {"english", "german"} == {title.language for title in titles.values()}
    assert not all(title.is_accurate for title in titles.values())


def test_odd_progress_is_there() -> None:
    """Finished at 43 percent, unfinished at 99, and two percentages that disagree."""
    assert (43.0, True) == progress(LIBRARY[catalog.FINISHED_AT_43_ASIN])
    assert (99.0, False) == progress(LIBRARY[catalog.UNFINISHED_AT_99_ASIN])
    mismatch = LIBRARY[catalog.MISMATCH_ASIN]
    assert (10.0, 0.0) == (mismatch.percent_complete, mismatch.top_percent_complete)


def test_covers_differ() -> None:
    """Every title has a picture of its own."""
    titles = list(SHOP.titles.values())[:6]
    covers = {cover_image(title, 200, "JPEG") for title in titles}
    assert len(titles) == len(covers)


def progress(owned: OwnedTitle) -> tuple[float, bool]:
    """Return percentage and flag."""
    return owned.percent_complete, owned.is_finished
