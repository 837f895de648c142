"""Packets out of an Ogg stream (RFC 3533) that a tool of ours has written."""

from typing import Final

from audible_core.errors import MediaToolError

_CAPTURE: Final = b"OggS"
_HEADER_BYTES: Final = 27
_FULL_LACE: Final = 255
_OPUS_HEADERS: Final = 2
"""The first packets of Opus in Ogg are no sound (RFC 7845, 3)."""


def opus_packets(data: bytes) -> list[bytes]:
    """Return the packets of sound in a whole stream; raise MediaToolError."""
    packets: list[bytes] = []
    at, packet = 0, b""
    while at < len(data):
        if data[at : at + 4] != _CAPTURE or at + _HEADER_BYTES > len(data):
            raise MediaToolError(tool="ffmpeg", reason="its output has no pages")
        body = at + _HEADER_BYTES + data[at + _HEADER_BYTES - 1]
        for lace in data[at + _HEADER_BYTES : body]:
            packet += data[body : body + lace]
            body += lace
            if lace < _FULL_LACE:
                packets.append(packet)
                packet = b""
        at = body
    return packets[_OPUS_HEADERS:]
