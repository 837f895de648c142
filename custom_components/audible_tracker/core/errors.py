"""All errors of both halves, one tree; each carries a stable key and its data.

    TrackerError
    ├── InvalidValueError             a value from outside is not allowed
    ├── AudibleError
    │   ├── AudibleConnectionError    no answer, time-out, 5xx: try later
    │   ├── AudibleAuthError          sign in again
    │   ├── AudibleRateLimitError     told to wait
    │   ├── AudibleNotFoundError      no such thing at Audible
    │   ├── AudibleResponseError      the answer's shape was not as agreed
    │   └── SignInError               the pasted address, or its code, is of no use
    ├── LicenseError
    │   ├── LicenseDeniedError        not owned, lapsed, no downloadable form
    │   ├── LicenseThrottledError     too many, or an old registration
    │   └── VoucherError              the key in the license cannot be read
    ├── MediaServerError              unreachable, wrong secret, other version, refused
    └── MediaError                    (server) files, keys, ffmpeg, slots

The key is the translation key in Home Assistant and ``error.code`` in the server's
JSON; renaming one is a breaking change. Placeholders never hold a secret or a path.
"""

from typing import ClassVar


class TrackerError(Exception):
    """Base of every error that a user may see."""

    key: ClassVar[str] = "unexpected"
    message: ClassVar[str] = "Something unexpected happened."

    def __init__(self, **placeholders: str | float) -> None:
        """Keep the data; the sentence is made from it."""
        self.placeholders = {name: str(value) for name, value in placeholders.items()}
        super().__init__(self.message.format(**self.placeholders))


class InvalidValueError(TrackerError):
    """A value from outside is not allowed: field, what came, what is allowed."""

    key = "invalid_value"
    message = "{field}: {value} is not allowed. Allowed: {allowed}."

    def __init__(self, *, field: str, value: object, allowed: str) -> None:
        """Shorten what came: it may be anything, of any length."""
        text = repr(value)
        shown = text if len(text) <= 60 else f"{text[:57]}..."
        super().__init__(field=field, value=shown, allowed=allowed)


class AudibleError(TrackerError):
    """Base of what can go wrong with Audible."""


class AudibleConnectionError(AudibleError):
    """No answer, a time-out, or a fault on their side; try later."""

    key = "audible_unreachable"
    message = "Audible does not answer ({reason}). It will be tried again."


class AudibleAuthError(AudibleError):
    """Audible no longer accepts this registration."""

    key = "audible_auth"
    message = "Audible no longer accepts this sign-in. Sign in again."


class AudibleRateLimitError(AudibleError):
    """Audible asked us to slow down; ``retry_after_s`` seconds."""

    key = "audible_rate_limit"
    message = "Audible asks to wait {retry_after_s} seconds."

    def __init__(self, *, retry_after_s: int) -> None:
        """Keep the wait as a number too."""
        self.retry_after_s = retry_after_s
        super().__init__(retry_after_s=retry_after_s)


class AudibleNotFoundError(AudibleError):
    """Audible does not know what was asked for."""

    key = "audible_not_found"
    message = "Audible does not know {what}."


class AudibleResponseError(AudibleError):
    """The answer's shape was not as agreed; ``field`` says where."""

    key = "audible_response"
    message = "Audible answered in an unexpected form ({field})."


class SignInError(AudibleError):
    """Base of what can be wrong with the address that was pasted."""


class LandingEmptyError(SignInError):
    """Nothing was pasted."""

    key = "landing_empty"
    message = "Paste the address of the page that Amazon showed after the sign-in."


class LandingNotAnAddressError(SignInError):
    """What was pasted is no web address."""

    key = "landing_not_an_address"
    message = "That is not a web address. It must begin with https://."


class LandingLineBreaksError(SignInError):
    """The pasted text has line breaks and even joined it is of no use."""

    key = "landing_line_breaks"
    message = "The pasted text has line breaks and is not one whole address."


class LandingSignInPageError(SignInError):
    """The address of the sign-in page itself was pasted."""

    key = "landing_sign_in_page"
    message = "That is the sign-in page. Sign in there first, then copy the next page."


