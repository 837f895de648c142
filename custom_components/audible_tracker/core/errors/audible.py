"""What can go wrong with Audible: requests, signing in, licenses."""

from .base import TrackerError


class AudibleError(TrackerError):
    """Base of what can go wrong with Audible."""


class AudibleConnectionError(AudibleError):
    """No answer, a time-out, or a fault on their side; try later."""

    key = "audible_unreachable"
    message = "Audible does not answer ({reason})."


class AudibleAuthError(AudibleError):
    """Audible no longer accepts this registration."""

    key = "audible_auth"
    message = "Audible no longer accepts this sign-in. Sign in again."


class AudibleRateLimitError(AudibleError):
    """Audible asked us to slow down; ``retry_after_s`` seconds."""

    key = "audible_rate_limit"
    message = "Audible asks to wait {retry_after_s} seconds."

    def __init__(self, *, retry_after_s: int) -> None:
        """Keep the wait as a number too."""
        self.retry_after_s = retry_after_s
        super().__init__(retry_after_s=retry_after_s)


class AudiblePaceError(AudibleRateLimitError):
    """Others ask Audible already; ``retry_after_s`` seconds."""

    key = "audible_pace"
    message = (
        "Audible is asked slowly, and others come first. Try again in {retry_after_s} "
        "seconds."
    )


class AudibleNotFoundError(AudibleError):
    """Audible does not know what was asked for."""

    key = "audible_not_found"
    message = "Audible does not know {what}."


class AudibleResponseError(AudibleError):
    """The answer's shape was not as agreed; ``field`` says where."""

    key = "audible_response"
    message = "Audible answered in an unexpected form ({field})."


class SignInError(AudibleError):
    """Base of what can be wrong with the address that was pasted."""


class LandingEmptyError(SignInError):
    """Nothing was pasted."""

    key = "landing_empty"
    message = "Paste the address of the page that Amazon showed after the sign-in."


class LandingNotAnAddressError(SignInError):
    """What was pasted is no web address."""

    key = "landing_not_an_address"
    message = "That is not a web address. It must begin with https://."


class LandingLineBreaksError(SignInError):
    """The pasted text has line breaks and even joined it is of no use."""

    key = "landing_line_breaks"
    message = "The pasted text has line breaks and is not one whole address."


class LandingSignInPageError(SignInError):
    """The address of the sign-in page itself was pasted."""

    key = "landing_sign_in_page"
    message = "That is the sign-in page. Sign in there first, then copy the next page."


class LandingWrongPageError(SignInError):
    """The address of some other page was pasted."""

    key = "landing_wrong_page"
    message = (
        "That is another page ({page}). The right address contains /ap/maplanding."
    )


class LandingOtherCountryError(SignInError):
    """The address belongs to another country's shop."""

    key = "landing_other_country"
    message = "That address is of {found}, but the link was for {expected}."


class LandingWithoutCodeError(SignInError):
    """The right page, but there is no code in its address."""

    key = "landing_without_code"
    message = "The address has no sign-in code in it; copy it whole."


class CodeRejectedError(SignInError):
    """Audible refused the code: used before, too old, or of another link."""

    key = "code_rejected"
    message = "Audible refused the code: it is too old or was used before."


class LicenseError(TrackerError):
    """Base of what can go wrong with a license."""


class LicenseDeniedError(LicenseError):
    """Audible refuses this title: not owned (any more)."""

    key = "license_denied"
    message = (
        "Audible grants no license for {asin}: the account does not own it now. Buy "
        "it, or add the account that has it."
    )


class LicenseLapsedError(LicenseDeniedError):
    """The title was included in a plan, and is not any more."""

    key = "license_lapsed"
    message = (
        "Audible grants no license for {asin}: no plan of the account has it now. Buy "
        "it, or take up a plan that has it; then download it again."
    )


class LicenseTemporarilyDeniedError(LicenseError):
    """Audible says both that the account may and that it may not."""

    key = "license_temporarily_denied"
    message = "Audible grants no license for {asin} at present. Try again in two days."


class LicenseThrottledError(LicenseError):
    """Too many licenses, here or elsewhere."""

    key = "license_throttled"
    message = (
        "Audible grants this account no licenses for now: many were asked for lately. "
        "Wait two days, then download the book again."
    )


class RegistrationTooOldError(LicenseThrottledError):
    """Audible says the same, but few were asked for: the registration is too old."""

    key = "license_registration_old"
    message = (
        "Audible grants this registration no licenses any more: it is too old. Sign "
        "in again; the downloads then go on by themselves."
    )


class LicenseFormatError(LicenseError):
    """The title exists in no form that can be downloaded and played."""

    key = "license_no_form"
    message = (
        "Audible offers {asin} in no form that can be downloaded. Audible's own app "
        "plays it."
    )


class VoucherError(LicenseError):
    """The license came, but the key in it cannot be read."""

    key = "voucher_unreadable"
    message = (
        "The license of {asin} came, but its key cannot be read. Sign in again, then "
        "download it again."
    )
