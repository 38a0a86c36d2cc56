"""The views of what there is: genres and services."""

from django_backend.requests import rendered
from django_backend.v1.parameters import Asked
from django_backend.worker import Found


def genres(asked: Asked) -> Found:
    """The genres, and the state of each one's chart."""
    return rendered(asked.path, None)


def services(asked: Asked) -> Found:
    """The services, and how fresh their lists are."""
    return rendered(asked.path, None)
