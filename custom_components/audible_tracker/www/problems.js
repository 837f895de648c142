// Errors of the feeds and actions become a sentence in the user's language.

/** @import { Hass } from "./types.js" */
/** @import { Translate } from "./texts.js" */

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
    await hass.loadBackendTranslation?.("exceptions", domain);
    const sentence = hass.localize(`component.${domain}.exceptions.${key}.message`, values ?? {});
    if (sentence) return sentence;
  }
  return say("error.other", { message: String(error?.message ?? error) });
}
