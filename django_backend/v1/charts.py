"""The views of charts and lists, of today and of past days."""

from django_backend.requests import rendered
from django_backend.v1.parameters import Asked
from django_backend.worker import Found


def days(asked: Asked) -> Found:
    """The days that have a chart."""
    return rendered(asked.path, asked["genre"])
