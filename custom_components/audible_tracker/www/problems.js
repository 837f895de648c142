// Errors of the feeds and actions become a sentence in the user's language.

/** @import { Hass } from "./types.js" */
/** @import { Translate } from "./texts.js" */

/**
 * Load an integration's texts; the function that knows them is a new one.
 * @param {Hass} hass
 * @param {string} category
 * @param {string} domain
 */
export async function loadTexts(hass, category, domain) {
  return (await hass.loadBackendTranslation?.(category, domain)) ?? hass.localize;
}

/**
 * @param {any} error
 * @param {Hass} hass
 * @param {Translate} say
 * @returns {Promise<string>}
 */
export async function problemOf(error, hass, say) {
  if (error?.code === "unknown_command") return say("error.no_integration");
  const { translation_domain: domain, translation_key: key, translation_placeholders: values } = error ?? {};
  if (domain && key) {
    const localize = await loadTexts(hass, "exceptions", domain);
    const sentence = localize(`component.${domain}.exceptions.${key}.message`, values ?? {});
    if (sentence) return sentence;
  }
  return say("error.other", { message: String(error?.message ?? error) });
}
