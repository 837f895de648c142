"""The demo customers and their libraries: one of each kind the real service has.

Works are in the public domain; narrators, publishers, ISBNs and ASINs are invented.
Dates are relative to the start of the simulator.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from random import Random
from typing import Final

from .catalog_titles import BRITISH, TITLES, WISHED
from .markets import MARKETS
from .shop import Account, Heard, OwnedTitle, Position, Shop, Wish, new_account
from .titles import Rights, Title

DEMO_EMAIL: Final = "anna@example.com"
DEMO_PASSWORD: Final = "listen"
OTHER_EMAIL: Final = "ben@example.com"
OTHER_PASSWORD: Final = "listen"
FORMER_EMAIL: Final = "anna.before@example.com"
FORMER_PASSWORD: Final = "listen"

SHORT_ASIN: Final = "B0SHRTLAW1"
TEN_HOUR_ASIN: Final = "B0TENHRSEA"
AAX_ASIN: Final = "B0AAXHEART"
WIDEVINE_ASIN: Final = "B0WIDEWARS"
THROTTLED_ASIN: Final = "B0THRJUNGL"
LAPSED_ASIN: Final = "B0LAPSGABL"
PLUS_ASIN: Final = "B0PLUSEMPR"
TEMPORARY_ASIN: Final = "B0TEMPWIND"
PREORDER_ASIN: Final = "B0PREORDYS"
PODCAST_ASIN: Final = "B0PODCLASS"
EPISODE_ASIN: Final = "B0EPIS0001"
PERIODICAL_ASIN: Final = "B0PERSTRND"
MULTI_PART_ASIN: Final = "B0MULTIMIS"
TREE_ASIN: Final = "B0DRACULA1"
NO_TITLE_ASIN: Final = "B0NULLTITL"
NO_AUTHORS_ASIN: Final = "B0BEOWULF1"
UNDER_WAY_ASIN: Final = "B0PRIDEPRJ"
LONG_AGO_ASIN: Final = "B0MIDDLEMR"
FINISHED_AT_43_ASIN: Final = "B0CALLWILD"
UNFINISHED_AT_99_ASIN: Final = "B0SECRGRDN"
MISMATCH_ASIN: Final = "B0FRANKEN1"
UNSTARTED_ASIN: Final = "B0MOBYDICK"
NOT_OWNED_ASIN: Final = "B0NOTOWNED"
WISHED_ASIN: Final = "B0PREWISH1"

# The demo customer's second library: another country, where the book that is under way
# has another ASIN and the same stock number, and one title has the same ASIN.
SECOND_COUNTRY: Final = "uk"
SECOND_UNDER_WAY_ASIN: Final = "B0PRIDEUK1"
BOTH_COUNTRIES_ASIN: Final = "B0CHRCAROL"


@dataclass(frozen=True, slots=True)
class Listened:
    """How far the demo customer is with a title.

    Without a position only the percentage is known. Days count back from the start.
    """

    asin: str
    days_ago: float
    position_ms: int | None = None
    percent: float | None = None
    top_percent: float | None = None
    is_finished: bool = False


def _at(hours: int, minutes: int, seconds: int = 0) -> int:
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + 417


LISTENED: Final = (
    Listened(UNDER_WAY_ASIN, 0.08, _at(4, 12, 36)),
    Listened("B0VERWANDL", 0.9, _at(1, 20, 5)),
    Listened("B0STUDYSCA", 2.3, _at(2, 2, 18)),
    Listened(TEN_HOUR_ASIN, 3.6, _at(3, 3, 20)),
    Listened("B0TIMEMACH", 6.2, _at(2, 41, 0)),
    Listened(MISMATCH_ASIN, 9.1, percent=10.0, top_percent=0.0),
    Listened(TREE_ASIN, 15.4, _at(5, 48, 12)),
    Listened(UNFINISHED_AT_99_ASIN, 20.5, _at(7, 11, 40), percent=99.0),
    Listened(MULTI_PART_ASIN, 33.7, _at(2, 59, 59)),
    Listened("B0ADVENSHE", 79.0, _at(0, 48, 30)),
    Listened(SECOND_UNDER_WAY_ASIN, 44.0, _at(2, 30, 0)),
    Listened(LONG_AGO_ASIN, 205.0, _at(3, 30, 0)),
    Listened("B0CHRCAROL", 330.0, _at(3, 7, 50), percent=100.0, is_finished=True),
    Listened("B0DORGRAY1", 61.0, percent=99.0, is_finished=True),
    Listened("B0SIGNFOUR", 11.2, _at(4, 50, 11), percent=99.0, is_finished=True),
    Listened(FINISHED_AT_43_ASIN, 142.0, _at(1, 22, 0), percent=43.0, is_finished=True),
    Listened("B0SIDDHART", 25.0, _at(4, 11, 0), percent=99.0, is_finished=True),
    Listened("B0ALICEWON", 400.0, percent=0.0, is_finished=True),
)

_SECOND_MARKET: Final = frozenset({SECOND_COUNTRY})
_FIRST_MARKETS: Final = frozenset(market.country_code for market in MARKETS) - (
    _SECOND_MARKET
)
_HEARD_DAYS: Final = 400
_STREAK_DAYS: Final = 9

# The other customer owns a few of the same titles and has heard nothing.
_OTHER_LIBRARY: Final = (SHORT_ASIN, UNDER_WAY_ASIN, "B0CHRCAROL", AAX_ASIN)


def demo_shop(now: datetime) -> Shop:
    """Return a shop with both demo customers and their libraries.

    The first of them has a former account, too, for which nothing was ever bought.
    """
    titles = {title.asin: title for title in (*TITLES, *BRITISH, *WISHED)}
    anna = new_account(
        email=DEMO_EMAIL,
        password=DEMO_PASSWORD,
        name="Anna Example",
        activation_bytes=bytes.fromhex("0a51e77e"),
    )
    ben = new_account(
        email=OTHER_EMAIL,
        password=OTHER_PASSWORD,
        name="Ben Sample",
        activation_bytes=bytes.fromhex("c0ffee42"),
    )
    former = new_account(
        email=FORMER_EMAIL,
        password=FORMER_PASSWORD,
        name=anna.name,
        activation_bytes=bytes.fromhex("deadbea7"),
    )
    owned = [title for title in TITLES if title.asin != NOT_OWNED_ASIN]
    _fill(anna, owned, now)
    for bought in anna.library.values():
        if bought.title.asin != BOTH_COUNTRIES_ASIN:
            bought.markets = _FIRST_MARKETS
    _fill(anna, [*BRITISH], now, markets=_SECOND_MARKET)
    anna.heard = _heard(now.date())
    anna.wishes = [
        Wish(titles[asin], now - timedelta(days=days))
        for asin, days in ((WISHED_ASIN, 3), (NOT_OWNED_ASIN, 40))
    ]
    _fill(ben, [titles[asin] for asin in _OTHER_LIBRARY], now)
    for listened in LISTENED:
        _listen(anna.library[listened.asin], listened, now)
    accounts = {account.email: account for account in (anna, ben, former)}
    return Shop(titles=titles, accounts=accounts)


def _heard(today: date) -> list[Heard]:
    """Return more than a year of days, the last of them without a gap."""
    random = Random("heard")
    heard = []
    for ago in range(_HEARD_DAYS):
        minutes = random.randint(4, 190) if random.random() < 0.7 else 0
        if ago < _STREAK_DAYS:
            minutes = 20 + 7 * ago
        elif ago == _STREAK_DAYS:
            minutes = 0
        if minutes:
            day = today - timedelta(days=ago)
            heard.append(Heard(day, minutes * 60_000.0 + 417, _FIRST_MARKETS))
    heard.append(Heard(today - timedelta(days=44), 1_800_000.0, _SECOND_MARKET))
    return heard


def _fill(
    account: Account,
    titles: list[Title],
    now: datetime,
    *,
    markets: frozenset[str] | None = None,
) -> None:
    for number, title in enumerate(titles):
        bought_at = now - timedelta(days=9 + 17.3 * number, minutes=7 * number)
        if title.rights is Rights.PREORDER:
            bought_at = now - timedelta(days=2)
        account.library[title.asin] = OwnedTitle(
            title=title,
            purchased_at=bought_at,
            changed_at=bought_at,
            markets=markets,
        )


def _listen(owned: OwnedTitle, listened: Listened, now: datetime) -> None:
    moved_at = now - timedelta(days=listened.days_ago)
    runtime_ms = owned.title.runtime_ms or 0
    if listened.position_ms is not None:
        owned.positions.append(Position(listened.position_ms, moved_at, moved_at))
    percent = listened.percent
    if percent is None and listened.position_ms is not None:
        percent = float(100 * listened.position_ms // runtime_ms)
    owned.percent_complete = percent or 0.0
    owned.top_percent_complete = listened.top_percent
    owned.is_finished = listened.is_finished
    owned.status_changed_at = moved_at
    owned.purchased_at = min(owned.purchased_at, moved_at - timedelta(days=3))
    owned.changed_at = owned.purchased_at
