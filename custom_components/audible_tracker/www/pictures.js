// The year in pictures: drawn on a canvas, square, for a message or a timeline.

/** @import { Review } from "./review.js" */
/** @import { Translate } from "./texts.js" */

import { formatDay, formatDuration, formatNumber } from "./format.js";
import { hueOf, initialsOf } from "./initials.js";

/** The side of a picture in pixels. */
export const SIDE = 1080;
const MARGIN = 80;
const COVERS_MAX = 12;

/**
 * What a picture is drawn from.
 *
 * @typedef {object} Subject
 * @property {string} title
 * @property {Review} review
 * @property {string} language
 * @property {Translate} say
 * @property {Map<number, CanvasImageSource>} covers by book
 * @property {boolean} isRightToLeft
 */

/** @typedef {CanvasRenderingContext2D} Context */
/**
 * @typedef {object} Picture
 * @property {(context: Context, subject: Subject) => void} draw
 * @property {(subject: Subject) => string[]} describe
 * @property {[string, string]} colors
 * @property {(review: Review) => boolean} isFor
 */

/** What can be drawn: how, its colors, and whether there is something to draw. @type {Picture[]} */
const PICTURES = [
  { draw: drawFigures, describe: figureLines, colors: ["#1f2a4d", "#7a3b69"], isFor: () => true },
  { draw: drawMonths, describe: monthLines, colors: ["#0f3d3e", "#2c7a5f"], isFor: ({ listenedMs }) => listenedMs > 0 },
  { draw: drawShelf, describe: shelfLines, colors: ["#4a2512", "#b0612a"], isFor: ({ finished }) => finished.length > 0 },
];

/**
 * Return the pictures of a year, in their order.
 *
 * @param {Review} review
 * @returns {Picture[]}
 */
export function picturesOf(review) {
  return PICTURES.filter(({ isFor }) => isFor(review));
}

/**
 * Draw one of the pictures.
 *
 * @param {HTMLCanvasElement} canvas
 * @param {Picture} picture
 * @param {Subject} subject
 */
export function drawPicture(canvas, { draw, colors: [from, to] }, subject) {
  canvas.width = SIDE;
  canvas.height = SIDE;
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser does not draw");
  const gradient = context.createLinearGradient(0, 0, SIDE, SIDE);
  gradient.addColorStop(0, from);
  gradient.addColorStop(1, to);
  context.fillStyle = gradient;
  context.fillRect(0, 0, SIDE, SIDE);
  context.direction = subject.isRightToLeft ? "rtl" : "ltr";
  context.textAlign = "start";
  write(context, subject, subject.title, { y: 140, size: 54, weight: 600 });
  draw(context, subject);
  write(context, subject, "Audible Tracker", { y: SIDE - 50, size: 26, alpha: 0.7 });
}

/**
 * Return what a picture shows, for those who do not see it.
 *
 * @param {Picture} picture
 * @param {Subject} subject
 * @returns {string}
 */
export function describePicture({ describe }, subject) {
  return [subject.title, ...describe(subject)].join(". ");
}

/**
 * Return the figures and what each is; nothing is said of what is not known.
 *
 * @param {Subject} subject
 * @returns {[string, string][]}
 */
function figuresOf({ review, language, say }) {
  /** @type {[boolean, string, string][]} */
  const figures = [
    [review.listenedMs > 0, formatDuration(review.listenedMs, language), say("review.listened")],
    [review.books > 0, say("stats.books", { count: review.books }), say("review.finished")],
    [review.listeningDays > 0, formatNumber(review.listeningDays, language), say("review.days")],
    [review.longestStreak > 1, say("stats.days", { count: review.longestStreak }), say("review.longest_streak")],
  ];
  return figures.flatMap(([isKnown, figure, words]) => (isKnown ? [[figure, words]] : []));
}

/** @param {Subject} subject */
function figureLines(subject) {
  return figuresOf(subject).map((figure) => figure.join(" "));
}

/** @param {Subject} subject */
function shelfLines({ review }) {
  return review.finished.map((book) => book.title);
}

/**
 * @param {Context} context
 * @param {Subject} subject
 */
function drawFigures(context, subject) {
  figuresOf(subject).forEach(([figure, words], index) => {
    const y = 320 + index * 180;
    write(context, subject, figure, { y, size: 104, weight: 700 });
    write(context, subject, words, { y: y + 52, size: 36, alpha: 0.85 });
  });
}

/**
 * @param {Context} context
 * @param {Subject} subject
 */
