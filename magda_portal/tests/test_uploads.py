"""Uploads wait in files without a name."""

import os
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.decorators import login_not_required
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import path
from pytest_django.fixtures import Settings

from magda_portal.tests.small_disk import fill, small_disk
from magda_portal.urls import handler403, handler500
from magda_portal.urls import urlpatterns as portal
from magda_portal.web.uploads import UnnamedFileUploadHandler, was_cut_short

__all__ = ["handler403", "handler500"]


@login_not_required
def takes(request: HttpRequest) -> HttpResponse:
    upload = request.FILES["file"]
    assert not isinstance(upload, list)
    return HttpResponse(upload.read(), headers={"X-Size": str(upload.size)})


urlpatterns = [*portal, path("takes/", takes)]

pytestmark = [pytest.mark.urls("magda_portal.tests.test_uploads"), pytest.mark.django_db]


def send(content: bytes) -> Any:
    client = Client(raise_request_exception=False, headers={"accept-language": "en"})
    return client.post("/takes/", {"file": SimpleUploadedFile("vraag.xml", content)})


def test_an_upload_is_read_whole(tmp_path: Path, settings: Settings) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    content = os.urandom(300_000)

    response = send(content)

    assert (response.content, response["X-Size"]) == (content, "300000")


def test_an_upload_has_no_name_while_it_comes_in(tmp_path: Path, settings: Settings) -> None:
    """So that nothing can be left behind, whatever ends the process."""
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path)
    handler = UnnamedFileUploadHandler()
    handler.new_file("file", "vraag.xml", "text/xml", 6)

    handler.receive_data_chunk(b"<half>", 0)

    assert list(tmp_path.iterdir()) == []
    assert handler.file is not None
    handler.upload_interrupted()
    assert handler.file.closed


@pytest.mark.parametrize("leaving", [0, 300_000])
def test_a_full_disk_is_said_and_its_room_given_back_at_once(
    tmp_path: Path, settings: Settings, leaving: int
) -> None:
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "disk")
    with small_disk(tmp_path / "disk", megabytes=2) as disk:
        fill(disk, leaving=leaving)
        free = os.statvfs(disk).f_bavail

        response = send(bytes(1_000_000))

        assert response.status_code == 507
        assert "storage is full" in response.text
        assert os.statvfs(disk).f_bavail == free


def test_a_file_that_ends_before_its_end_is_known() -> None:
    body = encode_multipart(BOUNDARY, {"file": SimpleUploadedFile("vraag.xml", b"<vraag/>" * 9)})

    def was_cut(sent: bytes) -> bool:
        request = RequestFactory().generic("POST", "/takes/", sent, MULTIPART_CONTENT)
        request.upload_handlers = [UnnamedFileUploadHandler(request)]
        with closing(request):
            assert not request.POST
            return was_cut_short(request)

    assert not was_cut(body)
    assert was_cut(body[:-40])
