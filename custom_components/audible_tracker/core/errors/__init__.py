"""All errors of both halves, one tree; each carries a stable key and its data.

    TrackerError
    ├── InvalidValueError             a value from outside is not allowed
    ├── MissingValueError             a value that is needed was not given
    ├── SealError                     something sealed cannot be opened
    ├── KeyFileUnusableError          the key file is empty, damaged or unreadable
    ├── KeyLostError                  what is sealed was sealed with other keys
    ├── AccountUnloadedError          the account was closed meanwhile
    ├── AudibleError
    │   ├── AudibleConnectionError    no answer, time-out, 5xx: try later
    │   ├── AudibleAuthError          sign in again
    │   ├── AudibleRateLimitError     told to wait
    │   │   └── AudiblePaceError      by ourselves: others ask already
    │   ├── AudibleNotFoundError      no such thing at Audible
    │   ├── AudibleResponseError      the answer's shape was not as agreed
    │   ├── LoginFileError            unknown, encrypted, refused
    │   └── SignInError               the pasted address, or its code, is of no use
    ├── LicenseError
    │   ├── LicenseDeniedError        not owned, lapsed, no downloadable form
    │   ├── LicenseThrottledError     too many: wait
    │   │   └── RegistrationTooOldError   sign in again
    │   └── VoucherError              the key in the license cannot be read
    ├── ImportFileError               empty, unknown, damaged, too new, gone, undone
    ├── ExportFileError               cannot be written
    ├── MediaServerError              unreachable, wrong secret, other version, refused
    ├── SyncRefusedError              switched off, too soon, daily limit, told to wait
    ├── DecisionError                 settled already, another reader's, nothing to undo
    ├── StoreError
    │   ├── StoreUnavailableError     locked, connection lost: try later
    │   ├── StoreAccessError          user, password or database name refused
    │   ├── StoreDamagedError         no database, or a damaged one
    │   ├── StoreRefusedError         a rule of the database was broken
    │   ├── StoreTooNewError          written by a newer version: downgrade refused
    │   ├── StoreOwnedError           belongs to another installation
    │   ├── StoreDriverError          a package is missing
    │   └── NotInStoreError           no such row
    └── MediaError                    (server) files, keys, ffmpeg, slots

The key is the translation key in Home Assistant and ``error.code`` in the server's
JSON; renaming one is a breaking change. Placeholders never hold a secret, nor a path
but the key file's, relative to the configuration.
"""

from .audible import (
    AudibleAuthError,
    AudibleConnectionError,
    AudibleError,
    AudibleNotFoundError,
    AudiblePaceError,
    AudibleRateLimitError,
    AudibleResponseError,
    CodeRejectedError,
    LandingEmptyError,
    LandingLineBreaksError,
    LandingNotAnAddressError,
    LandingOtherCountryError,
    LandingSignInPageError,
    LandingWithoutCodeError,
    LandingWrongPageError,
    LicenseDeniedError,
    LicenseError,
    LicenseFormatError,
    LicenseLapsedError,
    LicenseTemporarilyDeniedError,
    LicenseThrottledError,
    RegistrationTooOldError,
    SignInError,
    VoucherError,
)
from .base import (
    InvalidValueError,
    KeyFileUnusableError,
    KeyLostError,
    MissingValueError,
    SealError,
    TrackerError,
)
from .decisions import (
    ConflictSettledError,
    DecisionError,
    NothingToUndoError,
    OtherReaderError,
    ReadingHiddenError,
    ReadUnderWayError,
    WishUnclearError,
    WishUnknownError,
)
from .imports import (
    ExportFileError,
    ImportFileDamagedError,
    ImportFileEmptyError,
    ImportFileError,
    ImportFileGoneError,
    ImportFileTooLargeError,
    ImportFileTooNewError,
    ImportFileUnknownError,
    ImportTakenBackError,
    NoImportError,
)
from .login_file import (
    LoginFileError,
    LoginFilePasswordError,
    LoginFileRefusedError,
    LoginFileSealedError,
    LoginFileUnknownError,
)
from .media import (
    ActivationBytesError,
    ConversionError,
    CoverError,
    DailyLimitError,
    DecryptError,
    DownloadError,
    JobStateError,
    MediaError,
    MediaFileMissingError,
    MediaToolError,
    Mp4FormatError,
    NoAccountError,
    NoSpaceError,
    NotDownloadedError,
    PdfError,
    ServerDatabaseError,
    ServerInUseError,
    ServerNotAloneError,
    SignatureError,
    SignInOverError,
    StorageError,
    TooManyGuessesError,
    TooManyOfClientError,
    TooManyStreamsError,
    UnknownAccountError,
    UnknownBookError,
    UnknownBookmarkError,
    UnknownFileError,
    UnknownJobError,
    UnsupportedMediaError,
)
from .media_server import (
    MediaServerError,
    MediaServerMissingError,
    MediaServerRefusedError,
    MediaServerSecretError,
    MediaServerUnreachableError,
    MediaServerVersionError,
)
from .playing import (
    AddressCertificateError,
    AddressLoopbackError,
    AddressMissingError,
    AddressNameError,
    AudioNotFetchedError,
    AudioNotPlayedError,
    NoChaptersError,
    NothingPlayingError,
    NothingUnderWayError,
    PlayingError,
    SpeakerAwayError,
    SpeakerError,
    SpeakerSilentError,
    SpeakerUnfitError,
    SpeakerUnmovedError,
)
from .store import (
    THINGS,
    NotInStoreError,
    StoreAccessError,
    StoreDamagedError,
    StoreDriverError,
    StoreError,
    StoreOwnedError,
    StoreRefusedError,
    StoreTooNewError,
    StoreUnavailableError,
)
from .sync import (
    CAUSES,
    OTHER_CAUSE,
    AccountUnloadedError,
    SyncDailyLimitError,
    SyncDisabledError,
    SyncOffError,
    SyncRefusedError,
    SyncTooSoonError,
    SyncWaitingError,
    TitleNotFollowedError,
)

