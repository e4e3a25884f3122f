"""Why the files of an XML Schema are refused.

A schema is no personal data, so these errors name files and lines of it.
"""

from typing import ClassVar, Final

_MESSAGES: Final = {
    "schema.no_files": "no schema file was given",
    "schema.too_large": "the schema has too many files or too many bytes",
    "schema.archive": "the archive cannot be read",
    "schema.path": "a file has a path that cannot be used",
    "schema.same_path": "two files have the same path",
    "schema.not_well_formed": "a schema file is not XML that is accepted",
    "schema.not_a_schema": "a file is not an XML Schema",
    "schema.missing_file": "a schema file that another refers to was not given",
    "schema.ambiguous_file": "several schema files fit a reference",
    "schema.entry_unclear": "it is not clear which file declares the request",
    "schema.invalid": "the files do not make up a valid XML Schema",
}

SCHEMA_ERROR_CODES: frozenset[str] = frozenset(_MESSAGES)
"""Every code of SchemaError; each has its sentence in the app's advice."""


class SchemaError(ValueError):
    """Files that are no usable schema; `code` is one of SCHEMA_ERROR_CODES.

    `subject` names the file, the line or the reference concerned; it may be empty.
    """

    retryable: ClassVar[bool] = False

    def __init__(self, code: str, subject: str = "") -> None:
        super().__init__(f"{_MESSAGES[code]}: {subject}" if subject else _MESSAGES[code])
        self.code = code
        self.subject = subject
