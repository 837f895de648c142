// The year in review: a dialog that turns the pictures, saves and shares them.

/** @import { Statistics } from "./types.js" */
/** @import { StatsCard } from "./stats_card.js" */
/** @import { Subject } from "./pictures.js" */

import { fetchCover } from "./covers.js";
import { icon } from "./icons.js";
import { describePicture, drawPicture, picturesOf } from "./pictures.js";
import { isWorthShowing, reviewOf } from "./review.js";
import { html, nothing } from "./vendor/lit.js";

export class ReviewDialog {
  #isOpen = false;
  #number = 0;
  /** @type {Map<number, CanvasImageSource>} */
  #covers = new Map();

  /** @param {StatsCard} card */
  constructor(card) {
    this.card = card;
  }

  async open() {
    this.#isOpen = true;
    this.#number = 0;
    this.card.draw();
    await this.#fetchCovers();
    this.card.draw();
  }

  #close() {
    this.#isOpen = false;
    this.card.draw();
  }

  view() {
    const { say } = this.card;
    return html`<dialog
      id="review"
      aria-label=${say("review.open")}
      @close=${() => this.#close()}
      @keydown=${(/** @type {KeyboardEvent} */ event) => this.#onKey(event)}
    >
      ${this.#isOpen
        ? html`<div class="sheet">
            <div class="sheet-head">
              <h2 class="grow">${say("review.open")}</h2>
              <button type="button" class="round plain" aria-label=${say("common.close")} @click=${() => this.#close()}>
                ${icon("close")}
              </button>
            </div>
            ${this.#yearView(this.#subject())}
          </div>`
        : nothing}
    </dialog>`;
  }

  /** @param {Subject} subject */
  #yearView(subject) {
    const { say } = this.card;
    if (!isWorthShowing(subject.review)) return html`<p>${say("review.empty")}</p>`;
    const pictures = picturesOf(subject.review);
    const picture = this.#shown(subject);
    const place = say("review.page", { number: this.#number + 1, total: pictures.length });
    return html`<canvas id="picture" role="img" aria-label=${picture ? describePicture(picture, subject) : ""}></canvas>
      <div class="row">
        <button
          type="button"
          class="round"
          aria-label=${say("review.previous")}
          ?disabled=${this.#number === 0}
          @click=${() => this.#turn(-1)}
        >
          ${icon("previous")}
        </button>
        <span class="grow small-text quiet place" role="status">${place}</span>
        <button
          type="button"
          class="round"
          aria-label=${say("review.next")}
          ?disabled=${this.#number === pictures.length - 1}
          @click=${() => this.#turn(1)}
        >
          ${icon("next")}
        </button>
      </div>
      <div class="row">
        <button type="button" class="main" @click=${() => void this.#save()}>${say("review.save")}</button>
        ${"canShare" in navigator
          ? html`<button type="button" @click=${() => void this.#share()}>${say("review.share")}</button>`
          : nothing}
      </div>`;
  }

  /** Open or close the dialog itself, and draw what it shows. */
  sync() {
    const dialog = this.card.shadowRoot?.getElementById("review");
    if (!(dialog instanceof HTMLDialogElement)) return;
    if (this.#isOpen && !dialog.open) dialog.showModal();
    if (!this.#isOpen && dialog.open) dialog.close();
    const canvas = this.#canvas();
    if (!canvas) return;
    const subject = this.#subject();
    const picture = this.#shown(subject);
    if (picture) drawPicture(canvas, picture, subject);
  }

  /** @param {Subject} subject */
  #shown({ review }) {
    return picturesOf(review)[this.#number];
  }

  #canvas() {
    const canvas = this.card.shadowRoot?.getElementById("picture");
    return canvas instanceof HTMLCanvasElement ? canvas : null;
  }

  /** @returns {Subject} */
  #subject() {
    const { card } = this;
    const data = /** @type {Statistics} */ (card.data);
    const isYear = data.start_date.endsWith("-01-01") && data.end_date.endsWith("-12-31");
    const values = { reader: data.reader, year: data.start_date.slice(0, 4) };
    return {
      title: card.say(isYear ? "review.title" : "review.lately", values),
      review: reviewOf(data),
      language: card.language,
      say: card.say,
      covers: this.#covers,
      isRightToLeft: getComputedStyle(card).direction === "rtl",
    };
  }

  /** Only what Home Assistant serves: foreign images would lock the canvas. */
  async #fetchCovers() {
    const { hass, data } = this.card;
    const books = data?.finished.flatMap(({ book }) => (book?.cover_path ? [book] : [])) ?? [];
    await Promise.all(
      books.map(async (book) => {
        const address = book.cover_path && (await fetchCover(hass, book.cover_path));
        if (!address) return;
        const image = new Image();
        image.src = address;
        await image.decode().then(
          () => this.#covers.set(book.book_id, image),
          // It is no image: its initials are drawn.
          () => undefined,
        );
      }),
    );
  }

  /** @param {number} by */
  #turn(by) {
    const last = picturesOf(this.#subject().review).length - 1;
    this.#number = Math.max(0, Math.min(last, this.#number + by));
    this.card.draw();
  }

  /** @param {KeyboardEvent} event */
  #onKey(event) {
    const isRightToLeft = getComputedStyle(this.card).direction === "rtl";
    const forward = isRightToLeft ? "ArrowLeft" : "ArrowRight";
    if (event.key === "ArrowLeft" || event.key === "ArrowRight") this.#turn(event.key === forward ? 1 : -1);
  }

  /** @returns {Promise<File>} */
  #file() {
    return new Promise((resolve, reject) => {
      this.#canvas()?.toBlob((blob) => {
        if (blob) resolve(new File([blob], `audiobooks-${this.#number + 1}.png`, { type: "image/png" }));
        else reject(new Error("The picture could not be made"));
      }, "image/png");
    });
  }

  async #save() {
    const file = await this.#file();
    const link = document.createElement("a");
    link.href = URL.createObjectURL(file);
    link.download = file.name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  }

  async #share() {
    const files = [await this.#file()];
    if (!navigator.canShare({ files })) return this.#save();
    try {
      await navigator.share({ files, title: this.#subject().title });
    } catch (error) {
      // Whoever changes their mind has seen no failure.
      if (!(error instanceof DOMException && error.name === "AbortError")) await this.#save();
    }
  }
}
