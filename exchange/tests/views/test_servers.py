"""The button that has a server looked at now."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks

from certificates.models import WatchedServer
from certificates.tests.servers import make_watched
from exchange.tests.servers.ports import free_port
from magda_portal.tests.world import Visitor, World


@pytest.fixture
def server(world: World) -> WatchedServer:
    later = timezone.now() + timedelta(hours=5)
    return make_watched(world.organisation, next_look_at=later, host="127.0.0.1", port=free_port())


def test_an_administrator_has_a_server_looked_at_now(world: World, server: WatchedServer) -> None:
    url = reverse("server_look", args=[server.pk])
    page = world.browser(Visitor.ADMINISTRATOR).get(reverse("server_show", args=[server.pk]))

    answer = world.browser(Visitor.ADMINISTRATOR).post(url, follow=True)

    server.refresh_from_db()
    assert f'action="{url}"' in page.text
    assert "The server is looked at now." in answer.text
    assert server.next_look_at <= timezone.now()


def test_a_clerk_sees_no_button(world: World, server: WatchedServer) -> None:
    page = world.browser(Visitor.CLERK).get(reverse("server_show", args=[server.pk]))

    assert reverse("server_look", args=[server.pk]) not in page.text


def test_a_worker_is_woken_once_the_change_is_there(
    world: World,
    server: WatchedServer,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    url = reverse("server_look", args=[server.pk])

    with django_capture_on_commit_callbacks(execute=True) as woken:
        answer = world.browser(Visitor.ADMINISTRATOR).post(url)

    assert answer.status_code == 302
    assert len(woken) == 1
