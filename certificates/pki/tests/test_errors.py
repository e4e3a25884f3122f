"""The codes by which advice is looked up."""

from certificates.pki import ERROR_CODES, ErrorCode, PKIError


def test_every_code_is_a_dotted_word_and_none_occurs_twice() -> None:
    assert len(ERROR_CODES) == len(ErrorCode.__members__)
    assert all(len(code.split(".")) == 2 for code in ERROR_CODES)


def test_an_error_carries_its_code_and_its_words() -> None:
    error = PKIError("why", code=ErrorCode.KEY_MISMATCH, found="x")

    assert (str(error), error.code, error.context) == ("why", "key.mismatch", {"found": "x"})
