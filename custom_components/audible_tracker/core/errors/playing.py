"""What can go wrong between a title and a speaker of the house."""

from .base import TrackerError


class PlayingError(TrackerError):
    """Base of what can go wrong between a title and a speaker."""


class SpeakerAwayError(PlayingError):
    """The media player does not answer, or there is none of that name."""

    key = "speaker_away"
    message = "{player} is not available."


class SpeakerUnfitError(PlayingError):
    """The media player cannot be given anything to play."""

    key = "speaker_unfit"
    message = "{player} cannot be given anything to play. Choose another media player."


class SpeakerSilentError(PlayingError):
    """The media player took the title and does not play it."""

    key = "speaker_silent"
    message = (
        "{player} does not play the title. The test in the options of Audible Tracker "
        "tells whether it can reach the audio."
    )


class NothingPlayingError(PlayingError):
    """Nothing is heard on a speaker that could be meant."""

    key = "nothing_playing"
    message = "No title is heard on a speaker now."


class NothingUnderWayError(PlayingError):
    """The reader has begun nothing that could go on."""

    key = "nothing_under_way"
    message = "{reader} is not reading anything now. Say which title."


class NoChaptersError(PlayingError):
    """Nobody knows the chapters of the title."""

    key = "no_chapters"
    message = "The chapters of {title} are not known."
