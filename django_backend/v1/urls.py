"""The paths of Django for the operations of the table."""

from django.urls import URLPattern, path

from django_backend.metrics import add_routes
from django_backend.v1.answering import view_of
from django_backend.v1.operations import OPERATIONS

urlpatterns: list[URLPattern] = [
    path(one.path.removeprefix("/").replace("{", "<str:").replace("}", ">"), view_of(one), name=one.identity)
    for one in OPERATIONS
]
add_routes(one.path for one in OPERATIONS)
