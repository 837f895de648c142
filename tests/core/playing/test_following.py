"""What a state of a speaker means for the title that is heard on it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from audible_core.models import Asin
from audible_core.playing.following import (
    ANNOUNCED_WITHIN,
    FORGOTTEN_AFTER,
    RESTS_FOR,
    STARTS_WITHIN,
    PlayerLook,
    PlayerState,
    Seen,
    Step,
    observe,
    unwritten,
    wrote,
)
from audible_core.playing.session import AudioForm, AudioFormat, Phase, Session

NOW = datetime(2026, 11, 29, 20, 0, tzinfo=UTC)
MINUTE_MS = 60_000
OURS = (
    "http://house.local/api/audible_tracker/stream/entry/B000000001/book.m4b?authSig=x"
)
TALK = "http://house.local/api/tts_proxy/talk.mp3"
SESSION = Session(
    entry_id="entry",
    account_id=1,
    reader_id=1,
    asin=Asin("B000000001"),
    title="A book",
    player="media_player.kitchen",
    place_ms=30 * MINUTE_MS,
    place_at=NOW,
    since=NOW,
    runtime_ms=60 * MINUTE_MS,
    began_at=NOW,
)
PLAYING = replace(SESSION, phase=Phase.PLAYING, content_id=OURS, written_at=NOW)


def look(
    state: PlayerState,
    content_id: str | None = OURS,
    position_ms: int | None = None,
    position_at: datetime | None = None,
) -> PlayerLook:
    """Return what a speaker says."""
    return PlayerLook(state, content_id, position_ms, position_at)


def after(seconds: float) -> datetime:
    """Return an instant so long after the beginning."""
    return NOW + timedelta(seconds=seconds)


def test_place_follows_the_speaker_and_passes_on_by_itself() -> None:
    """The speaker says where it was at an instant; since then time has passed."""
    told = look(PlayerState.PLAYING, OURS, 40 * MINUTE_MS, after(50))
    seen = observe(PLAYING, told, after(60))

    assert 40 * MINUTE_MS + 10_000 == seen.session.place_ms
    assert 40 * MINUTE_MS + 25_000 == seen.session.place_now(after(75))
    silent = observe(PLAYING, look(PlayerState.PLAYING), after(60))
    assert 31 * MINUTE_MS == silent.session.place_ms


def test_place_is_the_books_whatever_the_stream_is() -> None:
    """A stream that begins in the middle and is faster tells other minutes."""
    faster = replace(
        PLAYING, form=AudioForm(AudioFormat.MP3, start_ms=10 * MINUTE_MS, speed=1.5)
    )
    seen = observe(
        faster, look(PlayerState.PAUSED, OURS, 2 * MINUTE_MS, NOW), after(60)
    )

    assert 13 * MINUTE_MS == seen.session.place_ms
    assert 2 * MINUTE_MS == faster.form.stream_ms(13 * MINUTE_MS)
    assert 0 == faster.form.stream_ms(0)


def test_title_that_begins_is_sought_first() -> None:
    """What the speaker tells before it is there says nothing of the place."""
    begun = replace(SESSION, seek_ms=30 * MINUTE_MS, other_id="radio")

    waiting = observe(begun, look(PlayerState.PLAYING, "radio"), after(1))
    assert Seen(begun) == waiting
    heard = observe(begun, look(PlayerState.PLAYING, OURS, 0, after(2)), after(2))
    assert {Step.SEEK} == heard.steps
    assert (Phase.PLAYING, 30 * MINUTE_MS) == (
        heard.session.phase,
        heard.session.place_ms,
    )
    early = observe(
        heard.session, look(PlayerState.PLAYING, OURS, 1_000, after(3)), after(3)
    )
    assert heard.session == early.session
    there_ms = 30 * MINUTE_MS + 1_000
    there = observe(
        early.session, look(PlayerState.PLAYING, OURS, there_ms, after(4)), after(4)
    )
    assert (None, there_ms) == (there.session.seek_ms, there.session.place_ms)


def test_speaker_that_does_not_seek_is_believed_in_the_end() -> None:
    """Else its place would never be known."""
    begun = replace(PLAYING, seek_ms=30 * MINUTE_MS)
    seen = observe(begun, look(PlayerState.PLAYING, OURS, 20_000, after(20)), after(20))

    assert (None, 20_000) == (seen.session.seek_ms, seen.session.place_ms)


def test_speaker_with_names_of_its_own_is_followed() -> None:
    """The first new name after it was asked is the title's."""
    begun = replace(SESSION, other_id="queue:1")

    heard = observe(begun, look(PlayerState.PLAYING, "queue:2"), after(1)).session
    assert "queue:2" == heard.content_id
    other = observe(heard, look(PlayerState.PLAYING, "queue:3"), after(60)).session
    assert Phase.INTERRUPTED is other.phase


