from exchange import messages
from exchange.messages.errors import ERROR_CODES, MessageError


def test_every_error_has_a_listed_code_of_its_own() -> None:
    classes = MessageError.__subclasses__()

    assert {error.code for error in classes} == ERROR_CODES
    assert len(ERROR_CODES) == len(classes) == 4
    assert not any(error.retryable for error in classes)


def test_the_package_offers_what_it_lists() -> None:
    assert all(hasattr(messages, name) for name in messages.__all__)
