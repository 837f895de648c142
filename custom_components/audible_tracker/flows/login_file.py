"""Taking over a sign-in that audible-cli or Libation has kept in a file."""

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import probatio
from homeassistant.components.file_upload import process_uploaded_file
from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    FileSelector,
    FileSelectorConfig,
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
)

from ..account_entry import entry_title
from ..core.audible.login_file import (
    LOGIN_FILE_BYTES_MAX,
    FoundLogin,
    read_login_file,
)
from ..core.errors import (
    AudibleAuthError,
    ImportFileGoneError,
    LoginFileRefusedError,
    LoginFileUnknownError,
    TrackerError,
)
from .first_sync import Registration
from .sign_in import ShowForm, SignInFlow

CONF_LOGIN_FILE: Final = "login_file"
CONF_LOGIN: Final = "login"
CONF_FILE: Final = "file"
CONF_PASSWORD: Final = "password"  # noqa: S105 - the name of a field

LOGIN_FILE_FIELDS: Final[Mapping[probatio.Marker, Any]] = {
    probatio.Optional(CONF_LOGIN_FILE): section(
        probatio.Schema(
            {
                probatio.Optional(CONF_FILE): FileSelector(
                    FileSelectorConfig(accept=".json,.auth")
                ),
                probatio.Optional(probatio.Secret(CONF_PASSWORD)): TextSelector(
                    TextSelectorConfig(type=TextSelectorType.PASSWORD)
                ),
            }
        ),
        {"collapsed": True},
    )
}
"""The usual way is to sign in at Amazon: this one is folded up."""


def login_schema(logins: Mapping[str, FoundLogin]) -> probatio.Schema:
    """Return the field that asks which of several accounts is meant."""
    selector = SelectSelector(
        SelectSelectorConfig(
            options=[
                SelectOptionDict(value=key, label=entry_title(login.account))
                for key, login in logins.items()
            ],
            mode=SelectSelectorMode.LIST,
        )
    )
    return probatio.Schema({probatio.Required(CONF_LOGIN): selector})


class LoginFileFlow(SignInFlow):
    """Asks for a file instead of a sign-in; it stays the other program's, too."""

    def __init__(self) -> None:
        """Begin with nothing."""
        super().__init__()
        # Home Assistant removes what was uploaded as soon as it is read once.
        self._upload: tuple[str, bytes] | None = None
        self._logins: Mapping[str, FoundLogin] = {}
        self._login: FoundLogin | None = None
        self._show_login: ShowForm = partial(self._form, "user")

    async def _async_take_login(
        self, typed: Mapping[str, Any], show: ShowForm
    ) -> ConfigFlowResult:
        """Go on with what is in an uploaded file."""
        self._show_login = show
        try:
            data = await self._async_uploaded(typed[CONF_FILE])
            logins = await self.hass.async_add_executor_job(
                read_login_file, data, typed.get(CONF_PASSWORD)
            )
        except TrackerError as err:
            return show(err)
        self._logins = {login.account.key: login for login in logins}
        if len(logins) > 1:
            return await self.async_step_login()
        return await self._async_chosen(logins[0])

    async def async_step_login(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Ask which account is meant."""
        if user_input is None:
            return self._form("login", None, schema=login_schema(self._logins))
        return await self._async_chosen(self._logins[user_input[CONF_LOGIN]])

    async def _async_chosen(self, login: FoundLogin) -> ConfigFlowResult:
        self._login = login
        return await self._async_go_on(self._async_adopt, self._show_login)

    async def _async_adopt(self) -> ConfigFlowResult:
        """Go on with the login as with one of our own, if Audible accepts it."""
        login = self._login
        if TYPE_CHECKING:
            assert login is not None
        self._unclaimed = Registration(login.account, login.credentials, is_shared=True)
        try:
            return await self._async_registered(self._unclaimed)
        except TrackerError as err:
            self._discard_registration()
            is_refused = isinstance(err, AudibleAuthError)
            return self._show_login(LoginFileRefusedError() if is_refused else err)

    async def _async_uploaded(self, file_id: str) -> bytes:
        if self._upload is None or self._upload[0] != file_id:
            data = await self.hass.async_add_executor_job(_taken, self.hass, file_id)
            self._upload = (file_id, data)
        return self._upload[1]


def _taken(hass: HomeAssistant, file_id: str) -> bytes:
    """Return the content of an uploaded file, and remove it. It blocks."""
    try:
        with process_uploaded_file(hass, file_id) as path:
            if path.stat().st_size > LOGIN_FILE_BYTES_MAX:
                raise LoginFileUnknownError(field="size")
            return path.read_bytes()
    except (OSError, ValueError) as err:
        # Home Assistant has no better word for a file that it does not know.
        raise ImportFileGoneError from err
