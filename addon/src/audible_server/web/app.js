// The page: a list of titles, and one player.

/** @import { ServerBook } from "./types.js" */

import {
  ApiError,
  coverUrl,
  explainSilence,
  fetchAccounts,
  fetchBooks,
  signIn,
  signOut,
  startDownload,
  streamUrl,
} from "./api.js";
import {
  describeBook,
  describeState,
  downloadedShare,
  isUnderWay,
  summarize,
} from "./format.js";

const POLL_MS = 2000;
const UNAUTHORIZED = 401;
const INGRESS_PATH = "/api/hassio_ingress/";

/**
 * One title on the page; its elements live as long as the title, so that a poll never
 * takes the focus away.
 *
 * @typedef {object} Card
 * @property {HTMLLIElement} item
 * @property {HTMLHeadingElement} title
 * @property {HTMLParagraphElement} details
 * @property {HTMLParagraphElement} state
 * @property {HTMLProgressElement} progress
 * @property {HTMLButtonElement} action
 * @property {ServerBook} book
 */

/** @type {Map<string, Card>} */
const cards = new Map();

const list = element("books", HTMLUListElement);
const form = element("sign-in", HTMLFormElement);
const secret = element("secret", HTMLInputElement);
const refresh = element("refresh", HTMLButtonElement);
const leave = element("sign-out", HTMLButtonElement);
const problem = element("problem", HTMLElement);
const summary = element("summary", HTMLElement);
const empty = element("empty", HTMLElement);
const playerBar = element("player-bar", HTMLElement);
const playing = element("playing", HTMLElement);
const player = element("player", HTMLAudioElement);

/** @type {string | null} */
let playingAsin = null;
/** @type {number | undefined} */
let pollTimer;

form.addEventListener("submit", (event) => {
  event.preventDefault();
  void attempt(async () => {
    await signIn(secret.value);
    secret.value = "";
    await load();
  });
});
refresh.addEventListener("click", () => void attempt(load));
leave.addEventListener("click", () => {
  void attempt(async () => {
    await signOut();
    stopPlaying();
    showSignIn();
  });
});
player.addEventListener("error", () => {
  const asin = playingAsin;
  if (asin) void attempt(() => explain(asin));
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden && form.hidden) void attempt(load);
});
void attempt(load);

/** Fetch everything and show it; ask again soon while something is under way. */
async function load() {
  clearTimeout(pollTimer);
  const [books, accounts] = await Promise.all([fetchBooks(), fetchAccounts()]);
  form.hidden = true;
  refresh.hidden = false;
  leave.hidden = location.pathname.startsWith(INGRESS_PATH);
  empty.hidden = books.length > 0;
  summary.textContent = summarize(books);
  showBooks(books);
  const trouble = accounts.find((account) => account.error_text);
  if (trouble) showProblem(`${trouble.name}: ${trouble.error_text}`);
  pollWhileUnderWay();
}

function pollWhileUnderWay() {
  clearTimeout(pollTimer);
  if ([...cards.values()].some((card) => isUnderWay(card.book))) {
    pollTimer = setTimeout(() => void attempt(load), POLL_MS);
  }
}

/**
 * Do something; what goes wrong becomes a sentence on the page.
 *
 * @param {() => Promise<void>} action
 */
async function attempt(action) {
  problem.hidden = true;
  try {
    await action();
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.status === UNAUTHORIZED && form.hidden) {
      showSignIn();
    } else {
      showProblem(error.message);
      pollWhileUnderWay();
    }
  }
}

/**
 * Say why a title does not play; the list then offers to fetch it anew.
 *
 * @param {string} asin
 */
async function explain(asin) {
  const sentence = await explainSilence(asin);
  await load();
  showProblem(cards.get(asin)?.book.error_text ?? sentence);
}

function showSignIn() {
  clearTimeout(pollTimer);
  showBooks([]);
  summary.textContent = "";
  empty.hidden = true;
  refresh.hidden = true;
  leave.hidden = true;
  form.hidden = false;
  secret.focus();
}

