"""Pure: what each piece of evidence means, in words for the reader.

Each is the end of a sentence, without a period: "the titles agree; other authors".
"""

from collections.abc import Mapping
from typing import Final

WORDS: Final[Mapping[str, str]] = {
    "title_main": "the titles agree",
    "title_after_series": "the titles agree behind the name of the series",
    "title_letters_swapped": "the titles differ by two swapped letters",
    "title_spelled_alike": "a word of the title is spelled differently",
    "title_is_long": "many letters of the title agree",
    "subtitle_same": "title and subtitle agree",
    "title_after_prefix": "one title has other words before it",
    "title_in_brackets": "the title stands in the other's brackets",
    "title_contained": "one title is only a part of the other",
    "title_other": "another title",
    "title_similar": "the titles are nearly the same",
    "title_is_series": "one side says the series where the other says its first book",
    "title_is_author": "only the author's name agrees in the titles",
    "title_is_generic": "the title could be many books of other authors",
    "tail_none": "no subtitle tells them apart",
    "tail_same": "the titles go on the same way",
    "tail_agrees": "the titles go on alike, or one is shorter",
    "tail_book_only": "only the tracker's book has a subtitle",
    "tail_book_only_short": "only the tracker's book has a subtitle, a short one",
    "tail_title_only": "only the Audible title goes on",
    "tail_subtitle_only": "only the Audible title has a subtitle",
    "tail_title_only_short": "the Audible title goes on, perhaps as another volume",
    "tail_differs": "the titles go on differently",
    "tail_subtitle_differs": "the subtitles differ",
    "tail_missing_in_series": "one side does not say which book of the series it is",
    "tail_other_works": "only one side holds other works beside the title story",
    "volume_same": "the same volume",
    "volume_first": "only one side says that it is the first volume",
    "volume_first_worded": "the first volume against what may be the whole",
    "volume_differs": "another volume of the series",
    "volume_missing": "only one side says which volume it is",
    "volume_differs_name_agrees": "other numbers, but the volume's name agrees",
    "series_same": "the same series",
    "series_number_same": "the same number in the series",
    "series_number_differs": "other numbers in the series, which shops count freely",
    "kind_differs": "another kind of book, such as a summary, a comic or a box set",
    "part_differs": "another part of the recording",
    "author_same": "the author agrees",
    "author_initials": "the author agrees by initials",
    "author_spelled_alike": "the author's name is spelled differently",
    "author_surname_only": "only the author's surname agrees",
    "author_none": "other authors",
    "author_unknown": "one side names no author",
    "author_other_role": "the person is no author there, but a translator or the like",
    "author_namesake": "another person of the same surname",
    "author_not_first": "only a later author agrees",
    "author_behind_another": "the book names somebody else first",
    "language_same": "the same language",
    "language_differs": "another language",
    "country_differs": "the tracker's edition is from another country",
    "isbn_same": "the same ISBN",
    "runtime_same": "the same length",
    "runtime_differs": "the lengths are far apart",
    "narrator_same": "the same narrator",
    "year_same": "the same year",
}


def words_of(name: str) -> str:
    """Return what a piece of evidence means; KeyError for a name nobody gives."""
    return WORDS[name]