class LandingWrongPageError(SignInError):
    """The address of some other page was pasted."""

    key = "landing_wrong_page"
    message = (
        "That is another page ({page}). The right address contains /ap/maplanding."
    )


class LandingOtherCountryError(SignInError):
    """The address belongs to another country's shop."""

    key = "landing_other_country"
    message = "That address is of {found}, but the link was for {expected}."


class LandingWithoutCodeError(SignInError):
    """The right page, but there is no code in its address."""

    key = "landing_without_code"
    message = "The address has no sign-in code in it; copy it whole."


class CodeRejectedError(SignInError):
    """Audible refused the code: used before, too old, or of another link."""

    key = "code_rejected"
    message = "Audible refused the code: it is too old or was used before."


class LicenseError(TrackerError):
    """Base of what can go wrong with a license."""


class LicenseDeniedError(LicenseError):
    """Audible refuses this title: not owned (any more)."""

    key = "license_denied"
    message = "Audible grants no license for {asin}: the account does not own it now."


class LicenseTemporarilyDeniedError(LicenseError):
    """Audible says both that the account may and that it may not."""

    key = "license_temporarily_denied"
    message = "Audible grants no license for {asin} at present. Try again in two days."


class LicenseThrottledError(LicenseError):
    """Too many licenses, or a registration that is too old."""

    key = "license_throttled"
    message = (
        "Audible refuses licenses to this registration. If few books were downloaded "
        "lately, sign in again; else wait a day or two."
    )


class LicenseFormatError(LicenseError):
    """The title exists in no form that can be downloaded and played."""

    key = "license_no_form"
    message = "Audible offers {asin} in no form that can be downloaded."


class VoucherError(LicenseError):
    """The license came, but the key in it cannot be read."""

    key = "voucher_unreadable"
    message = "The license of {asin} came, but its key cannot be read."


class MediaServerError(TrackerError):
    """Base of what can go wrong between the integration and the server."""


class MediaServerUnreachableError(MediaServerError):
    """Nothing answers at the server's address."""

    key = "media_server_unreachable"
    message = "The server does not answer at {url}."


class MediaServerSecretError(MediaServerError):
    """The server answers, but does not accept the secret."""

    key = "media_server_secret"
    message = "The server does not accept the secret."


class MediaServerVersionError(MediaServerError):
    """The two halves speak different versions."""

    key = "media_server_version"
    message = "The server speaks version {found}, this integration version {expected}."


class MediaServerRefusedError(MediaServerError):
    """The server refused a request; ``code`` is its own error key."""

    key = "media_server_refused"
    message = "The server says: {detail}"

    def __init__(self, *, code: str, detail: str, status: int) -> None:
        """Keep the server's error key and HTTP status."""
        self.code = code
        self.status = status
        super().__init__(detail=detail)


class MediaServerMissingError(MediaServerError):
    """No server is linked."""

    key = "media_server_missing"
    message = "Playing needs the Audible Tracker app (add-on), and none is linked."


class SealError(TrackerError):
    """Something sealed cannot be opened: another secret, or damaged."""

    key = "seal_broken"
    message = "The sealed {what} cannot be opened: it was made with another secret."


class MediaError(TrackerError):
    """Base of what can go wrong with files and streams (server)."""


class UnknownBookError(MediaError):
    """The server has no such title."""

    key = "unknown_book"
    message = "There is no title {asin} here."


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


class StoreTooNewError(MediaError):
    """The database was written by a newer version."""

    key = "store_too_new"
    message = (
        "The database is of a newer version ({found}) than this program knows. "
        "Install the newer program again."
    )


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


class TooManyStreamsError(MediaError):
    """All transcode slots are taken; ``retry_after_s`` seconds."""

    key = "too_many_streams"
    message = "All transcodes are in use. Try again in {retry_after_s} seconds."

    def __init__(self, *, retry_after_s: int) -> None:
        """Keep the wait as a number too."""
        self.retry_after_s = retry_after_s
        super().__init__(retry_after_s=retry_after_s)
