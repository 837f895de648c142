"""Devices of readers and titles, as readers and titles come and go."""

from homeassistant.config_entries import ConfigEntry
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers import entity_registry as er

from custom_components.audible_tracker import async_remove_config_entry_device
from tests.integration.steps import Household
from tests.simulator.catalog import UNDER_WAY_ASIN


def device_of(household: Household, key: str) -> dr.AnyDeviceEntry:
    """Return the device of the entity whose unique id ends so."""
    entity_id = household.entity_id(key)
    assert entity_id is not None
    entity = er.async_get(household.hass).async_get(entity_id)
    assert entity is not None
    assert entity.device_id is not None
    device = dr.async_get(household.hass).async_get(entity.device_id)
    assert device is not None
    return device


def account_device(household: Household, entry: ConfigEntry) -> dr.DeviceEntry:
    """Return the account's own device."""
    [device] = dr.async_entries_for_config_entry(
        dr.async_get(household.hass), entry.entry_id
    )
    return device


async def test_only_reader_lives_on_the_accounts_device(household: Household) -> None:
    """One reader needs no device."""
    entry = await household.sign_up()

    device = device_of(household, "_reader_1_currently_reading")

    assert device.id == account_device(household, entry).id


async def test_second_reader_gives_both_a_device(household: Household) -> None:
    """Entities keep their names and go to the device of their reader, at once."""
    entry = await household.sign_up()
    entity_id = household.entity_id("_reader_1_currently_reading")

    await household.act("add_reader", name="Ben")
    await household.settle()

    first = device_of(household, "_reader_1_currently_reading")
    second = device_of(household, "_reader_2_currently_reading")
    assert (first.name, second.name) == ("Anna Example", "Ben")
    parent_id = account_device(household, entry).id
    children = dr.async_entries_for_parent_device(
        dr.async_get(household.hass), parent_id
    )
    assert {first.id, second.id} <= {child.id for child in children}
    assert household.entity_id("_reader_1_currently_reading") == entity_id
    assert household.state("_reader_2_currently_reading").state == "unknown"


async def test_readers_show_what_each_of_them_hears(household: Household) -> None:
    """A title that somebody takes is theirs from then on."""
    await household.sign_up()
    await household.act("add_reader", name="Ben")

    await household.act("take_title", asin=UNDER_WAY_ASIN, reader="Ben")
    household.listen(UNDER_WAY_ASIN, 15_500_000)
    await household.ask_now(household.state("_last_sync").entity_id)

    mine = household.state("_reader_1_currently_reading").state
    theirs = household.state("_reader_2_currently_reading").state
    assert theirs == household.owned(UNDER_WAY_ASIN).title.title
    assert mine not in (theirs, "unknown")


async def test_devices_of_readers_outlive_a_restart(household: Household) -> None:
    """What is loaded again has the same devices."""
    entry = await household.sign_up()
    await household.act("add_reader", name="Ben")
    await household.settle()
    before = device_of(household, "_reader_2_currently_reading").id

    await household.restart(entry)

    assert device_of(household, "_reader_2_currently_reading").id == before


async def test_only_a_device_that_is_gone_can_be_deleted(household: Household) -> None:
    """The user may delete what stands for nothing any more."""
    entry = await household.sign_up()
    account = account_device(household, entry)
    registry = dr.async_get(household.hass)
    stale = registry.async_get_or_create_child(
        config_entry_id=entry.entry_id,
        identifiers={("audible_tracker", "B000000000")},
        parent_device_id=account.id,
    )
    used = device_of(household, f"{UNDER_WAY_ASIN}_progress")

    delete = async_remove_config_entry_device
    assert await delete(household.hass, entry, stale) is True
    assert await delete(household.hass, entry, used) is False
    assert await delete(household.hass, entry, account) is False
    assert await household.hass.config_entries.async_unload(entry.entry_id)
    assert await delete(household.hass, entry, used) is False