function drawMonths(context, subject) {
  const { review, language, say, isRightToLeft } = subject;
  write(context, subject, say("review.months"), { y: 220, size: 40, alpha: 0.85 });
  const most = Math.max(1, ...review.months);
  const width = (SIDE - 2 * MARGIN) / review.months.length;
  review.months.forEach((ms, index) => {
    const place = isRightToLeft ? review.months.length - 1 - index : index;
    const x = MARGIN + place * width;
    const height = Math.max(6, (ms / most) * 420);
    context.fillStyle = ms === most ? "#ffd166" : "rgb(255 255 255 / 80%)";
    context.beginPath();
    context.roundRect(x + width * 0.12, 730 - height, width * 0.76, height, 10);
    context.fill();
    const name = formatDay(review.monthStarts[index] ?? "", language, { month: "narrow" });
    context.textAlign = "center";
    context.fillStyle = "#fff";
    context.font = fontOf(30, 500);
    context.fillText(name, x + width / 2, 780);
  });
  context.textAlign = "start";
  monthLines(subject).forEach((line, index) =>
    write(context, subject, line, { y: 870 + index * 56, size: 38 }),
  );
}

/** @param {Subject} subject */
function monthLines({ review, language, say }) {
  const { bestMonth, bestDay } = review;
  const lines = [];
  if (bestMonth) {
    const month = formatDay(bestMonth.start_date, language, { month: "long", year: "numeric" });
    lines.push(say("review.best_month", { month, time: formatDuration(bestMonth.listened_ms, language) }));
  }
  if (bestDay) {
    const day = formatDay(bestDay.start_date, language, { month: "long", day: "numeric" });
    lines.push(say("review.best_day", { day, time: formatDuration(bestDay.listened_ms, language) }));
  }
  return lines;
}

/**
 * @param {Context} context
 * @param {Subject} subject
 */
function drawShelf(context, subject) {
  const { review, say, covers, isRightToLeft } = subject;
  const shown = review.finished.slice(0, COVERS_MAX);
  write(context, subject, say("review.shelf"), { y: 220, size: 40, alpha: 0.85 });
  const columns = shown.length > 6 ? 4 : 3;
  const gap = 24;
  const side = Math.min(280, (SIDE - 2 * MARGIN - gap * (columns - 1)) / columns, shown.length > 8 ? 200 : 280);
  shown.forEach((book, index) => {
    const column = isRightToLeft ? columns - 1 - (index % columns) : index % columns;
    const x = MARGIN + column * (side + gap);
    const y = 270 + Math.floor(index / columns) * (side + gap);
    drawCover(context, { x, y, side }, book.title, covers.get(book.book_id));
  });
  const lines = [];
  const more = review.finished.length - shown.length;
  if (more > 0) lines.push(say("review.and_more", { count: more }));
  if (review.author) lines.push(say("review.top_author", { author: review.author }));
  if (review.narrator) lines.push(say("review.top_narrator", { narrator: review.narrator }));
  lines.slice(0, 2).forEach((line, index) => write(context, subject, line, { y: 930 + index * 50, size: 34 }));
}

/**
 * @param {Context} context
 * @param {{ x: number, y: number, side: number }} place
 * @param {string} title
 * @param {CanvasImageSource | undefined} image
 */
function drawCover(context, { x, y, side }, title, image) {
  context.save();
  context.beginPath();
  context.roundRect(x, y, side, side, 14);
  context.clip();
  if (image) {
    context.drawImage(image, x, y, side, side);
  } else {
    context.fillStyle = `hsl(${hueOf(title)} 34% 30%)`;
    context.fillRect(x, y, side, side);
    context.fillStyle = "#fff";
    context.textAlign = "center";
    context.font = fontOf(side / 3, 600);
    context.fillText(initialsOf(title), x + side / 2, y + side * 0.62);
  }
  context.restore();
}

/**
 * Write one line, as large as fits.
 *
 * @param {Context} context
 * @param {Subject} subject
 * @param {string} text
 * @param {{ y: number, size: number, weight?: number, alpha?: number }} how
 */
function write(context, { isRightToLeft }, text, { y, size, weight = 400, alpha = 1 }) {
  context.font = fontOf(size, weight);
  const room = SIDE - 2 * MARGIN;
  const width = context.measureText(text).width;
  if (width > room) context.font = fontOf((size * room) / width, weight);
  context.fillStyle = `rgb(255 255 255 / ${alpha * 100}%)`;
  context.fillText(text, isRightToLeft ? SIDE - MARGIN : MARGIN, y);
}

/**
 * @param {number} size
 * @param {number} weight
 */
function fontOf(size, weight) {
  return `${weight} ${size}px Roboto, "Noto Sans", system-ui, sans-serif`;
}
