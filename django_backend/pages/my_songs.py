"""The page of the songs that a visitor has starred: its head, and what browsers without scripts are shown instead."""

from html import escape

from django_backend.languages import Language
from django_backend.page_head import SITE, PageHead
from tunemeld_pipeline.publishing.page_paths import HOME, MY_SONGS


def songs_head(language: Language) -> PageHead:
    """What the page says of itself."""
    return PageHead(
        title=f"{language.say('songs.title')} · {SITE}",
        description=language.say("plain.songs"),
        path=MY_SONGS,
        is_indexed=False,
    )


def plain_songs(language: Language) -> str:
    """What the page is, since only a script can read what a browser keeps."""
    how = f"<p>{escape(language.say('plain.songs'))} {escape(language.say('plain.needsScripts'))}</p>"
    return f'{how}\n<p><a href="{HOME}">{escape(language.say("nav.today"))}</a></p>'
