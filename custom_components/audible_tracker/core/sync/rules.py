"""Pure: what one answer of Audible means for one title. Every rule is one function."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from ..models import AudibleTitle, Position
from ..progress import progress_of

MS_PER_MINUTE: Final = 60_000
_FASTEST_SPEED: Final = 3.5
_SLACK_MS: Final = MS_PER_MINUTE
_FROM_START_SPEED: Final = 2.0
"""Few listen faster; a leap into a book looks like it, so that this is no limit."""
_ONE_SITTING: Final = timedelta(hours=2)
"""Who looks less often knows no better than that how far one can have heard."""
_REREAD_MS: Final = 15 * MS_PER_MINUTE
_REREAD_PERCENT: Final = 5.0
"""So much is really heard again, the less of the two, before it is a new read."""
_STEP_BACK_MS: Final = 5 * MS_PER_MINUTE
"""Who goes back no further than this goes on hearing."""
_REREAD_RESTS: Final = timedelta(days=2)
"""A title that went back and was then left alone for longer is heard from nowhere."""

# Values of content_delivery_type and content_type (audible-api reference, 4.2).
_NO_BOOKS: Final = frozenset(
    {
        "PodcastParent",
        "PodcastEpisode",
        "PodcastSeason",
        "Periodical",
        "SinglePartIssue",
        "MultiPartIssue",
        "AudioPart",
        "BookSeries",
        "Podcast",
        "Episode",
        "Show",
        "Newspaper / Magazine",
        "Radio/TV Program",
    }
)


@dataclass(frozen=True, slots=True)
class Rules:
    """What a user may set.

    A title counts as finished with less than ``finish_rest_ms`` left, but never with
    more than ``finish_rest_percent`` of it left. A finished title that stood within
    ``near_start_percent``, or that may have come from its start since the last look, up
    to ``restart_percent`` of where it stood, and was then really heard on is read
    again. Any other is heard on with ``least_heard_ms``.
    """

    finish_rest_ms: int = 2 * MS_PER_MINUTE
    finish_rest_percent: float = 5.0
    near_start_percent: float = 10.0
    restart_percent: float = 50.0
    least_heard_ms: int = MS_PER_MINUTE
    creates_books: bool = True


@dataclass(frozen=True, slots=True)
class Heard:
    """Where listening of one title stands. None means unknown, never zero.

    ``at`` is when it came there, by Audible's clock.
    """

    position_ms: int | None = None
    percentage: float | None = None
    is_finished: bool | None = None
    at: datetime | None = None


NOTHING_KNOWN: Final = Heard()


def is_book(title: AudibleTitle) -> bool:
    """Tell whether a title can be a book; podcasts and periodicals never are."""
    return not {title.content_delivery_type, title.content_type} & _NO_BOOKS


def heard_of(
    title: AudibleTitle,
    fresh: Position | None,
    before: Heard,
    *,
    previous: AudibleTitle | None = None,
) -> Heard:
    """Return where a title stands, from the newest of all that is known.

    A position wins over the percentage, unless the listening status has just changed
    after it and no fresh position came. ``previous`` is the title as last seen: what
    that had said already is no news beside the position. What Audible leaves out stays
    as it was.
    """
    is_finished = title.is_finished
    if is_finished is None:
        is_finished = before.is_finished
    position = _newest_position(title, fresh, before)
    is_news = previous is None or _status_of(title) != _status_of(previous)
    if position is None or (is_news and _is_outdated(title, position, fresh)):
        percentage, at = title.percent_complete, title.status_changed_at
        if percentage is None:
            percentage, at = before.percentage, at or before.at
        return Heard(None, percentage, is_finished, at)
    progress = progress_of(title, position)
    percentage = progress.percent
    if percentage is None:
        percentage = before.percentage
    return Heard(progress.position_ms, percentage, is_finished, position.updated_at)


def _newest_position(
    title: AudibleTitle, fresh: Position | None, before: Heard
) -> Position | None:
    if before.position_ms is None or before.at is None:
        return fresh
    # Answers may cross: an older position never replaces a newer one.
    if fresh is not None and fresh.updated_at >= before.at:
        return fresh
    return Position(title.asin, before.position_ms, before.at)


def _status_of(title: AudibleTitle) -> tuple[float | None, datetime | None]:
    return title.percent_complete, title.status_changed_at


def _is_outdated(
    title: AudibleTitle, position: Position, fresh: Position | None
) -> bool:
    changed_at = title.status_changed_at
    return (
        fresh is None
        and title.percent_complete is not None
        and changed_at is not None
        and changed_at > position.updated_at
    )


def has_moved(before: Heard, now: Heard) -> bool:
    """Tell whether listening stands elsewhere than before."""
    if now.position_ms is not None:
        return now.position_ms != before.position_ms
    if now.percentage is None:
        return False
    return now.percentage != (before.percentage or 0.0)


def has_flag_changed(before: Heard, now: Heard) -> bool:
    """Tell whether Audible's finished flag rose or fell; unknown is not finished."""
    return (now.is_finished is True) != (before.is_finished is True)


