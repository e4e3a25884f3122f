import pytest

from exchange.ftps import UnsafeNameError
from exchange.ftps.paths import file_url_path, folder_url_path, wire_path


@pytest.mark.parametrize(
    ("path", "quoted"),
    [
        ("to_vip/a b.xml", "to_vip/a%20b.xml"),
        ("/to_vip/é", "/to_vip/%C3%A9"),
        ("a?b#c;type=a%2F", "a%3Fb%23c%3Btype%3Da%252F"),
        ("latin-\udce9", "latin-%E9"),
    ],
)
def test_a_path_is_quoted_as_utf_8(path: str, quoted: str) -> None:
    assert file_url_path(path) == quoted


@pytest.mark.parametrize("folder", ["cache/to_vip", "cache/to_vip/"])
def test_a_folders_path_ends_in_one_slash(folder: str) -> None:
    assert folder_url_path(folder) == "cache/to_vip/"


def test_a_file_is_not_named_like_a_folder() -> None:
    with pytest.raises(UnsafeNameError):
        file_url_path("to_vip/")


@pytest.mark.parametrize("path", ["", "\r", "\n", "\x00", "\x1f", "\x7f", "\ud800"])
def test_what_cannot_stand_in_a_command_is_refused(path: str) -> None:
    with pytest.raises(UnsafeNameError) as caught:
        wire_path(f"a{path}" if path else "")

    assert (caught.value.code, caught.value.retryable) == ("name.unsafe", False)
