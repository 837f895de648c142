"""Segments made by an encoder, one at a time."""

from typing import Final

from audible_server.media.cutting import Timeline
from audible_server.media.hls import EvenSegments, Listing, timestamp_tag
from audible_server.media.mp4.opus import SILENCE, opus_fragment
from audible_server.media.ogg import opus_packets
from audible_server.media.recipe import AudioFormat, Encoding
from audible_server.media.split import filler, frame_bytes, has_headers
from audible_server.media.transcode import Workshop, encoded

SUFFIXES: Final = {
    AudioFormat.AAC: "aac",
    AudioFormat.MP3: "mp3",
    AudioFormat.OPUS: "m4s",
}
"""The formats that segments come in, and the ends of their names."""


def listing_of(timeline: Timeline) -> Listing:
    """Return how what is encoded is cut."""
    encoding = timeline.encoding
    return Listing.of(
        encoding.audio_format,
        rate_hz=encoding.rate_hz,
        channels=encoding.channels,
        frames=timeline.frames,
    )


async def encoded_segment(
    timeline: Timeline,
    segments: EvenSegments,
    number: int,
    workshop: Workshop,
    *,
    client: str,
) -> bytes:
    """Make one segment: whole frames, and as many as the playlist says.

    What is listed behind the end of the title is silent. Its bytes follow from the
    title, the wish and the number. Raises as `opened` does.
    """
    first, stop = segments.span(number)
    found: list[bytes] = []
    if first < timeline.frames:
        async with encoded(timeline, workshop, first, stop, client=client) as packets:
            found.extend([packet async for packet in packets])
    data = b"".join(found)
    if timeline.encoding.audio_format is AudioFormat.OPUS:
        frames = _opus_frames(data, timeline, first, stop)
        return opus_fragment(frames, number=number, first=first)
    tag = timestamp_tag(segments.start_s(number))
    return tag + _first_frames(data, timeline.encoding, stop - first)


def _opus_frames(data: bytes, timeline: Timeline, first: int, stop: int) -> list[bytes]:
    run_up = timeline.cut(first, stop).run_up_frames
    found = opus_packets(data)[run_up : run_up + stop - first]
    return found + [SILENCE] * (stop - first - len(found))


def _first_frames(data: bytes, encoding: Encoding, count: int) -> bytes:
    fill = filler(encoding)
    if not has_headers(encoding):
        return (data + count * fill)[: count * len(fill)]
    end = found = 0
    while found < count and (size := frame_bytes(encoding, data, end)):
        end += size
        found += 1
    return data[:end] + (count - found) * fill
