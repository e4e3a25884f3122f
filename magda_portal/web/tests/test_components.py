import pytest
from django.template import Context, Template

from magda_portal.web.templatetags.components import alert, icon


def rendered(source: str, **context: object) -> str:
    return Template(source).render(Context(context))


def test_an_icon_is_hidden_from_screen_readers() -> None:
    shown = icon("user", "large")

    assert 'aria-hidden="true"' in shown
    assert 'class="au-c-icon au-c-icon--large"' in shown
    assert '#user"></use>' in shown


@pytest.mark.parametrize(
    ("tone", "skin", "sign"),
    [
        ("bad", "error", "circle-x"),
        ("error", "error", "circle-x"),
        ("attention", "warning", "alert-triangle"),
        ("warning", "warning", "alert-triangle"),
        ("good", "success", "check"),
        ("info", "info", "info-circle"),
        ("waiting", "info", "info-circle"),
    ],
)
def test_an_alert_tells_its_tone_by_colour_and_by_icon(tone: str, skin: str, sign: str) -> None:
    shown = rendered("{% alert tone %}<p>Late</p>{% endalert %}", tone=tone)

    assert f"au-c-alert--{skin}" in shown
    assert f"#{sign}" in shown
    assert "<p>Late</p>" in shown
    assert "role=" not in shown


def test_an_alert_that_comes_later_is_announced() -> None:
    assert ' role="status"' in rendered('{% alert "good" role="status" %}Sent{% endalert %}')


def test_what_stands_in_an_alert_is_escaped_once() -> None:
    shown = rendered('{% alert "bad" %}{{ name }}{% endalert %}', name="<b>&")

    assert "&lt;b&gt;&amp;" in shown


def test_an_alert_of_no_known_tone_is_a_mistake() -> None:
    with pytest.raises(KeyError):
        alert("text", "loud")  # type: ignore[arg-type]
