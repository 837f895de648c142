"""Pure: sentences that people say, and what is answered, in English and German."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Request(StrEnum):
    """What somebody may ask for; the values are the names of intents."""

    READING = "AudibleTrackerReading"
    TIME_LEFT = "AudibleTrackerTimeLeft"
    CONTINUE = "AudibleTrackerContinue"
    BACK = "AudibleTrackerBack"
    STOP_AFTER_CHAPTER = "AudibleTrackerStopAfterChapter"


SENTENCES: Final[Mapping[str, Mapping[Request, tuple[str, ...]]]] = {
    "en": {
        Request.READING: (
            "what (am I|are we) (listening to|reading|hearing) [right] [now]",
            "(what|which) (book|audiobook) am I (listening to|reading|hearing)",
        ),
        Request.TIME_LEFT: (
            "how (long|much) is left [(of|in) (my|the) (book|audiobook)]",
            "how much time is left (of|in) (my|the) (book|audiobook)",
            "how much longer is (my|the) (book|audiobook)",
        ),
        Request.CONTINUE: (
            "(continue|resume|play) (my|the) (book|audiobook)",
            "(continue|resume|play) (my|the) (book|audiobook) (in|on) [the] {where}",
        ),
        Request.BACK: (
            "[go|jump|skip] back {amount} (minute|minutes)",
            "rewind {amount} (minute|minutes)",
        ),
        Request.STOP_AFTER_CHAPTER: (
            "stop (after|at the end of) (this|the) chapter",
            "stop [my|the] (book|audiobook) (after|at the end of) (this|the) chapter",
        ),
    },
    "de": {
        Request.READING: (
            "was (höre|lese) ich [gerade]",
            "welches (Buch|Hörbuch) (höre|lese) ich [gerade]",
        ),
        Request.TIME_LEFT: (
            "wie lange (geht|dauert|läuft) (mein|das) (Buch|Hörbuch) noch",
            "wie viel ist [noch] von (meinem|dem) (Buch|Hörbuch) übrig",
        ),
        Request.CONTINUE: (
            "(spiel|spiele|setz|setze) (mein|das) (Buch|Hörbuch) (weiter|fort)",
            (
                "(spiel|spiele|setz|setze) (mein|das) (Buch|Hörbuch) "
                "(im|in der|in|auf dem|auf der|auf) {where} (weiter|fort)"
            ),
        ),
        Request.BACK: (
            "[spring|springe|geh|gehe|spul|spule] {amount} (Minute|Minuten) zurück",
        ),
        Request.STOP_AFTER_CHAPTER: (
            "(stopp|stoppe|stop) nach (diesem|dem) Kapitel",
            "(halte|hör|höre) nach (diesem|dem) Kapitel (an|auf)",
        ),
    },
}

ANSWERS: Final[Mapping[str, Mapping[str, str]]] = {
    "en": {
        "reading": "{title} by {authors}",
        "chapter": ", {chapter}",
        "left": "{time} are left of {title}",
        "left_unknown": "I do not know how long {title} is",
        "nothing": "Nothing is being read",
        "not_exposed": "Your books are not shared with this assistant",
        "speaker_not_exposed": "That speaker is not shared with this assistant",
        "continue": "Going on with {title}",
        "back": "{minutes} minutes back",
        "stop": "Stopping after this chapter",
        "no_speaker": "There is no speaker called {where}",
        "no_number": "I did not understand how many minutes",
        "time": "{hours} hours and {minutes} minutes",
        "minutes": "{minutes} minutes",
    },
    "de": {
        "reading": "{title} von {authors}",
        "chapter": ", {chapter}",
        "left": "Von {title} sind noch {time} übrig",
        "left_unknown": "Ich weiß nicht, wie lang {title} ist",
        "nothing": "Gerade wird nichts gelesen",
        "not_exposed": "Deine Bücher sind für diesen Assistenten nicht freigegeben",
        "speaker_not_exposed": (
            "Dieser Lautsprecher ist für diesen Assistenten nicht freigegeben"
        ),
        "continue": "Weiter mit {title}",
        "back": "{minutes} Minuten zurück",
        "stop": "Nach diesem Kapitel ist Schluss",
        "no_speaker": "Es gibt keinen Lautsprecher namens {where}",
        "no_number": "Ich habe nicht verstanden, wie viele Minuten",
        "time": "{hours} Stunden und {minutes} Minuten",
        "minutes": "{minutes} Minuten",
    },
}

_NUMBERS: Final = {
    word: number
    for words in (
        "one two three four five six seven eight nine ten eleven twelve",
        "eine zwei drei vier fünf sechs sieben acht neun zehn elf zwölf",
    )
    for number, word in enumerate(words.split(), start=1)
} | {
    "a": 1,
    "einer": 1,
    "fifteen": 15,
    "fünfzehn": 15,
    "twenty": 20,
    "zwanzig": 20,
    "thirty": 30,
    "dreißig": 30,
    "forty-five": 45,
    "fünfundvierzig": 45,
    "sixty": 60,
    "sechzig": 60,
}
_BACK_MAX_MINUTES: Final = 600


@dataclass(frozen=True, slots=True)
class Speech:
    """What is said in one language; of languages that it lacks English is spoken."""

    language: str

    def say(self, key: str, **words: object) -> str:
        """Return a sentence."""
        spoken = self.language.partition("-")[0].lower()
        return ANSWERS.get(spoken, ANSWERS["en"])[key].format(**words)

    def time(self, minutes: int) -> str:
        """Return a length in words."""
        hours, rest = divmod(minutes, 60)
        if not hours:
            return self.say("minutes", minutes=rest)
        return self.say("time", hours=hours, minutes=rest)


def minutes_in(text: str) -> int | None:
    """Return how many minutes are meant, 1 to 600; None where that is no number."""
    found = re.search(r"\d+", text)
    number = int(found[0]) if found else _NUMBERS.get(text.strip().lower())
    return number if number and number <= _BACK_MAX_MINUTES else None
