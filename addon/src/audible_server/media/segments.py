"""Segments made by an encoder, one at a time."""

from audible_server.media.hls import EncodedSegments, timestamp_tag
from audible_server.media.recipe import AudioFormat
from audible_server.media.split import adts_frame_bytes, filler
from audible_server.media.transcode import Workshop, encoded


async def encoded_segment(
    segments: EncodedSegments, number: int, workshop: Workshop, *, client: str
) -> bytes:
    """Make one segment: whole frames, and as many as the playlist says.

    Its bytes follow from the title, the wish and the number. Raises as `opened` does.
    """
    timeline = segments.timeline
    first, stop = segments.span(number)
    found: list[bytes] = []
    async with encoded(timeline, workshop, first, stop, client=client) as packets:
        found.extend([packet async for packet in packets])
    frames = _first_frames(b"".join(found), segments, stop - first)
    return timestamp_tag(segments.start_s(number)) + frames


def _first_frames(data: bytes, segments: EncodedSegments, count: int) -> bytes:
    encoding = segments.timeline.encoding
    if encoding.audio_format is AudioFormat.AAC:
        end = 0
        for _ in range(count):
            end += adts_frame_bytes(data, end)
        return data[:end]
    fill = filler(segments.timeline)
    missing = max(0, count * len(fill) - len(data)) // len(fill)
    return (data + missing * fill)[: count * len(fill)]