def test_what_is_not_heard_in_time_is_over() -> None:
    """The speaker may not reach the stream."""
    late = after(STARTS_WITHIN.total_seconds() + 1)

    for state in (PlayerState.IDLE, PlayerState.PAUSED, PlayerState.AWAY):
        assert not observe(SESSION, look(state), after(5)).steps
        assert {Step.END} == observe(SESSION, look(state), late).steps


def test_pause_is_written_down_at_its_place() -> None:
    """Whoever has pressed it."""
    seen = observe(
        PLAYING, look(PlayerState.PAUSED, OURS, 35 * MINUTE_MS, after(300)), after(301)
    )

    assert {Step.WRITE} == seen.steps
    assert (Phase.PAUSED, 35 * MINUTE_MS) == (seen.session.phase, seen.session.place_ms)
    again = observe(
        wrote(seen.session, 35 * MINUTE_MS, after(301)),
        look(PlayerState.PAUSED, OURS, 35 * MINUTE_MS, after(300)),
        after(400),
    )
    assert not again.steps
    assert seen.session.since == again.session.since


def test_place_is_written_down_once_a_minute() -> None:
    """And no more often, however often the speaker tells it."""
    playing = wrote(PLAYING, 30 * MINUTE_MS, NOW)

    assert not observe(playing, look(PlayerState.PLAYING), after(59)).steps
    assert {Step.WRITE} == observe(playing, look(PlayerState.PLAYING), after(60)).steps


def test_title_goes_on_after_an_announcement() -> None:
    """The place is the one before it, and nothing of it is listening."""
    talk = observe(PLAYING, look(PlayerState.PLAYING, TALK, 0, after(60)), after(60))
    assert {Step.WRITE} == talk.steps
    assert 31 * MINUTE_MS == talk.session.place_ms
    during = observe(
        talk.session, look(PlayerState.PLAYING, TALK, 9_000, after(69)), after(70)
    )
    assert 31 * MINUTE_MS == during.session.place_now(after(70))

    silent = observe(during.session, look(PlayerState.IDLE, None), after(71))
    assert {Step.RESUME} == silent.steps
    by_itself = observe(
        during.session,
        look(PlayerState.PLAYING, OURS, 31 * MINUTE_MS, after(72)),
        after(72),
    )
    assert Phase.PLAYING is by_itself.session.phase
    assert Step.RESUME not in by_itself.steps


def test_what_was_paused_or_long_over_does_not_begin_by_itself() -> None:
    """Nobody wants to be woken by a book."""
    paused = replace(PLAYING, phase=Phase.PAUSED)
    talk = observe(paused, look(PlayerState.PLAYING, TALK), after(60)).session
    assert not observe(talk, look(PlayerState.IDLE, None), after(65)).steps

    music = observe(PLAYING, look(PlayerState.PLAYING, "radio"), after(60)).session
    over = after(61 + ANNOUNCED_WITHIN.total_seconds())
    rests = observe(music, look(PlayerState.IDLE, None), over)
    assert (Phase.PAUSED, frozenset()) == (rests.session.phase, rests.steps)


def test_speaker_that_plays_something_else_for_long_is_let_go() -> None:
    """It plays music now."""
    music = observe(PLAYING, look(PlayerState.PLAYING, "radio"), after(60)).session
    assert music.was_playing
    still = after(61 + ANNOUNCED_WITHIN.total_seconds())
    heard_on = observe(music, look(PlayerState.PLAYING, "radio"), still).session
    assert not heard_on.was_playing
    later = after(61 + FORGOTTEN_AFTER.total_seconds())

    assert {Step.END} == observe(music, look(PlayerState.PLAYING, "radio"), later).steps


def test_speaker_that_restarts_goes_on_where_it_says() -> None:
    """While it is away nothing is heard; what it takes up again is followed."""
    gone = observe(PLAYING, look(PlayerState.AWAY, None), after(60))
    assert {Step.WRITE} == gone.steps
    assert (Phase.AWAY, 31 * MINUTE_MS) == (gone.session.phase, gone.session.place_ms)
    assert 31 * MINUTE_MS == gone.session.place_now(after(600))

    back = observe(
        gone.session,
        look(PlayerState.PLAYING, OURS, 30 * MINUTE_MS, after(90)),
        after(91),
    )
    assert 30 * MINUTE_MS + 1_000 == back.session.place_ms
    silent = observe(gone.session, look(PlayerState.IDLE, None), after(90))
    assert (Phase.PAUSED, 31 * MINUTE_MS) == (
        silent.session.phase,
        silent.session.place_ms,
    )


