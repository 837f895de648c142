"""What can go wrong with files and streams on the server."""

from typing import Self

from .base import TrackerError


class MediaError(TrackerError):
    """Base of what can go wrong with files and streams (server)."""


class UnknownBookError(MediaError):
    """The server has no such title."""

    key = "unknown_book"
    message = "There is no title {asin} here."


class SignInOverError(MediaError):
    """The sign-in that is to be ended was begun too long ago, or elsewhere."""

    key = "sign_in_over"
    message = "This sign-in was begun too long ago, or with another server. Begin anew."


class ServerNotAloneError(MediaError):
    """Other servers use the same database; ``count`` is how many."""

    key = "server_not_alone"
    message = "{count} other servers use the database. Stop them first."


class UnknownBookmarkError(MediaError):
    """The title has no such bookmark."""

    key = "unknown_bookmark"
    message = "There is no bookmark {bookmark_id}."


class UnknownFileError(MediaError):
    """No scan has found such a file in the library folder."""

    key = "unknown_file"
    message = "There is no file {name} in the library folder."


class ConversionError(MediaError):
    """A file was not made, or is not what it should be; the source is untouched."""

    key = "conversion_failed"
    message = "The conversion failed: {reason}. The book still plays from its source."


class NotDownloadedError(MediaError):
    """The title is known, but nothing of it is on disk."""

    key = "not_downloaded"
    message = "{asin} is not downloaded yet."


class DownloadError(MediaError):
    """The audio file did not come whole; what came is kept."""

    key = "download_incomplete"
    message = "The download stopped ({reason}). What came is kept for the next try."


class StorageError(MediaError):
    """The library folder cannot be written."""

    key = "storage_unwritable"
    message = "The library folder cannot be written ({reason})."

    @classmethod
    def of(cls, err: OSError) -> Self:
        """Return it with what the system says."""
        return cls(reason=err.strerror or type(err).__name__)


class ServerDatabaseError(MediaError):
    """The server's own database is damaged or cannot be opened."""

    key = "server_database"
    message = "The server's database {name} cannot be used ({reason})."


class ServerInUseError(MediaError):
    """Older servers use the database, whose tables are to be changed."""

    key = "server_in_use"
    message = (
        "The database is in use by {count} server(s) of an older version ({versions}). "
        "Stop them first; one that was killed counts for {alive_s} seconds."
    )


class UnknownJobError(MediaError):
    """There is no such job, or it is so old that it was forgotten."""

    key = "unknown_job"
    message = "There is no job {number}."


class JobStateError(MediaError):
    """A job cannot be paused, resumed, cancelled or retried as it is now."""

    key = "job_state"
    message = "The job {number} cannot be changed like that: it is {state}."


class NoSpaceError(MediaError):
    """A file would not fit, or leave too little room; sizes in MiB."""

    key = "no_space"
    message = (
        "There is no room for {asin} yet: it needs {needed_mib} MiB, {free_mib} MiB "
        "are free, {promised_mib} MiB of which downloads under way will take, and "
        "{floor_mib} MiB are to stay free."
    )


class DailyLimitError(MediaError):
    """As many downloads were begun today as are allowed."""

    key = "download_daily_limit"
    message = "{limit} downloads were begun today, as many as are allowed in one day."


class PdfError(MediaError):
    """There is no companion document of the title, or it cannot be fetched now."""

    key = "pdf_missing"
    message = "There is no PDF of {asin}."


class UnknownAccountError(MediaError):
    """The server was never handed this account, or has forgotten it."""

    key = "unknown_account"
    message = "The server has no account {account_id}."


class NoAccountError(MediaError):
    """The title's account was removed, so nothing can be fetched for it."""

    key = "no_account"
    message = "No account is linked that owns {asin}."


class CoverError(MediaError):
    """There is no cover image of the title, or it cannot be fetched now."""

    key = "cover_missing"
    message = "There is no cover of {asin}."


class MediaFileMissingError(MediaError):
    """A file that should be there is gone."""

    key = "media_file_missing"
    message = "The file {name} is gone."


class Mp4FormatError(MediaError):
    """The file is damaged or truncated; ``reason`` says where."""

    key = "media_file_damaged"
    message = "The audio file is damaged: {reason}."


class UnsupportedMediaError(MediaError):
    """The file is whole, but of a kind that cannot be played."""

    key = "media_unsupported"
    message = "The audio file cannot be played: {reason}."


class DecryptError(MediaError):
    """The key does not fit the file."""

    key = "media_key_wrong"
    message = "The key does not fit the audio file."


class ActivationBytesError(MediaError):
    """The account's activation bytes do not fit the AAX file."""

    key = "activation_bytes_wrong"
    message = "The account's activation bytes do not fit the audio file."


class MediaToolError(MediaError):
    """ffmpeg or ffprobe failed; ``reason`` is safe to show."""

    key = "media_tool_failed"
    message = "{tool} failed: {reason}."


class TooManyGuessesError(MediaError):
    """The secret was wrong too often; ``retry_after_s`` seconds."""

    key = "too_many_guesses"
    message = "The secret was wrong too often. Try again in {retry_after_s} seconds."

    def __init__(self, *, retry_after_s: int) -> None:
        """Keep the wait as a number too."""
        self.retry_after_s = retry_after_s
        super().__init__(retry_after_s=retry_after_s)


class SignatureError(MediaError):
    """A signed path is too old, of another server or secret, or was changed."""

    key = "signature_invalid"
    message = "The signed address is too old, or was changed. Ask for a new one."


class TooManyOfClientError(MediaError):
    """One client has as many streams as one may have; ``retry_after_s`` seconds."""

    key = "too_many_of_client"
    message = (
        "{count} streams go to this address already. Try again in {retry_after_s} "
        "seconds."
    )

    def __init__(self, *, count: int, retry_after_s: int) -> None:
        """Keep the wait as a number too."""
        self.retry_after_s = retry_after_s
        super().__init__(count=count, retry_after_s=retry_after_s)


class TooManyStreamsError(MediaError):
    """All transcode slots are taken; ``retry_after_s`` seconds."""

    key = "too_many_streams"
    message = "All transcodes are in use. Try again in {retry_after_s} seconds."

    def __init__(self, *, retry_after_s: int) -> None:
        """Keep the wait as a number too."""
        self.retry_after_s = retry_after_s
        super().__init__(retry_after_s=retry_after_s)
