"""What an AAC decoder must know (ISO 14496-3), read from an esds box."""

from dataclasses import dataclass

from audible_core.errors import Mp4FormatError, UnsupportedMediaError

_ES_DESCRIPTOR = 3
_DECODER_CONFIG = 4
_DECODER_SPECIFIC = 5
_DECODER_CONFIG_HEADER_BYTES = 13
_MPEG4_AUDIO = 0x40
AAC_LC = 2
_SBR = 5
_PARAMETRIC_STEREO = 29
_ESCAPE_OBJECT_TYPE = 31
RATES_HZ = (
    96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000,
    11_025, 8_000, 7_350,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class AudioConfig:
    """The coded sound; with SBR the sample rate is that of the core, half of the real.

    `channels` is MPEG's channel configuration: the number of channels up to 6, and 7
    for eight channels.
    """

    object_type: int
    rate_index: int
    channels: int

    @property
    def sample_rate_hz(self) -> int:
        """Return the sample rate of the coded frames."""
        return RATES_HZ[self.rate_index]


class BitReader:
    """Reads bits from the left; past the end it reads zeros and says so in `over`."""

    def __init__(self, data: bytes) -> None:
        """Start at the first bit."""
        self._value = int.from_bytes(data)
        self.left = len(data) * 8

    def take(self, bits: int) -> int:
        """Return the next so many bits as a number."""
        self.left -= bits
        if self.left < 0:
            return 0
        return self._value >> self.left & ((1 << bits) - 1)

    @property
    def over(self) -> bool:
        """Return whether more was read than there was."""
        return self.left < 0


def parse_esds(body: bytes) -> AudioConfig:
    """Return the configuration in the body of an esds box.

    Raises Mp4FormatError if it is damaged, UnsupportedMediaError if it is not AAC-LC
    (with or without SBR).
    """
    descriptor = _descriptor(body[4:], _ES_DESCRIPTOR)
    flags = descriptor[2] if len(descriptor) > 2 else 0
    # Optional fields in this order: another stream's id, a URL, a clock's id.
    skip = 3 + (2 if flags & 0x80 else 0)
    if flags & 0x40:
        skip += 1 + (descriptor[skip] if len(descriptor) > skip else 0)
    skip += 2 if flags & 0x20 else 0
    config = _descriptor(descriptor[skip:], _DECODER_CONFIG)
    if not config or config[0] != _MPEG4_AUDIO:
        raise UnsupportedMediaError(reason="its sound is not AAC")
    specific = _descriptor(config[_DECODER_CONFIG_HEADER_BYTES:], _DECODER_SPECIFIC)
    return parse_audio_specific_config(specific)


def parse_audio_specific_config(data: bytes) -> AudioConfig:
    """Return the configuration; raises as `parse_esds` does."""
    bits = BitReader(data)
    object_type = _object_type(bits)
    rate_index = _rate_index(bits)
    channels = bits.take(4)
    if object_type in (_SBR, _PARAMETRIC_STEREO):
        # The rate of the extension, then the object type of the core.
        _rate_index(bits)
        object_type = _object_type(bits)
    if bits.over:
        raise Mp4FormatError(reason="its decoder configuration is cut off")
    if object_type != AAC_LC:
        reason = f"its sound is MPEG-4 audio of type {object_type}, not AAC-LC"
        raise UnsupportedMediaError(reason=reason)
    return AudioConfig(object_type, rate_index, channels)


def _object_type(bits: BitReader) -> int:
    value = bits.take(5)
    return 32 + bits.take(6) if value == _ESCAPE_OBJECT_TYPE else value


def _rate_index(bits: BitReader) -> int:
    index = bits.take(4)
    if index < len(RATES_HZ):
        return index
    raise UnsupportedMediaError(reason="its sample rate is unusual")


def _descriptor(data: bytes, tag: int) -> bytes:
    """Return the content of the descriptor that `data` begins with."""
    size = 0
    for number, octet in enumerate(data[1:5], start=2):
        size = size << 7 | octet & 0x7F
        if octet < 0x80:
            if data[0] == tag and number + size <= len(data):
                return data[number : number + size]
            break
    raise Mp4FormatError(reason="its decoder configuration is cut off")
