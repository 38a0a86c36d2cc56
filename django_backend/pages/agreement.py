"""The page of how much a genre's editors agree: its head, and its figures for browsers without scripts."""

from html import escape

from django_backend.languages import Language
from django_backend.page_head import SITE, PageHead
from django_backend.pages.chart import share_picture
from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.plugins.registry import name_of
from tunemeld_pipeline.publishing.page_paths import agreement_path, chart_path
from tunemeld_pipeline.publishing.v1.agreement import Agreement


def agreement_head(language: Language, genre: Genre, found: Agreement | None) -> PageHead:
    """What the page says of itself; without an answer there is no chart yet."""
    return PageHead(
        title=f"{agreement_title(language, genre)} · {SITE}",
        description=language.say(
            "plain.agreementDescription",
            services=language.listed(map(name_of, genre.services)),
            genre=genre.display_name,
        ),
        path=agreement_path(genre.key),
        picture=share_picture(language, genre) if found else None,
    )


def agreement_title(language: Language, genre: Genre) -> str:
    """The page's heading."""
    return language.say("agreement.title", genre=genre.display_name)


def plain_agreement(language: Language, genre: Genre, found: Agreement | None) -> str:
    """The figures for browsers without scripts."""
    say = language.say
    to_chart = escape(say("agreement.chart", genre=genre.display_name))
    back = f'<p><a href="{escape(chart_path(genre.key))}">{to_chart}</a></p>'
    if found is None:
        return f"<p>{escape(say('plain.noChart'))}</p>\n{back}"
    pairs = "\n".join(
        f"<tr><td>{escape(language.listed(map(name_of, one.services)))}</td><td>{language.share(one.rbo)}</td><td>{one.days}</td></tr>"
        for one in found.means
    )
    firsts = "\n".join(
        f"<tr><td>{escape(name_of(one.service))}</td><td>{one.alone}</td><td>{one.together}</td>"
        f"<td>{'–' if one.mean_lead_days is None else language.decimal(one.mean_lead_days)}</td></tr>"
        for one in found.firsts
    )
    stays = found.stays
    median = say("plain.medianUnknown") if stays.median_days is None else say("plain.median", days=stays.median_days)
    longest = f" {say('plain.longest', days=stays.longest_days)}" if stays.longest_days is not None else ""
    return "\n".join(
        [
            _part(say("agreement.overlap"), say("agreement.overlapHow")),
            _table((say("plain.services"), say("plain.mean"), say("plain.days")), pairs),
            _part(say("agreement.firsts"), say("agreement.firstsHow")),
            _table(
                (
                    say("agreement.service"),
                    say("agreement.firstAlone"),
                    say("agreement.firstTogether"),
                    say("plain.meanLead"),
                ),
                firsts,
            ),
            _part(say("agreement.staysTitle"), say("plain.staysHow")),
            f"<p>{escape(median + longest)}</p>",
            back,
        ]
    )


def _part(title: str, how: str) -> str:
    return f"<h2>{escape(title)}</h2>\n<p>{escape(how)}</p>"


def _table(heads: tuple[str, ...], rows: str) -> str:
    head = "".join(f'<th scope="col">{escape(one)}</th>' for one in heads)
    return f"<table><thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody></table>"
