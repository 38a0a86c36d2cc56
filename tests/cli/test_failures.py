"""How a command ends that could not do its work: what happened, what to run next, and no traceback that nobody asked for."""

import errno
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from tunemeld_pipeline import errors
from tunemeld_pipeline.charts.observation import parse_as_of
from tunemeld_pipeline.cli import exits
from tunemeld_pipeline.cli.context import Options
from tunemeld_pipeline.cli.failures import next_command, report
from tunemeld_pipeline.settings.settings import Settings

CANARY = "hunter2-5be1"


def descendants(kind: type[Exception]) -> Iterator[type[Exception]]:
    """The whole tree below a class, itself included."""
    yield kind
    for one in kind.__subclasses__():
        yield from descendants(one)


def raised(error: Exception) -> Exception:
    """The error with a traceback, as it arrives."""
    try:
        raise error
    except Exception as caught:  # noqa: BLE001 - any
        return caught


def test_what_happened_and_what_to_run_next_are_a_line_each(capsys: pytest.CaptureFixture[str]) -> None:
    status = report(raised(errors.DatabaseUnavailable("no server answers; start it")), Options())
    assert status == exits.FAILED
    assert capsys.readouterr() == ("", "error: no server answers; start it\nnext: tunemeld db status\n")


def test_what_a_person_has_to_change_is_wrong_usage() -> None:
    for kind in descendants(errors.ConfigurationError):
        assert report(kind("this and that"), Options()) == exits.USAGE


def test_every_error_has_a_command_to_run_next() -> None:
    for kind in descendants(errors.TuneMeldError):
        printed = next_command(kind.__new__(kind), Options(command="tunemeld match report"))
        assert printed == kind.next_command.format(command="tunemeld match report")
        assert printed.startswith("tunemeld ")


def test_what_failed_is_not_what_to_run_next() -> None:
    for kind in descendants(errors.TuneMeldError):
        itself = Options(command=kind.next_command)
        assert next_command(kind.__new__(kind), itself) != itself.command
    unwell = Options(command="tunemeld system health")
    assert next_command(errors.RunStopped(), unwell) == "tunemeld system health --help"


def test_a_remedy_stands_once(capsys: pytest.CaptureFixture[str]) -> None:
    remedies = {
        errors.CredentialsRefused(
            "Spotify", "RapidAPI refused the key", remedy="check RAPIDAPI_KEY"
        ): "check RAPIDAPI_KEY",
        errors.CredentialsRefused("Spotify", "answered 401"): "check the key in the settings and its account",
        errors.MalformedResponse("YouTube", "answered 418"): "the next run tries again",
    }
    for error, remedy in remedies.items():
        report(error, Options())
        said = capsys.readouterr().err.splitlines()[0]
        assert said == f"error: {error.explained}"
        assert said.count("check") + said.count("tries again") == 1
        assert said.endswith(f"; {remedy}")


def test_whoever_raises_an_error_may_know_the_command_better() -> None:
    error = errors.ServerNotAnswering("no sandbox answers", next_command="tunemeld sandbox")
    assert str(error) == "no sandbox answers"
    assert next_command(error, Options()) == "tunemeld sandbox"
    assert next_command(PermissionError(errno.EACCES, "Permission denied"), Options()) == "tunemeld system health"


def test_a_database_elsewhere_is_asked_and_not_the_local_one() -> None:
    error = errors.DatabaseUnavailable("MongoDB cannot be reached")
    elsewhere = Settings(environment="testing", mongodb_url="mongodb://db.example")
    assert next_command(error, Options()) == "tunemeld db status"
    assert next_command(error, Options(settings=elsewhere, command="tunemeld etl run")) == "tunemeld db test-connection"
    asked = Options(settings=elsewhere, command="tunemeld db test-connection")
    assert next_command(error, asked) == "tunemeld config show"


def test_an_unexpected_error_says_where_it_came_from_and_shows_no_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(TypeError) as unexpected:
        parse_as_of(None, datetime.now(UTC))  # type: ignore[arg-type]
    assert report(unexpected.value, Options()) == exits.FAILED
    printed = capsys.readouterr().err
    assert printed.startswith("error: unexpected TypeError at tunemeld_pipeline/charts/observation.py:")
    assert "next: tunemeld system debug-bundle" in printed
    assert "Traceback" not in printed


@pytest.mark.parametrize("verbose", [False, True])
def test_a_password_in_an_address_is_never_shown(capsys: pytest.CaptureFixture[str], verbose: bool) -> None:
    report(raised(ValueError(f"mongodb://user:{CANARY}@db.example is no good")), Options(verbose=verbose))
    printed = capsys.readouterr().err
    assert ("Traceback" in printed) is verbose
    assert CANARY not in printed
    assert "mongodb://[redacted]@db.example" in printed


@pytest.mark.parametrize(
    ("number", "remedy"), [(errno.ENOSPC, "disk is full"), (errno.EACCES, "check its permissions")]
)
def test_the_machines_own_troubles_come_with_a_remedy(
    capsys: pytest.CaptureFixture[str], number: int, remedy: str
) -> None:
    report(raised(OSError(number, "it did not work", "some/file")), Options())
    printed = capsys.readouterr().err
    assert "some/file: it did not work; " in printed
    assert remedy in printed
