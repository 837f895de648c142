"""Names and bounds of the Home Assistant layer."""

import logging
from datetime import timedelta
from typing import Final

from homeassistant.const import Platform

DOMAIN: Final = "audible_tracker"
LOGGER = logging.getLogger(__package__)
MANUFACTURER: Final = "Audible"
PLATFORMS: Final = (
    Platform.BINARY_SENSOR,
    Platform.BUTTON,
    Platform.CALENDAR,
    Platform.EVENT,
    Platform.IMAGE,
    Platform.MEDIA_PLAYER,
    Platform.NUMBER,
    Platform.SELECT,
    Platform.SENSOR,
    Platform.SWITCH,
    Platform.TODO,
)

CONF_ACCOUNT_ID: Final = "account_id"
CONF_ASIN: Final = "asin"
CONF_AUTO_SYNC: Final = "auto_sync"
CONF_COUNTRY_CODE: Final = "country_code"
CONF_CREATES_BOOKS: Final = "creates_books"
CONF_CREDENTIALS: Final = "credentials"
CONF_CUSTOMER_ID: Final = "customer_id"
CONF_DATABASE_URL: Final = "database_url"
CONF_FINISH_REST: Final = "finish_rest_minutes"
CONF_KEY_PATH: Final = "key_path"
CONF_LANDING_URL: Final = "landing_url"
CONF_LIBRARY_INTERVAL: Final = "library_interval_minutes"
CONF_LOG_DAYS: Final = "log_days"
CONF_MEDIA_SERVER: Final = "media_server"
CONF_PERSON: Final = "person"
CONF_READER_ID: Final = "reader_id"
CONF_READER: Final = "reader"
CONF_SHARED_SIGN_IN: Final = "shared_sign_in"
CONF_SHOWN_TO_ALL: Final = "shown_to_all"
CONF_SECRET: Final = "secret"  # noqa: S105 - the name of a field
CONF_REFUSAL: Final = "refusal"
CONF_UNDER_WAY_DAYS: Final = "under_way_days"
CONF_WRITES_BACK: Final = "writes_back"

DEFAULT_LIBRARY_INTERVAL_MINUTES: Final = 60
LIBRARY_INTERVAL_MINUTES: Final = range(15, 1440 + 1)
DEFAULT_UNDER_WAY_DAYS: Final = 90
UNDER_WAY_DAYS: Final = range(1, 3650 + 1)
DEFAULT_FINISH_REST_MINUTES: Final = 2
FINISH_REST_MINUTES: Final = range(60 + 1)
DEFAULT_LOG_DAYS: Final = 90
LOG_DAYS: Final = range(1, 3650 + 1)
READER_NAME_MAX: Final = 100
SUBENTRY_READER: Final = "reader"

EVENT_TRACKER: Final = f"{DOMAIN}_event"
EVENT_PROGRESS: Final = f"{DOMAIN}_progress"
"""Each step of listening, which comes every minute: few want to hear of it."""

SIGNAL_CHANGED: Final = f"{DOMAIN}_changed"
"""Sent when something in the tracker may have changed."""
DEVICES_PAGE: Final = "https://www.amazon.{domain}/hz/mycd/digital-console/alldevices"
CLEAN_UP_EVERY: Final = timedelta(days=1)
HAND_OVER_RETRY: Final = timedelta(minutes=5)
CHAPTERS_PER_POLL: Final = 3
KEPT_FOR_PEOPLE: Final = 2
"""Requests that errands leave for who asks by hand, and would wait behind them."""
