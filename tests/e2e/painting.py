"""When a card is painted: from the panel to the first thing that it shows."""

from typing import Final

from playwright.async_api import Page

# Searched through all shadow roots, as a user's eye does.
_PAINT: Final = """
([path, card, content]) => new Promise((resolve, reject) => {
  const find = (root, test) => {
    for (const element of root.querySelectorAll("*")) {
      if (test(element)) return element;
      const inner = element.shadowRoot && find(element.shadowRoot, test);
      if (inner) return inner;
    }
    return null;
  };
  const isPanel = (element) => element.localName === "hui-root";
  const isPainted = (element) =>
    element.localName === card
    && element.shadowRoot?.querySelector(content)?.getClientRects().length;
  let panelAt = null;
  const end = performance.now() + 20000;
  const look = () => {
    if (panelAt === null && find(document, isPanel)) panelAt = performance.now();
    if (panelAt !== null && find(document, isPainted)) {
      // What a frame holds is seen with the next one.
      requestAnimationFrame(() => resolve(performance.now() - panelAt));
    } else if (performance.now() > end) {
      reject(new Error("nothing is painted"));
    } else {
      requestAnimationFrame(look);
    }
  };
  history.pushState(null, "", path);
  window.dispatchEvent(new CustomEvent("location-changed"));
  requestAnimationFrame(look);
})
"""


async def paint_ms(
    page: Page,
    path: str,
    card: str = "audible-tracker-card",
    content: str = "[data-asin] h3",
) -> float:
    """Go to a dashboard; return how long after its panel a card shows its content."""
    return float(await page.evaluate(_PAINT, [path, card, content]))
