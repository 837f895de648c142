"""Names and bounds of the Home Assistant layer."""

import logging
from datetime import timedelta
from typing import Final

from homeassistant.const import Platform

DOMAIN: Final = "audible_tracker"
LOGGER = logging.getLogger(__package__)
MANUFACTURER: Final = "Audible"
PLATFORMS: Final = (Platform.SENSOR,)

CONF_ACCOUNT_ID: Final = "account_id"
CONF_ASIN: Final = "asin"
CONF_COUNTRY_CODE: Final = "country_code"
CONF_CREDENTIALS: Final = "credentials"
CONF_LANDING_URL: Final = "landing_url"
CONF_LIBRARY_INTERVAL: Final = "library_interval_minutes"
CONF_MEDIA_SERVER: Final = "media_server"
CONF_SECRET: Final = "secret"  # noqa: S105 - the name of a field
CONF_UNDER_WAY_DAYS: Final = "under_way_days"

DEFAULT_LIBRARY_INTERVAL_MINUTES: Final = 60
LIBRARY_INTERVAL_MINUTES: Final = range(15, 1440 + 1)
DEFAULT_UNDER_WAY_DAYS: Final = 90
UNDER_WAY_DAYS: Final = range(1, 3650 + 1)

DEVICES_PAGE: Final = "https://www.amazon.{domain}/hz/mycd/digital-console/alldevices"
HAND_OVER_RETRY: Final = timedelta(minutes=5)
POSITIONS_AT_LIBRARY_SYNC: Final = 100
CHAPTERS_PER_POLL: Final = 3
