"""Pure: the language of a text, as far as a title tells it."""

from collections.abc import Iterable
from functools import lru_cache
from typing import Final

_FUNCTION_WORDS: Final = {
    "en": (
        "the of and to in for with from how what your you my is are at on by"
        " his her why who when into their our without not no this that it be we an"
    ),
    "de": (
        "der die das und des dem den ein eine einer eines einem im am vom zum"
        " zur mit fur von auf aus nicht ist wie wir ich uber ohne nach bei sich"
        " oder wenn auch unter warum"
    ),
    "fr": (
        "le la les de des du et une un au aux dans pour avec sur est qui que"
        " sans par nous vous je il elle mon ma mes son ses leur chez ne pas"
        " entre tout"
    ),
    "es": (
        "el la los las de del una un unos al en con por para como sin sobre que"
        " mi tu su sus lo se es mas cuando entre nunca todo muerte vida mundo"
    ),
    "it": (
        "il lo la gli le della dello dei degli delle del di e un una uno al"
        " alla nel nella con per come senza che non sono mia mio tutto tra fra"
    ),
    "pt": (
        "os as de do da dos das um uma ao na no nas nos com por para como sem"
        " sobre que nao meu minha seu sua mais"
    ),
    "nl": (
        "het een van de en voor met op uit niet hoe wij ik zijn haar aan naar"
        " bij over te"
    ),
    "tr": "ve bir bu ile icin gibi ne cok var yok kadar",
    "sv": "och att det som en ett av pa med for till inte jag den om",
    "pl": "na do nie jak sie od czyli dla po",
}

_LETTERS: Final = {
    "ß": ("de",), "ä": ("de", "sv"), "ö": ("de", "sv", "tr"), "ü": ("de", "tr"),
    "ñ": ("es",), "ã": ("pt",), "õ": ("pt",), "ł": ("pl",), "ę": ("pl",),
    "å": ("sv",), "ğ": ("tr",), "\u0131": ("tr",), "ş": ("tr",),
    "ç": ("fr", "pt", "tr"),
    "è": ("fr", "it"), "ê": ("fr", "pt"), "ù": ("fr", "it"), "ò": ("it",),
}  # fmt: skip
"""Letters that few languages have; a name in an English title may have one."""

LANGUAGE_NAMES: Final = {
    "english": "en", "german": "de", "deutsch": "de", "deutsche": "de",
    "french": "fr", "francais": "fr", "francaise": "fr", "spanish": "es",
    "castilian": "es", "castellano": "es", "espanol": "es", "espanola": "es",
    "italian": "it", "italiano": "it", "italiana": "it", "portuguese": "pt",
    "portugues": "pt", "portuguesa": "pt", "dutch": "nl", "nederlands": "nl",
    "nederlandse": "nl", "turkish": "tr", "svensk": "sv", "svenska": "sv",
    "dansk": "da", "norsk": "no", "polska": "pl",
    "swedish": "sv", "polish": "pl", "japanese": "ja", "chinese": "zh",
    "mandarin_chinese": "zh", "mandarin": "zh", "russian": "ru", "danish": "da",
    "norwegian": "no", "finnish": "fi", "hindi": "hi", "arabic": "ar", "greek": "el",
    "hebrew": "he", "czech": "cs", "hungarian": "hu", "korean": "ko", "romanian": "ro",
    "persian": "fa", "farsi": "fa", "indonesian": "id", "vietnamese": "vi",
    "marathi": "mr", "tamil": "ta", "telugu": "te", "malayalam": "ml", "kannada": "kn",
    "bengali": "bn", "bangla": "bn", "gujarati": "gu", "punjabi": "pa", "urdu": "ur",
    "odia": "or", "assamese": "as", "nepali": "ne", "sanskrit": "sa", "thai": "th",
    "catalan": "ca", "basque": "eu", "galician": "gl", "icelandic": "is",
    "ukrainian": "uk", "bulgarian": "bg", "croatian": "hr", "serbian": "sr",
    "slovak": "sk", "slovenian": "sl", "lithuanian": "lt", "latvian": "lv",
    "estonian": "et", "afrikaans": "af", "swahili": "sw", "malay": "ms",
    "tagalog": "tl", "welsh": "cy", "irish": "ga", "latin": "la",
}  # fmt: skip
_LONG_CODES: Final = {
    "eng": "en", "ger": "de", "deu": "de", "fre": "fr", "fra": "fr", "spa": "es",
    "ita": "it", "por": "pt", "dut": "nl", "nld": "nl", "jpn": "ja", "tur": "tr",
    "swe": "sv", "pol": "pl", "rus": "ru", "chi": "zh", "zho": "zh",
}  # fmt: skip

_BY_WORD: Final[dict[str, frozenset[str]]] = {
    word: frozenset(
        code for code, text in _FUNCTION_WORDS.items() if word in text.split()
    )
    for words in _FUNCTION_WORDS.values()
    for word in words.split()
}


_WORDS_NEEDED: Final = 2


@lru_cache(maxsize=512)
def language_code(name: str) -> str:
    """Return the two-letter code of a language's name or code; "" if it is unknown."""
    bare = name.strip().lower().replace("-", "_")
    if bare in LANGUAGE_NAMES:
        return LANGUAGE_NAMES[bare]
    head = bare.partition("_")[0]
    if len(head) == 3:
        return _LONG_CODES.get(head, "")
    return head if len(head) == 2 and head.isalpha() else ""


def languages_hinted(parts: Iterable[str]) -> frozenset[str]:
    """Return the languages that a title may be in by its function words."""
    found = [codes for part in parts if (codes := _BY_WORD.get(part))]
    return found[0].union(*found[1:]) if found else frozenset()


def languages_of_letters(text: str) -> list[str]:
    """Return the languages of each letter that only few languages have."""
    if text.isascii():
        return []
    return [code for sign in {*text.lower()} for code in _LETTERS.get(sign, ())]


def languages_of_words(
    parts: Iterable[str], letters: Iterable[str] = ()
) -> frozenset[str]:
    """Return the languages that most of the function words belong to.

    ``letters`` are the languages of letters beside them. A word said again counts once,
    and nothing is said from one word alone. Related languages may tie.
    """
    counts: dict[str, int] = {}
    for code in letters:
        counts[code] = counts.get(code, 0) + 1
    for part in dict.fromkeys(parts):
        if part and part[0] >= "\u3040":
            script = _language_of_script(part[0])
            return frozenset((script,)) if script else frozenset()
        for code in _BY_WORD.get(part, ()):
            counts[code] = counts.get(code, 0) + 1
    most = max(counts.values(), default=0)
    if most < _WORDS_NEEDED:
        return frozenset()
    return frozenset(code for code, count in counts.items() if count == most)


def _language_of_script(sign: str) -> str:
    if "\u3040" <= sign <= "\u30ff":
        return "ja"
    return "ko" if "\uac00" <= sign <= "\ud7a3" else ""
