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


class ImportFileTooLargeError(ImportFileError):
    """The file is larger than what is read into memory at once."""

    key = "import_file_too_large"
    message = "The file is too large. At most {limit_mib} MiB are taken."


class ImportFileGoneError(ImportFileError):
    """The file that was uploaded is not there (any more), or cannot be read."""

    key = "import_file_gone"
    message = "The uploaded file is not there any more. Choose it again."


class ExportFileError(TrackerError):
    """A file of an export cannot be written."""

    key = "export_file"
    message = "The file cannot be written ({reason})."


class ImportTakenBackError(ImportFileError):
    """The import was taken back before."""

    key = "import_taken_back"
    message = "The import {number} was taken back already."


class NoImportError(ImportFileError):
    """There is no such import, or its log was removed because of its age."""

    key = "no_import"
    message = "There is no import {number} that can be taken back or gone on with."
