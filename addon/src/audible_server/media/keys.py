"""What opens an encrypted book; never printed, logged or put on a command line."""

from dataclasses import dataclass, field

from audible_core.errors import ActivationBytesError, DecryptError

KEY_BYTES = 16
_ACTIVATION_BYTES = 4


@dataclass(frozen=True, slots=True)
class ContentKey:
    """AES-128 key and IV of one file, as in the voucher of an AAXC.

    Raises DecryptError if a part has not 16 bytes.
    """

    key: bytes = field(repr=False)
    iv: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse parts of another length."""
        if len(self.key) != KEY_BYTES or len(self.iv) != KEY_BYTES:
            raise DecryptError


@dataclass(frozen=True, slots=True)
class ActivationBytes:
    """The secret of an account that opens its AAX files.

    Raises ActivationBytesError if it has not 4 bytes.
    """

    value: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse another length."""
        if len(self.value) != _ACTIVATION_BYTES:
            raise ActivationBytesError


type BookKey = ContentKey | ActivationBytes
