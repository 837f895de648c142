"""Find the sound of an MP4 file: its sample entry, configuration and sample tables."""

from dataclasses import dataclass

from audible_core.errors import Mp4FormatError, UnsupportedMediaError

from audible_server.media.mp4.audio_config import AudioConfig, parse_esds
from audible_server.media.mp4.boxes import Box, children, descend, iter_boxes
from audible_server.media.mp4.samples import (
    SampleIndex,
    TimeTable,
    parse_samples,
    parse_times,
)

ENCRYPTED_ENTRY = b"aavd"
PLAIN_ENTRY = b"mp4a"
# In a sample entry: 8 bytes common to all, 20 of sound; QuickTime's versions add more.
_ENTRY_FIELDS_BYTES = {0: 28, 1: 28 + 16, 2: 28 + 36}


@dataclass(frozen=True, slots=True)
class AudioTrack:
    """The sound of a file; `entry` and `adrm` lie in the data of the `moov` box."""

    entry: Box
    adrm: Box | None
    config: AudioConfig
    samples: SampleIndex
    times: TimeTable

    @property
    def is_encrypted(self) -> bool:
        """Return whether the samples are encrypted."""
        return self.entry.kind == ENCRYPTED_ENTRY


def audio_track(data: bytes | memoryview, moov: Box) -> AudioTrack:
    """Return the one track with sound.

    Raises Mp4FormatError if the index is damaged, UnsupportedMediaError if it is of a
    kind that cannot be served.
    """
    if next(children(data, moov, b"mvex"), None) is not None:
        raise UnsupportedMediaError(reason="it is a fragmented MP4 file")
    for wanted in (ENCRYPTED_ENTRY, PLAIN_ENTRY):
        found = [
            (trak, entry)
            for trak in children(data, moov, b"trak")
            if (entry := _sample_entry(data, trak)) is not None and entry.kind == wanted
        ]
        if len(found) > 1:
            raise UnsupportedMediaError(reason="it has more than one track of sound")
        if found:
            return _parsed(data, *found[0])
    raise UnsupportedMediaError(reason="it has no track of AAC sound")


def _parsed(data: bytes | memoryview, trak: Box, entry: Box) -> AudioTrack:
    stbl = descend(data, trak, b"mdia", b"minf", b"stbl")
    timescale = _timescale(data, descend(data, trak, b"mdia", b"mdhd"))
    inside = _entry_children(data, entry)
    esds = next((box for box in inside if box.kind == b"esds"), None)
    if esds is None:
        raise Mp4FormatError(reason="its decoder configuration is missing")
    samples = parse_samples(data, stbl)
    if not len(samples):
        raise Mp4FormatError(reason="there is no sound in it")
    return AudioTrack(
        entry=entry,
        adrm=next((box for box in inside if box.kind == b"adrm"), None),
        config=parse_esds(bytes(data[esds.body : esds.end])),
        samples=samples,
        times=parse_times(data, stbl, timescale=timescale, samples=len(samples)),
    )


def _sample_entry(data: bytes | memoryview, trak: Box) -> Box | None:
    """Return the first sample entry of a track."""
    stsd = descend(data, trak, b"mdia", b"minf", b"stbl", b"stsd")
    if stsd.end - stsd.body < 8:
        raise Mp4FormatError(reason="the stsd box is shorter than its table")
    entries = tuple(iter_boxes(data, stsd.body + 8, stsd.end))
    if len(entries) > 1 and any(box.kind == ENCRYPTED_ENTRY for box in entries):
        raise UnsupportedMediaError(reason="its coding changes within the track")
    return entries[0] if entries else None


def _entry_children(data: bytes | memoryview, entry: Box) -> tuple[Box, ...]:
    body = bytes(data[entry.body : min(entry.end, entry.body + 10)])
    version = int.from_bytes(body[8:10])
    fields = _ENTRY_FIELDS_BYTES.get(version)
    if fields is None or entry.end - entry.body < fields:
        raise Mp4FormatError(reason=f"the {entry.name} entry is not readable")
    return tuple(iter_boxes(data, entry.body + fields, entry.end))


def _timescale(data: bytes | memoryview, mdhd: Box) -> int:
    """Return the ticks per second of a track, from its media header."""
    body = data[mdhd.body : mdhd.end]
    # Two dates come first; version 1 has them in 64 bits.
    at = 20 if body[:1] == b"\1" else 12
    if len(body) < at + 4:
        raise Mp4FormatError(reason="the mdhd box is too short")
    return int.from_bytes(body[at : at + 4])
