"""From the link to Amazon to an account that is kept: the steps all sign-ins share."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Final, override

import probatio
from homeassistant.config_entries import (
    SOURCE_HASSIO,
    SOURCE_REAUTH,
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigFlow,
    ConfigFlowResult,
)
from homeassistant.const import CONF_NAME
from homeassistant.core import callback
from homeassistant.helpers.selector import TextSelector

from ..account_entry import (
    account_key,
    account_of,
    entry_data,
    entry_title,
    is_shared,
)
from ..accounts import async_credentials, async_forget_account, async_keep_account
from ..const import (
    CONF_CREATES_BOOKS,
    CONF_CUSTOMER_ID,
    CONF_LANDING_URL,
    CONF_READER,
    DOMAIN,
)
from ..coordinator import FIRST_LIBRARIES
from ..core.audible.auth import SignIn, complete_sign_in
from ..core.audible.client import AudibleClient
from ..core.audible.marketplaces import DOMAINS
from ..core.errors import (
    AudibleAuthError,
    InvalidValueError,
    SignInError,
    StoreOwnedError,
    TrackerError,
)
from ..core.models import AudibleTitle, Credentials
from ..household import household_of
from ..migration import async_rekey
from ..server_link import async_set_link, link_of, waiting_link
from .first_sync import (
    Answers,
    FirstSync,
    Registration,
    async_prepare,
    async_sign_out,
    parse_answers,
)
from .translated_texts import TranslatedTexts

_LANDING_SCHEMA: Final = probatio.Schema(
    {probatio.Required(CONF_LANDING_URL): TextSelector()}
)


type ShowForm = Callable[[TrackerError | None], ConfigFlowResult]
type NextStep = Callable[[], Awaitable[ConfigFlowResult]]


class SignInFlow(ConfigFlow):
    """Asks for the address that Amazon's sign-in ends on, and whose library it is."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._sign_in: SignIn | None = None
        # Not yet part of an entry: signed out again if the flow ends without one.
        self._unclaimed: Registration | None = None
        self._first_sync: FirstSync | None = None
        self._next_step: NextStep = self.async_step_sign_in

    async def _async_begin(self, country_code: str, show: ShowForm) -> ConfigFlowResult:
        """Go on to the sign-in if what comes of it can be kept."""
        self._sign_in = SignIn.begin(country_code)
        return await self._async_go_on(self.async_step_sign_in, show)

    async def _async_go_on(
        self, next_step: NextStep, show: ShowForm
    ) -> ConfigFlowResult:
        """Go on with a step if what comes of it can be kept."""
        self._next_step = next_step
        try:
            async with household_of(self.hass).async_opened():
                pass
        except StoreOwnedError as err:
            return self._form("take_over", None, placeholders=err.placeholders)
        except TrackerError as err:
            return show(err)
        return await next_step()

    async def async_step_take_over(
        self,
        user_input: dict[str, Any] | None = None,  # noqa: ARG002 - nothing is asked
    ) -> ConfigFlowResult:
        """Take over a database of another installation, as was agreed to."""
        try:
            await household_of(self.hass).async_take_over()
        except TrackerError as err:
            return self._form("take_over", err, placeholders={"owner": "?"})
        return await self._next_step()

    async def async_step_sign_in(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show the link; take the address. A mistake can be made good at once."""
        sign_in = self._sign_in
        if TYPE_CHECKING:
            assert sign_in is not None
        error: TrackerError | None = None
        if user_input is not None:
            try:
                return await self._async_finish(sign_in, user_input[CONF_LANDING_URL])
            except TrackerError as err:
                error = err
                if isinstance(err, AudibleAuthError):
                    self._discard_registration()
        site = f"amazon.{DOMAINS[sign_in.country_code]}"
        return self._form(
            "sign_in",
            error,
            schema=_LANDING_SCHEMA,
            field=CONF_LANDING_URL if isinstance(error, SignInError) else "base",
            placeholders={
                "url": sign_in.url,
                "site": site,
                "landing": f"https://www.{site}/ap/maplanding",
            },
        )

    async def _async_finish(self, sign_in: SignIn, pasted: str) -> ConfigFlowResult:
        if self._unclaimed is None:
            # A code is good for one registration: kept for when what follows fails.
            self._unclaimed = Registration(*await complete_sign_in(sign_in, pasted))
        return await self._async_registered(self._unclaimed)

    async def _async_registered(self, registration: Registration) -> ConfigFlowResult:
        """Go on with a virtual device."""
        key = account_key(registration.account)
        await self.async_set_unique_id(key, raise_on_progress=False)
        if self.source == SOURCE_REAUTH:
            return await self._async_update(self._get_reauth_entry(), registration)
        if self.source == SOURCE_RECONFIGURE:
            return await self._async_update(self._get_reconfigure_entry(), registration)
        if self.source == SOURCE_HASSIO and (link := waiting_link(self.hass)):
            # Accounts may have been added by hand while the app's card waited.
            await async_set_link(self.hass, link)
        self._abort_if_unique_id_configured()
        titles = await self._async_test(registration)
        self._first_sync = await async_prepare(self.hass, registration, titles)
        return await self.async_step_first_sync()

    async def _async_test(self, registration: Registration) -> tuple[AudibleTitle, ...]:
        """Fetch the library; the account's first poll takes it over."""
        pace = household_of(self.hass).pace
        async with await AudibleClient.open(registration.credentials, pace) as client:
            library = await client.fetch_library()
        libraries = self.hass.data.setdefault(FIRST_LIBRARIES, {})
        libraries[account_key(registration.account)] = library
        return library.titles

    async def async_step_first_sync(
        self, user_input: dict[str, Any] | None = None
    ) -> ConfigFlowResult:
        """Show what will come of the library, and ask whose it is."""
        first_sync = self._first_sync
        if TYPE_CHECKING:
            assert first_sync is not None
        texts = await TranslatedTexts.async_load(self.hass)
        error: TrackerError | None = None
        if user_input is not None:
            try:
                answers = parse_answers(user_input)
                if first_sync.is_about(answers):
                    return await self._async_agreed(first_sync, answers)
                # Other numbers come of it: they are shown before it is done.
                self._first_sync = first_sync = await async_prepare(
                    self.hass, first_sync.registration, first_sync.titles, answers
                )
            except TrackerError as err:
                error = err
        return self._form(
            "first_sync",
            error,
            schema=first_sync.schema(),
            field=CONF_READER if isinstance(error, InvalidValueError) else "base",
            placeholders={
                CONF_NAME: entry_title(first_sync.registration.account),
                **first_sync.counted(texts),
            },
        )

    async def _async_agreed(
        self, first_sync: FirstSync, answers: Answers
    ) -> ConfigFlowResult:
        if self.source == SOURCE_RECONFIGURE:
            entry = self._get_reconfigure_entry()
            return await self._async_keep(entry, first_sync.registration, answers)
        return await self._async_create(first_sync, answers)

    async def _async_create(
        self, first_sync: FirstSync, answers: Answers
    ) -> ConfigFlowResult:
        """Keep the account, and nothing of it before."""
        account = first_sync.registration.account
        self._abort_if_unique_id_configured()
        if link_of(self.hass) is None and (link := waiting_link(self.hass)):
            await async_set_link(self.hass, link)
        async with household_of(self.hass).async_opened() as store:
            account_id = await async_keep_account(
                store,
                account,
                first_sync.registration.credentials,
                reader_name=answers.reader,
            )
        self._unclaimed = None
        return self.async_create_entry(
            title=entry_title(account),
            data=entry_data(
                account, account_id, is_shared=first_sync.registration.is_shared
            ),
            options={CONF_CREATES_BOOKS: answers.creates_books},
        )

    async def _async_update(
        self, entry: ConfigEntry[Any], registration: Registration
    ) -> ConfigFlowResult:
        old, account = account_of(entry.data), registration.account
        if account.account_id != entry.data[CONF_CUSTOMER_ID]:
            return self.async_abort(
                reason="wrong_account",
                description_placeholders={
                    "expected": entry.title,
                    "found": entry_title(account),
                },
            )
        if account_key(account) != account_key(old):
            self._abort_if_unique_id_configured()
            # Another shop, another library: what comes of it is shown first.
            titles = await self._async_test(registration)
            self._first_sync = await async_prepare(
                self.hass, registration, titles, replaces=old
            )
            return await self.async_step_first_sync()
        return await self._async_keep(entry, registration, None)

    async def _async_keep(
        self,
        entry: ConfigEntry[Any],
        registration: Registration,
        answers: Answers | None,
    ) -> ConfigFlowResult:
        """Keep a new sign-in of an entry, with answers where its country is another."""
        old, account = account_of(entry.data), registration.account
        options = dict(entry.options)
        if answers is not None:
            options[CONF_CREATES_BOOKS] = answers.creates_books
        async with household_of(self.hass).async_opened() as store:
            replaced = await async_credentials(store, old)
            account_id = await async_keep_account(
                store,
                account,
                registration.credentials,
                reader_name=answers.reader if answers is not None else None,
                replaces=old,
            )
            if account_key(account) != account_key(old):
                await async_forget_account(store, old)
                async_rekey(self.hass, entry, account_key(old), account_key(account))
        self._unclaimed = None
        if replaced is not None and not is_shared(entry.data):
            self._sign_out_later(replaced[1])
        return self.async_update_reload_and_abort(
            entry,
            unique_id=account_key(account),
            title=entry_title(account),
            data=entry_data(account, account_id),
            options=options,
        )

    @callback
    @override
    def async_remove(self) -> None:
        """Leave no orphan among the account's devices."""
        self._discard_registration()

    def _discard_registration(self) -> None:
        if self._unclaimed is not None:
            libraries = self.hass.data.get(FIRST_LIBRARIES, {})
            libraries.pop(account_key(self._unclaimed.account), None)
            if not self._unclaimed.is_shared:
                self._sign_out_later(self._unclaimed.credentials)
            self._unclaimed = None

    def _sign_out_later(self, credentials: Credentials) -> None:
        self.hass.async_create_background_task(
            async_sign_out(credentials), f"{DOMAIN} sign out"
        )

    def _form(
        self,
        step_id: str,
        error: TrackerError | None,
        *,
        schema: probatio.Schema | None = None,
        field: str = "base",
        placeholders: Mapping[str, str] | None = None,
    ) -> ConfigFlowResult:
        return self.async_show_form(
            step_id=step_id,
            data_schema=schema,
            errors={field: error.key} if error else {},
            description_placeholders={
                **(placeholders or {}),
                **(error.placeholders if error else {}),
            },
        )