def is_started(heard: Heard) -> bool:
    """Tell whether anything was heard."""
    return bool(heard.position_ms) or bool(heard.percentage)


def rest_ms(heard: Heard, runtime_ms: int | None) -> float | None:
    """Return what is left to hear, if that can be known."""
    if runtime_ms is None:
        return None
    if heard.position_ms is not None:
        return max(0, runtime_ms - heard.position_ms)
    if heard.percentage is None:
        return None
    return runtime_ms * (100.0 - heard.percentage) / 100.0


def is_at_end(heard: Heard, runtime_ms: int | None, rules: Rules) -> bool:
    """Tell whether no more than the credits are left."""
    rest = rest_ms(heard, runtime_ms)
    if rest is None or not runtime_ms:
        return heard.percentage is not None and heard.percentage >= 100.0
    most = runtime_ms * rules.finish_rest_percent / 100.0
    return rest < min(rules.finish_rest_ms, most) or rest == 0


def has_reached_end(
    before: Heard, now: Heard, runtime_ms: int | None, rules: Rules
) -> bool:
    """Tell whether listening has come to the end.

    A recording that has become shorter moves nobody: only listening finishes.
    """
    return has_moved(before, now) and is_at_end(now, runtime_ms, rules)


def has_risen(before: Heard, now: Heard) -> bool:
    """Tell whether Audible began to call the title finished."""
    return now.is_finished is True and before.is_finished is not True


def is_listened(
    before: Heard, now: Heard, runtime_ms: int | None, rules: Rules
) -> bool:
    """Tell whether somebody really listened, as opposed to jumping about.

    The place moved forward by a minute or more, and no faster than a player can, which
    nobody knows where a time lacks.
    """
    gain_ms = _gain_ms(before, now, runtime_ms)
    if gain_ms is None or gain_ms < rules.least_heard_ms:
        return False
    return _is_at_pace(before, now, gain_ms)


def _is_at_pace(
    before: Heard, now: Heard, gain_ms: float, looked_at: datetime | None = None
) -> bool:
    since = before.at
    if since is None or now.at is None:
        return False
    if looked_at is not None and since < looked_at < now.at:
        # It had stood there until then.
        since = looked_at
    return gain_ms <= _most_heard_ms(since, now.at)


def _most_heard_ms(since: datetime, until: datetime) -> float:
    elapsed_ms = (until - since) / timedelta(milliseconds=1)
    return elapsed_ms * _FASTEST_SPEED + _SLACK_MS


def _gain_ms(before: Heard, now: Heard, runtime_ms: int | None) -> float | None:
    if before.position_ms is not None and now.position_ms is not None:
        return now.position_ms - before.position_ms
    if before.percentage is None or now.percentage is None or not runtime_ms:
        return None
    return (now.percentage - before.percentage) * runtime_ms / 100.0


def is_near_start(heard: Heard, rules: Rules) -> bool:
    """Tell whether a title stands at its beginning."""
    return heard.percentage is not None and heard.percentage <= rules.near_start_percent


def is_restart(
    before: Heard,
    now: Heard,
    runtime_ms: int | None,
    rules: Rules,
    *,
    looked_at: datetime | None,
) -> bool:
    """Tell whether a title went back and may have been heard from its start since.

    ``looked_at`` is the last look, at which it stood where it was before: it is now no
    further than a player comes from the start since, or in one sitting where nobody
    looked for longer, and not half as far as before. Whether it is heard on from here,
    the next looks will show: a leap is no restart yet.
    """
    place_ms, was_ms = _place_ms(now, runtime_ms), _place_ms(before, runtime_ms)
    if place_ms is None or was_ms is None or looked_at is None or now.at is None:
        return False
    elapsed = min(now.at - looked_at, _ONE_SITTING)
    heard_ms = elapsed / timedelta(milliseconds=1) * _FROM_START_SPEED + _SLACK_MS
    return 0 < place_ms < min(heard_ms, was_ms * rules.restart_percent / 100.0)


