"""Find the login of the site, which reads and writes what a person may: `site.access` says what."""

from sqlalchemy import URL, make_url

from hstql_resources.postgres.address import database_url, with_usual_options
from hstql_resources.postgres.reader import Login, find_login
from hstql_resources.postgres.server import EmbeddedPostgres
from hstql_resources.postgres.server_access import DATABASE, SITE
from hstql_resources.settings import Settings

LOGIN = Login(SITE, "HSTQL_SITE_URL", "site.pass", "pages of the site are read")


def site_url(settings: Settings) -> URL:
    """Return the address of hstql's own tables for the login of the site.

    Raises
    ------
    SettingsError
        If there is no such login, and none can be made.
    """
    if settings.database_url is None:
        url = make_url(EmbeddedPostgres(settings.home).url(DATABASE, SITE))
        return with_usual_options(url)
    return find_login(settings, database_url(settings), LOGIN, settings.site_url)
