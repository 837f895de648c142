"""What a user does with Home Assistant, step by step."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from homeassistant.config_entries import SOURCE_USER, ConfigEntry
from homeassistant.const import ATTR_ENTITY_ID
from homeassistant.core import Context, HomeAssistant, State
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed
from sqlalchemy import update

from custom_components.audible_tracker.account_entry import account_of
from custom_components.audible_tracker.accounts import (
    async_credentials,
    async_known_account,
)
from custom_components.audible_tracker.const import DOMAIN
from custom_components.audible_tracker.core.store.records import TrackedAccount
from custom_components.audible_tracker.core.store.schema import ACCOUNTS
from custom_components.audible_tracker.household import household_of
from custom_components.audible_tracker.household_settings import ServerLink
from tests.simulator import Simulator
from tests.simulator.catalog import DEMO_EMAIL
from tests.simulator.faults import Fault, FaultKind
from tests.simulator.shop import Device, OwnedTitle

type Result = Mapping[str, Any]

LIBRARY = "/1.0/library"
POSITIONS = "/1.0/annotations/lastpositions"


@dataclass(frozen=True, slots=True)
class Household:
    """A Home Assistant whose user has an account at the simulated shop."""

    hass: HomeAssistant
    simulator: Simulator

    async def begin(self, *, country_code: str = "us") -> Result:
        """Start the set-up and choose the country; return the sign-in form."""
        flows = self.hass.config_entries.flow
        form = await flows.async_init(DOMAIN, context={"source": SOURCE_USER})
        assert form["type"] is FlowResultType.FORM
        assert form["step_id"] == "user"
        return await self.answer(form, country_code=country_code)

    async def answer(self, form: Result, **user_input: Any) -> Result:
        """Fill in a form of a config flow."""
        flows = self.hass.config_entries.flow
        return await flows.async_configure(form["flow_id"], user_input)

    async def land(self, form: Result, **who: str) -> str:
        """Sign in at Amazon with the form's link; return where the browser ends."""
        url = form["description_placeholders"]["url"]
        return await self.simulator.sign_in(url, **who)

    async def finish(self, form: Result, **who: str) -> Result:
        """Sign in at Amazon, paste the address, and agree to what is proposed."""
        landing = await self.land(form, **who)
        return await self.agree(await self.answer(form, landing_url=landing))

    async def agree(self, form: Result) -> Result:
        """Agree to what comes of the library; any other result stays."""
        if form["type"] is not FlowResultType.FORM or form["step_id"] != "first_sync":
            return form
        assert form["errors"] == {}
        return await self.answer(form, **form["data_schema"]({}))

    @property
    def link(self) -> ServerLink | None:
        """Return the link to the server."""
        return household_of(self.hass).link

    async def credentials(self, entry: ConfigEntry) -> str:
        """Return an account's credentials, opened."""
        async with household_of(self.hass).async_opened() as store:
            found = await async_credentials(store, account_of(entry.data))
        assert found is not None
        return found[1].text

    async def account(self, entry: ConfigEntry) -> TrackedAccount:
        """Return an account's row."""
        async with household_of(self.hass).async_opened() as store:
            found = await async_known_account(store, account_of(entry.data))
        assert found is not None
        return found

    async def sign_up(self, *, country_code: str = "us", **who: str) -> ConfigEntry:
        """Set an account up, from the first form to the loaded entry."""
        result = await self.finish(await self.begin(country_code=country_code), **who)
        assert result["type"] is FlowResultType.CREATE_ENTRY, result
        await self.settle()
        entry: ConfigEntry = result["result"]
        return entry

    async def settle(self) -> None:
        """Wait for everything that has begun."""
        await self.hass.async_block_till_done(wait_background_tasks=True)

    async def pass_time(self, freezer: Any, step: timedelta) -> None:
        """Let what has begun end, then time pass, and what is due happen.

        What is asked of the shop meanwhile would be out of time at once.
        """
        await self.settle()
        freezer.tick(step)
        async_fire_time_changed(self.hass, dt_util.utcnow())
        await self.settle()

    async def act(self, action: str, user_id: str | None = None, **data: Any) -> Any:
        """Call an action of the integration; return what it answers."""
        return await self.hass.services.async_call(
            DOMAIN,
            action,
            data,
            blocking=True,
            context=Context(user_id=user_id),
            return_response=True,
        )

    async def ask_now(self, entity_id: str) -> None:
        """Ask for an entity to be updated, as the user can."""
        await async_setup_component(self.hass, "homeassistant", {})
        await self.hass.services.async_call(
            "homeassistant",
            "update_entity",
            {ATTR_ENTITY_ID: [entity_id]},
            blocking=True,
        )
        await self.settle()

    async def restart(self, entry: ConfigEntry) -> None:
        """Unload the account and set it up again, as a restart does."""
        assert await self.hass.config_entries.async_unload(entry.entry_id)
        await self.hass.config_entries.async_setup(entry.entry_id)
        await self.settle()

    async def unload_and_forget(self, entry: ConfigEntry) -> None:
        """Unload the account, and let it be as if it had never been synced."""
        assert await self.hass.config_entries.async_unload(entry.entry_id)
        never = update(ACCOUNTS).values(last_sync_at=None, state_token=None)
        async with (
            household_of(self.hass).async_opened() as store,
            store.transaction() as connection,
        ):
            await connection.execute(never)

    def entity_id(self, key: str) -> str | None:
        """Return the sensor whose unique id ends so, such as ``last_sync``."""
        registry = er.async_get(self.hass)
        return next(
            (
                entity.entity_id
                for entity in registry.entities.values()
                if entity.platform == DOMAIN and entity.unique_id.endswith(key)
            ),
            None,
        )

    def state(self, key: str) -> State:
        """Return a sensor's state."""
        entity_id = self.entity_id(key)
        assert entity_id is not None, f"there is no sensor {key}"
        state = self.hass.states.get(entity_id)
        assert state is not None
        return state

    def title_devices(self) -> set[str | None]:
        """Return the names of the child devices."""
        registry = dr.async_get(self.hass)
        return {
            child.name
            for entry in self.hass.config_entries.async_entries(DOMAIN)
            for device in dr.async_entries_for_config_entry(registry, entry.entry_id)
            for child in dr.async_entries_for_parent_device(registry, device.id)
        }

    def owned(self, asin: str) -> OwnedTitle:
        """Return a title of the user's library at the shop."""
        return self.simulator.shop.accounts[DEMO_EMAIL].library[asin]

    def listen(self, asin: str, position_ms: int) -> None:
        """Move a position, as a phone does."""
        self.simulator.shop.move_position(self.owned(asin), position_ms)

    def registered(self) -> list[Device]:
        """Return the virtual devices that are registered at Amazon."""
        return [
            device for device in self.simulator.shop.devices if not device.is_revoked
        ]

    def break_shop(
        self, kind: FaultKind, path_prefix: str = "/", **details: Any
    ) -> None:
        """Let requests to the shop fail from now on."""
        self.simulator.shop.faults.append(Fault(kind, path_prefix, **details))
        if kind is FaultKind.UNREACHABLE:
            self.simulator.cut_lines()

    def mend_shop(self) -> None:
        """Let all be well again."""
        self.simulator.shop.faults.clear()

    def count_libraries(self) -> int:
        """Return how often the whole library was asked for."""
        return sum(
            request.path == LIBRARY and "state_token" not in request.query
            for request in self.simulator.requests(LIBRARY)
        )

    def count(self, path_prefix: str) -> int:
        """Return how many requests of a kind the shop has seen."""
        return len(self.simulator.requests(path_prefix))
