"""Pages are compressed for whoever takes them so; downloads and other answers never are."""

import gzip

import pytest
from django.test import Client
from django.urls import reverse

from magda_portal.tests.world import Visitor, World

TAKES_GZIP = {"accept-encoding": "gzip, deflate, br"}


def test_a_page_is_compressed(world: World) -> None:
    answer = world.browser(Visitor.CLERK).get(reverse("overview"), headers=TAKES_GZIP)

    assert answer["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in answer["Vary"]
    assert b"<!doctype html>" in gzip.decompress(answer.content)


def test_who_does_not_ask_gets_it_as_it_is(world: World) -> None:
    answer = world.browser(Visitor.CLERK).get(reverse("overview"))

    assert "Content-Encoding" not in answer


@pytest.mark.parametrize("name", ["health_ready", "transfers_csv"])
def test_what_is_no_page_is_not(world: World, client: Client, name: str) -> None:
    answer = world.browser(Visitor.HELPDESK).get(reverse(name), headers=TAKES_GZIP)

    assert answer.status_code == 200
    assert "Content-Encoding" not in answer