def _place_ms(heard: Heard, runtime_ms: int | None) -> float | None:
    if heard.position_ms is not None:
        return heard.position_ms
    if heard.percentage is None or not runtime_ms:
        return None
    return runtime_ms * heard.percentage / 100.0


@dataclass(frozen=True, slots=True)
class HeardAgain:
    """How far a finished title is heard again.

    ``since`` is when it was back at its start, as far as anybody saw; until it is
    ``is_enough`` for a new read it comes nearer by each pause, so that the time since
    is what was heard. None means that it is not heard again.
    """

    since: datetime | None = None
    is_enough: bool = False


NOT_HEARD_AGAIN: Final = HeardAgain()


def heard_again(
    before: Heard,
    now: Heard,
    runtime_ms: int | None,
    rules: Rules,
    *,
    restarted_at: datetime | None = None,
    over_at: datetime | None = None,
    looked_at: datetime | None = None,
) -> HeardAgain:
    """Return how far a finished title is heard again from its beginning.

    ``restarted_at`` is since when it was until now (`is_restart`), ``over_at`` when it
    was finished, ``looked_at`` when it was last seen where it was before. A rewind, a
    title put back to zero, one played in the middle, or for a moment, is no re-read.
    """
    gain_ms = _gain_ms(before, now, runtime_ms)
    if gain_ms is None or before.at is None or now.at is None:
        return NOT_HEARD_AGAIN
    is_on = gain_ms >= -_STEP_BACK_MS and _is_at_pace(before, now, gain_ms, looked_at)
    if not is_on:
        return NOT_HEARD_AGAIN
    gain = timedelta(milliseconds=gain_ms)
    enough = _enough(runtime_ms)
    is_rested = now.at - before.at > _REREAD_RESTS
    if over_at is not None and over_at >= (restarted_at or before.at):
        restarted_at, is_rested = None, True
    so_far = before.at - (restarted_at or before.at)
    # Who has put it elsewhere by hand since has not heard it from there.
    if restarted_at and timedelta(0) <= so_far < enough and not is_rested:
        since = restarted_at
    elif is_near_start(before, rules):
        since, so_far = before.at, timedelta(0)
    else:
        return NOT_HEARD_AGAIN
    heard = max(so_far + gain, timedelta(0))
    is_enough = heard >= enough
    if is_rested or not is_enough:
        since = max(since, now.at - heard)
    return HeardAgain(since, is_enough)


def _enough(runtime_ms: int | None) -> timedelta:
    share_ms = (runtime_ms or 0) * _REREAD_PERCENT / 100.0
    return timedelta(milliseconds=min(_REREAD_MS, share_ms or _REREAD_MS))


def is_heard_out(
    before: Heard,
    now: Heard,
    runtime_ms: int | None,
    rules: Rules,
    *,
    looked_at: datetime | None = None,
) -> bool:
    """Tell whether listening has come to the end, as opposed to a leap there.

    Who leaves out no more than the last bit has heard it.
    """
    gain_ms = _gain_ms(before, now, runtime_ms)
    if gain_ms is None or not has_reached_end(before, now, runtime_ms, rules):
        return False
    was = before.percentage
    is_last_bit = was is not None and was >= 100.0 - rules.near_start_percent
    return is_last_bit or _is_at_pace(before, now, gain_ms, looked_at)


def may_be_over(
    since: datetime, at: datetime, runtime_ms: int | None, rules: Rules
) -> bool:
    """Tell whether a title that was back ``since`` can have been heard out by then."""
    left_ms = (runtime_ms or 0) * (100.0 - rules.near_start_percent) / 100.0
    return at > since and left_ms <= _most_heard_ms(since, at)


def page_of(
    percentage: float | None, page_count: int | None, *, is_finished: bool
) -> int | None:
    """Return the page that a progress comes to, rounded down; None where unknown."""
    if not page_count:
        return None
    if is_finished:
        return page_count
    if percentage is None:
        return None
    return min(page_count, int(page_count * percentage / 100.0))
