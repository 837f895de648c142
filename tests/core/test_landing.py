"""The address that a user brings back from Amazon's sign-in."""

import pytest
from audible_core.audible.landing import parse_landing
from audible_core.errors import (
    LandingEmptyError,
    LandingLineBreaksError,
    LandingNotAnAddressError,
    LandingOtherCountryError,
    LandingSignInPageError,
    LandingWithoutCodeError,
    LandingWrongPageError,
    SignInError,
)

LANDING = (
    "https://www.amazon.de/ap/maplanding?openid.assoc_handle=amzn_audible_ios_de"
    "&openid.oa2.authorization_code=ANxyzCODE123&openid.mode=id_res"
)


@pytest.mark.parametrize(
    "pasted",
    [
        LANDING,
        f"  {LANDING}\n",
        LANDING.replace("&openid", "\n&openid"),
        LANDING.replace("&openid", "\r\n  &openid"),
        LANDING.replace("openid.oa2.authorization_code", "code"),
        LANDING.replace("openid.oa2.authorization_code", "authorization_code"),
        LANDING.replace("www.amazon.de", "WWW.Amazon.DE"),
    ],
)
def test_code_is_found_in_every_form_of_the_address(pasted: str) -> None:
    """Blanks, line breaks and the other names of the parameter do no harm."""
    assert parse_landing(pasted, "de") == "ANxyzCODE123"


@pytest.mark.parametrize(
    ("pasted", "mistake"),
    [
        ("", LandingEmptyError),
        (" \n ", LandingEmptyError),
        ("ANxyzCODE123", LandingNotAnAddressError),
        ("https://[", LandingNotAnAddressError),
        ("www.amazon.de/ap/maplanding?code=1", LandingNotAnAddressError),
        ("https://www.amazon.de/ap/signin?openid.mode=x", LandingSignInPageError),
        ("https://www.audible.de/library", LandingWrongPageError),
        ("https://example.org/ap/maplanding?code=1", LandingWrongPageError),
        ("https://notamazon.de/ap/maplanding?code=1", LandingWrongPageError),
        ("https://www.amazon.de/ap/maplanding?openid.mode=x", LandingWithoutCodeError),
        ("https://www.amazon.com/ap/maplanding?code=1", LandingOtherCountryError),
        ("here it is:\nthe page was not found", LandingLineBreaksError),
        (f"{LANDING}\n{LANDING.replace('.de', '.com')}x", None),
    ],
)
def test_every_mistake_has_its_own_error(
    pasted: str, mistake: type[SignInError] | None
) -> None:
    """What is wrong with the pasted text decides what the user is told."""
    if mistake is None:
        # Two addresses pasted one after the other are not one.
        with pytest.raises(SignInError):
            parse_landing(pasted.replace("ANxyzCODE123", ""), "de")
        return
    with pytest.raises(mistake) as caught:
        parse_landing(pasted, "de")
    assert type(caught.value) is mistake


def test_other_country_names_both() -> None:
    """The message says which country came and which was expected."""
    with pytest.raises(LandingOtherCountryError) as caught:
        parse_landing(LANDING.replace("amazon.de", "amazon.co.uk"), "de")
    expected = {"found": "amazon.co.uk", "expected": "amazon.de"}
    assert caught.value.placeholders == expected