/** @param {string} sentence */
function showProblem(sentence) {
  problem.textContent = sentence;
  problem.hidden = false;
}

/** @param {ServerBook[]} books */
function showBooks(books) {
  const present = new Set(books.map((book) => book.asin));
  for (const [asin, card] of cards) {
    if (!present.has(asin)) {
      card.item.remove();
      cards.delete(asin);
    }
  }
  books.forEach((book, index) => {
    const card = cards.get(book.asin) ?? addCard(book);
    update(card, book);
    if (list.children[index] !== card.item) {
      list.insertBefore(card.item, list.children[index] ?? null);
    }
  });
}

/**
 * @param {ServerBook} book
 * @returns {Card}
 */
function addCard(book) {
  const item = document.createElement("li");
  item.className = "book";
  item.dataset.asin = book.asin;
  const text = document.createElement("div");
  text.className = "text";
  const title = document.createElement("h2");
  const details = document.createElement("p");
  const state = document.createElement("p");
  const progress = document.createElement("progress");
  text.append(title, details, state, progress);
  const action = document.createElement("button");
  action.type = "button";
  action.className = "action";
  item.append(cover(book), text, action);
  const card = { item, title, details, state, progress, action, book };
  action.addEventListener("click", () => void attempt(() => act(card)));
  cards.set(book.asin, card);
  return card;
}

/**
 * @param {ServerBook} book
 * @returns {HTMLElement}
 */
function cover(book) {
  if (!book.has_cover) {
    const blank = document.createElement("div");
    blank.className = "cover";
    return blank;
  }
  const image = document.createElement("img");
  image.className = "cover";
  image.alt = "";
  image.loading = "lazy";
  image.src = coverUrl(book.asin);
  image.addEventListener("error", () => image.removeAttribute("src"));
  return image;
}

/**
 * @param {Card} card
 * @param {ServerBook} book
 */
function update(card, book) {
  card.book = book;
  card.title.textContent = book.title;
  card.details.textContent = describeBook(book);
  card.state.textContent = describeState(book);
  card.state.classList.toggle("failed", book.state === "failed");
  updateProgress(card.progress, book);
  const verb = actionOf(book);
  card.action.textContent = verb;
  card.action.setAttribute("aria-label", `${verb}: ${book.title}`);
  card.action.classList.toggle("main", book.is_playable);
  card.action.hidden = isUnderWay(book) && !book.is_playable;
}

/**
 * @param {HTMLProgressElement} progress
 * @param {ServerBook} book
 */
function updateProgress(progress, book) {
  progress.hidden = !isUnderWay(book);
  progress.setAttribute("aria-label", `Download of ${book.title}`);
  const share = downloadedShare(book);
  if (share === null) progress.removeAttribute("value");
  else progress.value = share;
}

/**
 * @param {ServerBook} book
 * @returns {string}
 */
function actionOf(book) {
  if (book.is_playable) return "Play";
  return book.state === "failed" ? "Try again" : "Download";
}

/** @param {Card} card */
async function act(card) {
  if (card.book.is_playable) {
    play(card.book);
    return;
  }
  update(card, await startDownload(card.book.asin));
  pollWhileUnderWay();
}

/** @param {ServerBook} book */
function play(book) {
  if (playingAsin !== book.asin) {
    playingAsin = book.asin;
    player.src = streamUrl(book.asin);
    playing.textContent = book.title;
    player.setAttribute("aria-label", book.title);
  }
  playerBar.hidden = false;
  markPlaying();
  // A refusal arrives as the player's error event, which explains it.
  player.play().catch(() => undefined);
}

function stopPlaying() {
  playingAsin = null;
  player.removeAttribute("src");
  player.load();
  playerBar.hidden = true;
  markPlaying();
}

function markPlaying() {
  for (const [asin, card] of cards) {
    card.item.classList.toggle("playing", asin === playingAsin);
  }
}

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} kind
 * @returns {T}
 */
function element(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`The page has no ${id}`);
  return found;
}
