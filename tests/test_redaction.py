"""Secrets are removed from text in every encoding, and everything else stays."""

import base64
import json
from urllib.parse import quote

import pytest

from tunemeld_pipeline.redaction import REDACTED, Redactor, protect, redact, secrets_of
from tunemeld_pipeline.settings.settings import Settings

CANARY = 'ca"nary/ß secret+7'


@pytest.mark.parametrize(
    "form",
    [
        str,
        quote,
        lambda value: quote(value, safe=""),
        json.dumps,
        lambda value: json.dumps(value, ensure_ascii=False),
        repr,
        lambda value: json.dumps({"field": repr(value)}),
    ],
)
def test_a_known_secret_is_hidden_in_every_form_in_which_it_travels(form: object) -> None:
    assert callable(form)
    written = form(CANARY)
    text = Redactor([CANARY])(f"it said {written}, and failed")
    assert REDACTED in text
    assert "nary" not in text
    assert text.endswith(", and failed")


@pytest.mark.parametrize(
    ("text", "hidden", "kept"),
    [
        ("mongodb://ann:pa55@db.example:27017/x", "pa55", "@db.example:27017/x"),
        ("cannot reach https://t0ken@hooks.example/a", "t0ken", "hooks.example/a"),
        ("mongodb://ann:p@55@db.example", "55", "db.example"),
        ("GET /v3/videos?part=x&key=AIza123&id=1 answered", "AIza123", "&id=1 answered"),
        ("/a?access_token=abc#b", "abc", "#b"),
        ("Authorization: Bearer abc.def-123", "abc.def", "Authorization: "),
        ("authorization: Basic Zm9v", "Zm9v", "authorization: "),
        ("X-RapidAPI-Key: 0123abc, Host: x", "0123abc", ", Host: x"),
        ("{'X-Goog-Api-Key': 'abc', 'Accept': 'json'}", "abc", "'Accept': 'json'"),
        ('{"Authorization": "Bearer abc"}', "Bearer abc", '"Authorization"'),
        ("[('Cookie', 'session=abc'), ('Accept', 'x')]", "abc", "('Accept', 'x')"),
        ("failed with CLOUDFLARE_API_TOKEN=abc", "abc", "CLOUDFLARE_API_TOKEN="),
        (r"{\"password\": \"a b c\", \"n\": 1}", "a b c", r"\"n\": 1"),
        ("sent bearer 0123456789abcdef", "0123456789abcdef", "sent bearer "),
    ],
)
def test_text_that_looks_like_anybody_s_secret_is_hidden(text: str, hidden: str, kept: str) -> None:
    shown = redact(text)
    assert hidden not in shown
    assert kept in shown
    assert redact(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "SPOTIFY_CLIENT_SECRET: is needed together with SPOTIFY_CLIENT_ID; set all of them or none",
        "Spotify: /albums answered 401: the key was not accepted; check it and its plan",
        "a token: refused",
        "partition_key=dance run_key=dance/2026-01-31T02:30",
        "https://open.example/track/1?si=2&market=DE",
        "three songs by Prince & the Revolution = Purple Rain",
        "https://www.youtube.com/@somebody",
    ],
)
def test_prose_and_plain_addresses_stay_as_they_are(text: str) -> None:
    assert redact(text) == text


def test_every_secret_setting_is_known_with_the_parts_that_travel_alone() -> None:
    settings = Settings(
        mongodb_url="mongodb://ann:p%40ssw0rd@db.example/",
        rapidapi_key="rapid-canary",
        youtube_api_key="youtube-canary",
        spotify_client_id="client-id",
        spotify_client_secret="spotify-canary",
        django_secret_key="django-canary",
    )
    found = set(secrets_of(settings))
    basic = base64.b64encode(b"client-id:spotify-canary").decode()
    assert found >= {
        "p%40ssw0rd",
        "p@ssw0rd",
        "rapid-canary",
        "youtube-canary",
        "spotify-canary",
        "django-canary",
        basic,
    }
    assert "client-id" not in found


def test_of_several_addresses_in_one_setting_each_is_known_with_its_parts() -> None:
    hooks = "jsons://ann:pass-canary@one.example/ slack://workspace/first-token-canary/second-token-canary"
    found = set(secrets_of(Settings(alarm_urls=hooks)))
    assert found >= {"pass-canary", "first-token-canary", "second-token-canary", hooks.split()[1]}


def test_loading_settings_hides_their_secrets_from_then_on() -> None:
    assert redact("it is protected-from-now-on") == "it is protected-from-now-on"
    protect(Settings(rapidapi_key="protected-from-now-on"))
    assert redact("it is protected-from-now-on") == f"it is {REDACTED}"


def test_a_secret_that_is_too_short_does_not_garble_prose() -> None:
    assert Redactor(["a", "key"])("a key") == "a key"


def test_of_several_addresses_in_one_setting_each_is_hidden_by_itself() -> None:
    settings = Settings(
        environment="testing",
        alarm_urls="json://ann:first-pa55@hooks.example/x slack://second-t0ken/third-t0ken/fourth",
    )
    hide = Redactor(secrets_of(settings))
    for text in ("first-pa55", "slack://second-t0ken/third-t0ken/fourth", "POST /third-t0ken/fourth"):
        assert "t0ken" not in hide(text)
        assert "pa55" not in hide(text)


def test_the_example_in_a_remedy_stays_and_a_password_beside_it_does_not() -> None:
    example = "write mongodb://USER:PASSWORD@HOST:PORT/, and percent-encode"
    assert redact(example) == example
    assert "hunter2" not in redact("mongodb://USER:PASSWORD@hunter2@host/")
