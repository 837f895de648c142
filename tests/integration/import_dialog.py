"""What a user does in the dialog for imports and exports, upload included."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
from aiohttp.test_utils import TestClient
from homeassistant.config_entries import ConfigEntry
from homeassistant.data_entry_flow import FlowResultType

from tests.integration.databases import rows
from tests.integration.steps import Household, Result

SAMPLES = Path(__file__).parents[1] / "fixtures" / "imports"
GOODREADS_HEADER = (
    "Book Id,Title,Author,ISBN,ISBN13,My Rating,Binding,Number of Pages,"
    "Original Publication Year,Date Read,Bookshelves,Exclusive Shelf,Read Count"
)


def goodreads_row(number: int, title: str, author: str, **cells: str) -> str:
    """Return a row as Goodreads writes it, on the shelf `read` and without a date."""
    cell = {"rating": "0", "shelf": "read"} | cells
    isbn, rating, binding, year, read, shelf = (
        cell.get(name, "")
        for name in ("isbn", "rating", "binding", "year", "read", "shelf")
    )
    named = f'{number},"{title}",{author},{isbn},'
    return f"{named},{rating},{binding},,{year},{read},,{shelf},1"


def goodreads(*lines: str) -> bytes:
    """Return a file of Goodreads."""
    return "\n".join((GOODREADS_HEADER, *lines, "")).encode()


@dataclass(frozen=True, slots=True)
class ImportDialog:
    """The options of one account, and the browser that uploads files to them."""

    household: Household
    entry: ConfigEntry
    browser: TestClient[Any, Any]

    async def open(self, step: str) -> Result:
        """Choose a step of the menu `Import and export`."""
        return await self.answer(await self.menu(), next_step_id=step)

    async def menu(self) -> Result:
        """Open the menu."""
        flows = self.household.hass.config_entries.options
        first = await flows.async_init(self.entry.entry_id)
        return await self.answer(first, next_step_id="transfer")

    async def answer(self, form: Result, **user_input: Any) -> Result:
        """Fill in a form, and wait for what it begins."""
        return await self.wait(await self.send(form, **user_input))

    async def send(self, form: Result, **user_input: Any) -> Result:
        """Fill in a form; what it begins may go on."""
        flows = self.household.hass.config_entries.options
        return await flows.async_configure(form["flow_id"], user_input)

    async def wait(self, result: Result) -> Result:
        """Wait as the browser does while something goes on."""
        flows = self.household.hass.config_entries.options
        while result["type"] is FlowResultType.SHOW_PROGRESS:
            await self.household.settle()
            result = await flows.async_configure(result["flow_id"])
        await self.household.settle()
        return result

    async def upload(self, data: bytes, name: str = "books.csv") -> str:
        """Upload a file; return what Home Assistant calls it."""
        form = aiohttp.FormData()
        form.add_field("file", BytesIO(data), filename=name)
        answer = await self.browser.post("/api/file_upload", data=form)
        assert answer.status == 200, await answer.text()
        file_id: str = (await answer.json())["file_id"]
        return file_id

    async def preview(
        self, data: bytes, name: str = "books.csv", **user_input: Any
    ) -> Result:
        """Hand in a file; return what would come of it."""
        form = await self.open("import_file")
        file_id = await self.upload(data, name)
        shown = await self.answer(form, file=file_id, **user_input)
        assert shown["step_id"] == "preview", shown
        return shown

    async def import_file(
        self, data: bytes, name: str = "books.csv", **decided: Any
    ) -> Result:
        """Hand in a file and agree to it; return what has come of it."""
        shown = await self.preview(data, name)
        done = await self.answer(shown, decision="import", **decided)
        assert done["step_id"] == "import_done", done
        return done

    async def undo(self, import_id: str | None = None) -> Result:
        """Undo an import, the newest if none is named; return what has come of it."""
        form = await self.open("undo_import")
        chosen = import_id or choices_of(form, "import")[0]
        question = await self.answer(form, **{"import": chosen})
        assert question["step_id"] == "undo_confirm", question
        done = await self.answer(question)
        assert done["step_id"] == "undo_done", done
        return done

    def titles(self) -> list[str]:
        """Return the titles of all books."""
        found = rows(self.household.hass, "SELECT title FROM books ORDER BY id")
        return [title for (title,) in found]

    def tracker(self) -> list[Any]:
        """Return all that an import may change, in the form it is stored."""
        hass = self.household.hass
        return [
            rows(hass, "SELECT * FROM books ORDER BY id"),
            rows(hass, "SELECT * FROM reads ORDER BY id"),
            rows(hass, "SELECT * FROM audible_book_mappings ORDER BY id"),
        ]


def told(result: Result) -> dict[str, str]:
    """Return what fills the sentences of a step."""
    return dict(result["description_placeholders"])


def counts(result: Result, *names: str) -> tuple[int, ...]:
    """Return numbers that a step tells."""
    return tuple(int(told(result)[name]) for name in names)


def choices_of(form: Result, field: str) -> Sequence[str]:
    """Return the values of a field that can be chosen."""
    return tuple(options_of(form, field))


def options_of(form: Result, field: str) -> dict[str, str]:
    """Return what can be chosen in a field, and what is said of it."""
    options = form["data_schema"].schema[field].config["options"]
    return {
        one if isinstance(one, str) else one["value"]: (
            one if isinstance(one, str) else one["label"]
        )
        for one in options
    }


def fields_of(form: Result) -> set[str]:
    """Return the names of a form's fields."""
    return {str(name) for name in form["data_schema"].schema}


def as_json(value: Any) -> bytes:
    """Return a value as the content of a file."""
    return json.dumps(value).encode()
