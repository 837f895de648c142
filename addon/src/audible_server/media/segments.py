"""Segments made by an encoder, one at a time."""

from typing import Final

from audible_server.media.cutting import Timeline
from audible_server.media.hls import EvenSegments, timestamp_tag
from audible_server.media.mp4.opus import SILENCE, opus_fragment
from audible_server.media.ogg import opus_packets
from audible_server.media.recipe import AudioFormat
from audible_server.media.split import adts_frame_bytes, filler
from audible_server.media.transcode import Workshop, encoded

SUFFIXES: Final = {
    AudioFormat.AAC: "aac",
    AudioFormat.MP3: "mp3",
    AudioFormat.OPUS: "m4s",
}
"""The formats that segments come in, and the ends of their names."""


def segments_of(timeline: Timeline) -> EvenSegments:
    """Cut what is encoded."""
    encoding = timeline.encoding
    return EvenSegments.of(
        frames=timeline.frames,
        frame_samples=encoding.frame_samples,
        rate_hz=encoding.rate_hz,
    )


async def encoded_segment(
    timeline: Timeline, number: int, workshop: Workshop, *, client: str
) -> bytes:
    """Make one segment: whole frames, and as many as the playlist says.

    Its bytes follow from the title, the wish and the number. Raises as `opened` does.
    """
    segments = segments_of(timeline)
    first, stop = segments.span(number)
    found: list[bytes] = []
    async with encoded(timeline, workshop, first, stop, client=client) as packets:
        found.extend([packet async for packet in packets])
    data = b"".join(found)
    if timeline.encoding.audio_format is AudioFormat.OPUS:
        frames = _opus_frames(data, timeline, first, stop)
        return opus_fragment(frames, number=number, first=first)
    tag = timestamp_tag(segments.start_s(number))
    return tag + _first_frames(data, timeline, stop - first)


def _opus_frames(data: bytes, timeline: Timeline, first: int, stop: int) -> list[bytes]:
    run_up = timeline.cut(first, stop).run_up_frames
    found = opus_packets(data)[run_up : run_up + stop - first]
    return found + [SILENCE] * (stop - first - len(found))


def _first_frames(data: bytes, timeline: Timeline, count: int) -> bytes:
    encoding = timeline.encoding
    if encoding.audio_format is AudioFormat.AAC:
        end = 0
        for _ in range(count):
            end += adts_frame_bytes(data, end)
        return data[:end]
    fill = filler(timeline)
    missing = max(0, count * len(fill) - len(data)) // len(fill)
    return (data + missing * fill)[: count * len(fill)]
