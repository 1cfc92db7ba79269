"""Keep secrets out of texts that others read."""

import re

from hstql_resources.settings import Settings

# A slash may stand in a password: SQLAlchemy takes it as one.
_SECRET_IN_URL = re.compile(r"(://[^/\s:@]*:)[^\s@]+(?=@)|(\bpassword=)[^&\s]+")


def remove_secrets(text: str, settings: Settings) -> str:
    """Replace the token, the webhook, and the password of any address, by asterisks."""
    for secret in (settings.mast_api_token, settings.notify_webhook):
        if secret is not None and secret.get_secret_value():
            text = text.replace(secret.get_secret_value(), "***")
    return _SECRET_IN_URL.sub(r"\1\2***", text)