def test_end_of_the_book_is_its_end() -> None:
    """A stop before the end is a pause."""
    near = replace(PLAYING, place_ms=59 * MINUTE_MS)

    over = observe(near, look(PlayerState.IDLE, None), after(60))
    assert {Step.WRITE, Step.FINISH, Step.END} == over.steps
    assert 60 * MINUTE_MS == over.session.place_ms
    stopped = observe(near, look(PlayerState.IDLE, None), after(30))
    assert {Step.WRITE} == stopped.steps


def test_what_rests_for_long_is_let_go() -> None:
    """A paused title, or a speaker that never came back."""
    late = after(1 + RESTS_FOR.total_seconds())
    for phase, state in (
        (Phase.PAUSED, PlayerState.PAUSED),
        (Phase.AWAY, PlayerState.AWAY),
    ):
        rests = wrote(replace(PLAYING, phase=phase), PLAYING.place_ms, NOW)
        assert not observe(rests, look(state), after(60)).steps
        assert {Step.END} == observe(rests, look(state), late).steps


def test_what_rests_is_where_it_came_to_rest() -> None:
    """Who listened elsewhere since then is further; a half second is no move."""
    paused = wrote(replace(PLAYING, phase=Phase.PAUSED), PLAYING.place_ms, NOW)
    a_bit_on = replace(paused, place_ms=paused.place_ms + 400, place_at=after(20))
    assert unwritten(a_bit_on, after(3600)) is None

    sought = replace(paused, place_ms=40 * MINUTE_MS, place_at=after(20))
    found = unwritten(sought, after(3600))
    assert found is not None
    assert (40 * MINUTE_MS, NOW) == (found.place_ms, found.place_at)
    heard = unwritten(wrote(PLAYING, PLAYING.place_ms, NOW), after(60))
    assert heard is not None
    assert (31 * MINUTE_MS, after(60)) == (heard.place_ms, heard.place_at)
    assert unwritten(SESSION, after(60)) is None


def test_nameless_speaker_goes_on_only_where_the_title_rested() -> None:
    """What begins elsewhere after a pause is something else, until it is over."""
    nameless = replace(PLAYING, content_id=None)
    pause = look(PlayerState.PAUSED, None, 35 * MINUTE_MS, after(60))
    rests = observe(nameless, pause, after(60)).session

    song = look(PlayerState.PLAYING, None, 20_000, after(3600))
    other = observe(rests, song, after(3600)).session
    assert (Phase.INTERRUPTED, 35 * MINUTE_MS) == (other.phase, other.place_ms)
    paused_song = look(PlayerState.PAUSED, None, 90_000, after(3670))
    assert other == observe(other, paused_song, after(3670)).session
    unplaced = observe(rests, look(PlayerState.PLAYING, None), after(3600)).session
    assert Phase.INTERRUPTED is unplaced.phase

    there = look(PlayerState.PLAYING, None, 35 * MINUTE_MS, after(3600))
    assert Phase.PLAYING is observe(rests, there, after(3600)).session.phase
    asked = replace(rests, asked_at=after(3599))
    silent = observe(asked, look(PlayerState.PLAYING, None), after(3600)).session
    assert (Phase.PLAYING, 35 * MINUTE_MS) == (silent.phase, silent.place_ms)
    sought = look(PlayerState.PAUSED, None, 40 * MINUTE_MS, after(70))
    assert 40 * MINUTE_MS == observe(rests, sought, after(70)).session.place_ms


def test_nameless_speaker_that_was_away_may_have_played_on() -> None:
    """So far as the time says; without a place only what has just played is ours."""
    nameless = replace(PLAYING, content_id=None)
    gone = observe(nameless, look(PlayerState.AWAY, None), after(0)).session

    on = look(PlayerState.PLAYING, None, 33 * MINUTE_MS, after(180))
    assert 33 * MINUTE_MS == observe(gone, on, after(180)).session.place_ms
    song = look(PlayerState.PLAYING, None, 34 * MINUTE_MS, after(180))
    assert Phase.INTERRUPTED is observe(gone, song, after(180)).session.phase
    unplaced = look(PlayerState.PLAYING, None)
    assert Phase.PLAYING is observe(gone, unplaced, after(60)).session.phase
    assert Phase.INTERRUPTED is observe(gone, unplaced, after(180)).session.phase
    off = observe(gone, look(PlayerState.IDLE, None), after(180)).session
    assert (Phase.PAUSED, 30 * MINUTE_MS) == (off.phase, off.place_ms)

    paused_song = look(PlayerState.PAUSED, None, 90_000, after(60))
    assert gone == observe(gone, paused_song, after(180)).session
    late = after(1 + RESTS_FOR.total_seconds())
    assert {Step.END} == observe(gone, paused_song, late).steps


def test_session_is_the_same_after_a_restart() -> None:
    """What a later version knows more is left out."""
    stored = PLAYING.to_stored()

    assert Session.from_stored({**stored, "color": "blue"}) == PLAYING
