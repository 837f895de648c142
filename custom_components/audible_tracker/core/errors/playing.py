"""What can go wrong between a title and a speaker of the house."""

from .base import TrackerError


class PlayingError(TrackerError):
    """Base of what can go wrong between a title and a speaker."""


class SpeakerError(PlayingError):
    """Base of why a speaker does not play what it is given."""


class SpeakerAwayError(SpeakerError):
    """The media player does not answer, or there is none of that name."""

    key = "speaker_away"
    message = "{player} is not available."


class SpeakerUnfitError(SpeakerError):
    """The media player cannot be given anything to play."""

    key = "speaker_unfit"
    message = "{player} cannot be given anything to play. Choose another media player."


class SpeakerSilentError(SpeakerError):
    """The media player took the title and does not play it."""

    key = "speaker_silent"
    message = (
        "{player} does not play the title. The test in the options of Audible Tracker "
        "tells whether it can reach the audio."
    )


class SpeakerUnmovedError(PlayingError):
    """The media player did not go to a place of the title that it plays."""

    key = "speaker_unmoved"
    message = "{player} does not go to that place, and plays on where it was."


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


class AddressMissingError(SpeakerError):
    """Home Assistant has no address for players."""

    key = "address_missing"
    message = (
        "Home Assistant has no address that a media player could ask. Set one under "
        "Settings, System, Network."
    )


class AddressLoopbackError(SpeakerError):
    """Players are sent to themselves."""

    key = "address_loopback"
    message = (
        "{player} did not fetch the test sound: it was sent to {url}, and for it that "
        "is itself. Set the address of this machine under Settings, System, Network."
    )


class AddressCertificateError(SpeakerError):
    """Players are sent to an address whose certificate they refuse."""

    key = "address_certificate"
    message = (
        "{player} did not fetch the test sound: the certificate of {url} is one that "
        "media players refuse. Use http inside the house, or a certificate of a public "
        "authority."
    )


class AddressNameError(SpeakerError):
    """Players are sent to a name that they cannot look up."""

    key = "address_name"
    message = (
        "{player} did not fetch the test sound: Cast asks public name servers, and "
        "they do not know {url}. Use a number (192.168.…) or a public name."
    )


class AudioNotFetchedError(SpeakerError):
    """A player was sent to an address and did not come."""

    key = "audio_not_fetched"
    message = (
        "{player} did not fetch the test sound from {url}. It may be in another "
        "network, or something in between forbids it."
    )


class AudioNotPlayedError(SpeakerError):
    """A player fetched the sound and stayed silent."""

    key = "audio_not_played"
    message = (
        "{player} fetched the test sound from {url} and does not play it. The way is "
        "free; look at the player itself."
    )
