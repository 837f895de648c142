"""Names of files in headers, for old and new clients."""

import pytest

from audible_server.http.headers import content_disposition, http_date


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Emma", 'inline; filename="Emma.m4b"'),
        (
            "Größ",
            "inline; filename=\"Gro.m4b\"; filename*=UTF-8''Gr%C3%B6%C3%9F.m4b",
        ),
        (
            "雪国",
            "inline; filename=\"B0X.m4b\"; filename*=UTF-8''%E9%9B%AA%E5%9B%BD.m4b",
        ),
        # Nothing that ends the text, the header or the folder.
        ('../a\\b "c"\r\nX: y', 'inline; filename="a b c X y.m4b"'),
        ("100% \x00\x7f\ud800", 'inline; filename="100.m4b"'),
        (" . ", 'inline; filename="B0X.m4b"'),
        ("", 'inline; filename="B0X.m4b"'),
        ("x" * 500, f'inline; filename="{"x" * 180}.m4b"'),
    ],
)
def test_file_is_named_by_its_title(title: str, expected: str) -> None:
    """Every title gives a valid header and a name that can be saved."""
    assert expected == content_disposition(title, "B0X", "m4b")


def test_dates_are_written_as_the_standard_does() -> None:
    """The example of RFC 9110, 5.6.7."""
    assert "Sun, 06 Nov 1994 08:49:37 GMT" == http_date(784_111_777)
