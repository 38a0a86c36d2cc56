"""The page of a search over everything: its head, and what was found for browsers without scripts."""

from collections.abc import Sequence
from html import escape

from django_backend.languages import Language
from django_backend.page_head import SITE, PageHead, search_form
from tunemeld_pipeline.charts.catalog import Catalog, Genre
from tunemeld_pipeline.publishing.page_paths import artist_path, chart_path, search_path, track_path
from tunemeld_pipeline.publishing.v1.search import FoundArtist, FoundTrack, SearchResults


def search_head(language: Language, text: str | None) -> PageHead:
    """What a search says of itself."""
    title = language.say("search.titleOf", text=text) if text else language.say("search.link")
    return PageHead(
        title=f"{title} · {SITE}", description=language.say("search.how"), path=search_path(text), is_indexed=False
    )


def plain_search(language: Language, catalog: Catalog, text: str | None, results: SearchResults | None) -> str:
    """What was found, for browsers without scripts; `text` is canonical."""
    if text is None or results is None:
        return f"{search_form(language)}\n<p>{escape(language.say('search.how'))}</p>"
    words = text.split()
    named = [one for one in catalog.genres.values() if all(word in one.display_name.casefold() for word in words)]
    parts = [
        ("search.genre", [_genre(one) for one in named]),
        ("search.artist", [_artist(one) for one in results.artists]),
        ("search.track", [_track(language, one, catalog) for one in results.tracks]),
    ]
    lists = [f"<h2>{escape(language.say(kind))}</h2>\n{_list(items)}" for kind, items in parts if items]
    nothing = f"<p>{escape(language.say('search.nothing', text=text))}</p>"
    return "\n".join([search_form(language, text), *(lists or [nothing])])


def _list(items: Sequence[str]) -> str:
    return "<ul>\n" + "\n".join(f"<li>{one}</li>" for one in items) + "\n</ul>"


def _genre(genre: Genre) -> str:
    return f'<a href="{escape(chart_path(genre.key))}">{escape(genre.display_name)}</a>'


def _artist(artist: FoundArtist) -> str:
    country = f" ({escape(artist.country)})" if artist.country else ""
    return f'<a href="{escape(artist_path(artist.slug))}">{escape(artist.name)}</a>{country}'


def _track(language: Language, track: FoundTrack, catalog: Catalog) -> str:
    title = track.title or language.say("track.unnamed")
    names = ", ".join(one.name for one in track.artists)
    by = f" – {escape(names)}" if names else ""
    genres = [catalog.genres[key].display_name for key in track.genres if key in catalog.genres]
    where = f" ({escape(', '.join(genres))})" if genres else ""
    return f'<a href="{escape(track_path(track.track_id))}">{escape(title)}</a>{by}{where}'
