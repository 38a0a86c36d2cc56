"""`tunemeld api start`: what it needs, and what it says where it has not got it. That it serves is tested in `tests/django_backend`."""

from tests.cli.conftest import Command


def test_it_works(tunemeld: Command) -> None:
    told = tunemeld("api", "start", "--help")
    assert told.returncode == 0
    for option in ("--host", "--port", "--workers", "--reload"):
        assert option in told.stdout


def test_production_without_its_secret_does_not_start(tunemeld: Command) -> None:
    told = tunemeld(
        "api",
        "start",
        TUNEMELD_ENV="production",
        TUNEMELD_UPSTREAMS="live",
        MONGODB_DATABASE="tunemeld",
        TUNEMELD_SANDBOX_URL="",
    )
    assert told.returncode == 2
    assert "DJANGO_SECRET_KEY: is required in production" in told.stderr
    assert "Traceback" not in told.stderr