__all__ = [
    "CAUSES",
    "OTHER_CAUSE",
    "THINGS",
    "AccountUnloadedError",
    "ActivationBytesError",
    "AddressCertificateError",
    "AddressLoopbackError",
    "AddressMissingError",
    "AddressNameError",
    "AudibleAuthError",
    "AudibleConnectionError",
    "AudibleError",
    "AudibleNotFoundError",
    "AudiblePaceError",
    "AudibleRateLimitError",
    "AudibleResponseError",
    "AudioNotFetchedError",
    "AudioNotPlayedError",
    "CodeRejectedError",
    "ConflictSettledError",
    "ConversionError",
    "CoverError",
    "DailyLimitError",
    "DecisionError",
    "DecryptError",
    "DownloadError",
    "ExportFileError",
    "ImportFileDamagedError",
    "ImportFileEmptyError",
    "ImportFileError",
    "ImportFileGoneError",
    "ImportFileTooLargeError",
    "ImportFileTooNewError",
    "ImportFileUnknownError",
    "ImportTakenBackError",
    "InvalidValueError",
    "JobStateError",
    "KeyFileUnusableError",
    "KeyLostError",
    "LandingEmptyError",
    "LandingLineBreaksError",
    "LandingNotAnAddressError",
    "LandingOtherCountryError",
    "LandingSignInPageError",
    "LandingWithoutCodeError",
    "LandingWrongPageError",
    "LicenseDeniedError",
    "LicenseError",
    "LicenseFormatError",
    "LicenseLapsedError",
    "LicenseTemporarilyDeniedError",
    "LicenseThrottledError",
    "LoginFileError",
    "LoginFilePasswordError",
    "LoginFileRefusedError",
    "LoginFileSealedError",
    "LoginFileUnknownError",
    "MediaError",
    "MediaFileMissingError",
    "MediaServerError",
    "MediaServerMissingError",
    "MediaServerRefusedError",
    "MediaServerSecretError",
    "MediaServerUnreachableError",
    "MediaServerVersionError",
    "MediaToolError",
    "MissingValueError",
    "Mp4FormatError",
    "NoAccountError",
    "NoChaptersError",
    "NoImportError",
    "NoSpaceError",
    "NotDownloadedError",
    "NotInStoreError",
    "NothingPlayingError",
    "NothingToUndoError",
    "NothingUnderWayError",
    "OtherReaderError",
    "PdfError",
    "PlayingError",
    "ReadUnderWayError",
    "ReadingHiddenError",
    "RegistrationTooOldError",
    "SealError",
    "ServerDatabaseError",
    "ServerInUseError",
    "ServerNotAloneError",
    "SignInError",
    "SignInOverError",
    "SignatureError",
    "SpeakerAwayError",
    "SpeakerError",
    "SpeakerSilentError",
    "SpeakerUnfitError",
    "SpeakerUnmovedError",
    "StorageError",
    "StoreAccessError",
    "StoreDamagedError",
    "StoreDriverError",
    "StoreError",
    "StoreOwnedError",
    "StoreRefusedError",
    "StoreTooNewError",
    "StoreUnavailableError",
    "SyncDailyLimitError",
    "SyncDisabledError",
    "SyncOffError",
    "SyncRefusedError",
    "SyncTooSoonError",
    "SyncWaitingError",
    "TitleNotFollowedError",
    "TooManyGuessesError",
    "TooManyOfClientError",
    "TooManyStreamsError",
    "TrackerError",
    "UnknownAccountError",
    "UnknownBookError",
    "UnknownBookmarkError",
    "UnknownFileError",
    "UnknownJobError",
    "UnsupportedMediaError",
    "VoucherError",
    "WishUnclearError",
    "WishUnknownError",
]
