"""The table of paths, and nothing else. docs/api.md describes the answers."""

from django.urls import path

from django_backend import dump_views, page_views, site_views, views
from django_backend.v1.urls import urlpatterns as public_paths

handler400 = "django_backend.refusals.bad_request"
handler404 = "django_backend.refusals.not_found"
handler500 = "django_backend.refusals.server_error"

urlpatterns = [
    *public_paths,
    path("", page_views.home),
    path("charts", page_views.first_chart),
    path("charts/<str:genre>", page_views.chart),
    path("charts/<str:genre>/<str:day>", page_views.chart),
    path("track/<str:track_id>", page_views.track),
    path("artist/<str:slug>", page_views.artist),
    path("agreement/<str:genre>", page_views.agreement),
    path("shell", page_views.shell),
    path("search", page_views.search),
    path("my-songs", page_views.my_songs),
    path("share/track/<str:track_id>.png", page_views.share_track),
    path("share/<str:genre>.png", page_views.share),
    path("playlist-data/<str:genre>", views.playlist_data),
    path("chart-dates/<str:genre>", views.chart_dates),
    path("service-playlist/<str:genre>/<str:service>", views.service_playlist),
    path("graph-data/<str:genre>", views.graph_data),
    path("last-updated/<str:genre>", views.last_updated),
    path("header-art/<str:genre>", views.header_art),
    path("genres", views.genres),
    path("health", views.health),
    path("health/live", views.live),
    path("health/ready", views.ready),
    path("metrics", views.metrics),
    path("openapi.json", views.openapi),
    path("dumps/", dump_views.manifest),
    path("dumps/manifest.json", dump_views.manifest),
    path("dumps/<str:name>", dump_views.dumped_file),
    path("robots.txt", site_views.robots),
    path("sitemap.xml", site_views.whole_sitemap),
    path("sitemap-<str:name>.xml", site_views.part_of_sitemap),
    path(".well-known/security.txt", site_views.security),
    path("favicon.ico", site_views.favicon),
    path("docs", views.docs),
    path("docs/docs.js", views.docs_script),
    path("docs/docs.css", views.docs_style),
]
