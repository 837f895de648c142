"""What can be wrong with a sign-in that another program has kept in a file."""

from .audible import AudibleError


class LoginFileError(AudibleError):
    """Base of what can be wrong with a login file."""


class LoginFileUnknownError(LoginFileError):
    """Not the file of a program we know, or damaged; ``field`` says where."""

    key = "login_file_unknown"
    message = (
        "This is no login file of audible-cli and no AccountsSettings.json of "
        "Libation, or it is damaged ({field})."
    )


class LoginFilePasswordError(LoginFileError):
    """The file is encrypted, and the password is missing or another one."""

    key = "login_file_password"
    message = "The login file is encrypted, and this password does not open it."


class LoginFileSealedError(LoginFileError):
    """Libation encrypted the file with a key that stays on its computer."""

    key = "login_file_sealed"
    message = (
        "Libation encrypted the sign-in in this file with a key that only its own "
        "computer has. Export the account from Libation, and use that file."
    )


class LoginFileRefusedError(LoginFileError):
    """Audible does not accept what is in the file any more."""

    key = "login_file_refused"
    message = (
        "Audible no longer accepts the sign-in in this file. Sign in at Amazon instead."
    )
