"""What can be wrong with a file to import."""

from .base import TrackerError


class ImportFileError(TrackerError):
    """Base of what can be wrong with a whole file that is to be imported."""

    key = "import_file"
    message = "The file cannot be imported."


class ImportFileEmptyError(ImportFileError):
    """There is nothing in the file, or nothing but a header."""

    key = "import_file_empty"
    message = "The file holds no rows."


class ImportFileUnknownError(ImportFileError):
    """The file is of no known format: what was found, what is supported."""

    key = "import_file_unknown"
    message = (
        "The file is of no known format. Found: {found}. Supported are: {supported}."
    )


class ImportFileDamagedError(ImportFileError):
    """The file is of a known kind but cannot be taken apart."""

    key = "import_file_damaged"
    message = "The file is damaged: {reason}."


class ImportFileTooNewError(ImportFileError):
    """The export was written by a newer version."""

    key = "import_file_too_new"
    message = (
        "The export is of version {found}, this program reads up to {known}. "
        "Update it first."
    )
