"""Audible on paper: one account's library, places and statistics, to be set by hand."""

from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from audible_core.audible.client import LibraryAnswer, LibraryDelta
from audible_core.errors import AudibleError
from audible_core.models import (
    Asin,
    AudibleTitle,
    Chapter,
    ContentMetadata,
    ListeningInterval,
    Position,
    Release,
    Wish,
)

from tests.core.sync.paper import HOUR_MS, NOW, asin

CHAPTERS = (Chapter("One", 0, HOUR_MS), Chapter("Two", HOUR_MS, HOUR_MS))

type Meanwhile = Callable[[], Awaitable[object]]


class Clock:
    """A clock that stands still until it is set."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def __call__(self) -> datetime:
        """Return what it shows."""
        return self.at

    def wait(self, **units: float) -> None:
        """Let hours, minutes, seconds pass."""
        self.at += timedelta(**units)

    async def sleep(self, seconds: float) -> None:
        """Sleep without sleeping."""
        self.wait(seconds=seconds)


@dataclass(slots=True)
class _Recording:
    acr: str | None
    version: str = "1"


class PaperShop:
    """What ``AudibleSource`` asks, answered from plain values; it counts requests."""

    def __init__(self, clock: Clock) -> None:
        self.titles: dict[Asin, AudibleTitle] = {}
        self.hollow: set[Asin] = set()
        self.names_come_back = True
        self.places: dict[Asin, Position] = {}
        self.recordings: dict[Asin, _Recording] = {}
        self.days: list[ListeningInterval] = []
        self.requests: Counter[str] = Counter()
        self.asked_places: list[tuple[Asin, ...]] = []
        self.wishes: list[Wish] = []
        self.releases: list[Release] = []
        self.asked_days: list[tuple[date, int]] = []
        self.written: list[tuple[Asin, str, int]] = []
        self.write_takes_s = 0.0
        self.delta_shows_progress = False
        self.library_ends_after: int | None = None
        self.clock = clock
        self._journal: list[Asin] = []
        self._due: list[tuple[datetime, Position]] = []
        self._refusals: defaultdict[str, list[AudibleError]] = defaultdict(list)
        self._meanwhile: dict[str, Meanwhile] = {}

    # --- setting --------------------------------------------------------------------

    def add(self, *titles: AudibleTitle) -> None:
        """Sell titles, or change what is said of them."""
        for title in titles:
            self.titles[title.asin] = title
            self._journal.append(title.asin)

    def change(self, number: int = 1, **members: object) -> None:
        """Say something else of a title."""
        self.add(replace(self.titles[asin(number)], **members))  # type: ignore[arg-type]

    def remove(self, number: int = 1) -> None:
        """Take a title out of the library."""
        del self.titles[asin(number)]
        self._journal.append(asin(number))

    def hear(
        self, position_ms: int, number: int = 1, at: datetime | None = None
    ) -> None:
        """Listen to a title, on some other device."""
        place = Position(asin(number), position_ms, at or self.clock())
        self.places[place.asin] = place

    def record(
        self, number: int = 1, acr: str | None = "acr", version: str = "1"
    ) -> None:
        """Give a title a recording."""
        self.recordings[asin(number)] = _Recording(acr, version)

    def refuse(self, kind: str, error: AudibleError, times: int = 1) -> None:
        """Refuse the next requests of a kind."""
        self._refusals[kind] += [error] * times

    def meanwhile(self, kind: str, something: Meanwhile) -> None:
        """Let something happen at home while the next request of a kind is answered."""
        self._meanwhile[kind] = something

    def forget_writes(self) -> None:
        """Let somebody else's places go over all that was written."""
        self._due.clear()

    @property
    def state_token(self) -> str:
        """Return what stands for the library of now."""
        return f"token-{len(self._journal)}"

    # --- answering ------------------------------------------------------------------

    async def fetch_library(self) -> LibraryAnswer:
        """Answer 1,000 titles per request."""
        pages = max(1, -(-len(self.titles) // 1000))
        await self._answer("library", pages)
        shown = tuple(map(self._shown, self.titles.values()))
        titles = shown[: self.library_ends_after]
        is_short = len(titles) < len(shown)
        return LibraryAnswer(titles, self.state_token, pages, self.clock(), is_short)

    async def fetch_library_delta(self, state_token: str) -> LibraryDelta:
        """Answer what came and went since the token."""
        await self._answer("delta")
        touched = set(self._journal[int(state_token.removeprefix("token-")) :])
        titles = [entry for key, entry in self.titles.items() if key in touched]
        if not self.delta_shows_progress:
            titles = [
                replace(entry, percent_complete=0.0, is_finished=False)
                for entry in titles
            ]
        gone = frozenset(touched - self.titles.keys())
        return LibraryDelta(tuple(titles), gone, self.state_token, 1)

    async def fetch_title(self, asin: Asin) -> AudibleTitle | None:
        """Answer one title, with its name."""
        await self._answer("title")
        if self.names_come_back:
            self.hollow.discard(asin)
        title = self.titles.get(asin)
        return self._shown(title) if title is not None else None

    async def fetch_positions(self, asins: Sequence[Asin]) -> dict[Asin, Position]:
        """Answer 25 places per request."""
        await self._answer("positions", -(-len(asins) // 25))
        self.asked_places.append(tuple(asins))
        for due_at, place in self._due:
            if due_at <= self.clock():
                self.places[place.asin] = place
        return {asin: self.places[asin] for asin in asins if asin in self.places}

    async def fetch_metadata(self, asin: Asin) -> ContentMetadata:
        """Answer what is known of the recording."""
        await self._answer("metadata")
        recording = self.recordings.get(asin, _Recording(None))
        return ContentMetadata(
            asin,
            10 * HOUR_MS,
            CHAPTERS,
            is_accurate=True,
            acr=recording.acr,
            version=recording.version,
        )

    async def write_position(self, asin: Asin, acr: str, position_ms: int) -> None:
        """Say yes; a place with the right ``acr`` shows after a while."""
        await self._answer("write")
        self.written.append((asin, acr, position_ms))
        if acr == self.recordings[asin].acr:
            due_at = self.clock() + timedelta(seconds=self.write_takes_s)
            self._due.append((due_at, Position(asin, position_ms, self.clock())))

    async def fetch_listening_days(
        self, first: date, days: int
    ) -> tuple[ListeningInterval, ...]:
        """Answer one day more than asked for, as Audible does."""
        await self._answer("statistics")
        self.asked_days.append((first, days))
        window = {(first + timedelta(days=day)).isoformat() for day in range(days + 1)}
        return tuple(day for day in self.days if day.identifier in {*window, ""})

    async def fetch_wishlist(self) -> tuple[Wish, ...]:
        """Return what is wished for."""
        await self._answer("wishlist")
        return tuple(self.wishes)

    async def add_wish(self, asin: Asin) -> None:
        """Put a title on the list."""
        await self._answer("wishlist")
        self.wishes.insert(0, Wish(asin, f"Wish {asin}", (), None, self.clock()))

    async def search_catalog(self, words: str) -> tuple[Wish, ...]:
        """Find what is wished for already."""
        return tuple(one for one in self.wishes if words in one.title)

    async def search_series(self, series: str) -> tuple[Release, ...]:
        """Tell what comes out in a series."""
        await self._answer("series")
        return tuple(one for one in self.releases if one.series == series)

    async def remove_wish(self, asin: Asin) -> None:
        """Take a title off the list."""
        await self._answer("wishlist")
        self.wishes = [wish for wish in self.wishes if wish.asin != asin]

    async def _answer(self, kind: str, requests: int = 1) -> None:
        self.requests[kind] += requests
        if (something := self._meanwhile.pop(kind, None)) is not None:
            await something()
        if self._refusals[kind]:
            raise self._refusals[kind].pop(0)

    def _shown(self, title: AudibleTitle) -> AudibleTitle:
        if title.asin not in self.hollow:
            return title
        return AudibleTitle(
            title.asin,
            None,
            percent_complete=title.percent_complete,
            is_finished=title.is_finished,
        )
