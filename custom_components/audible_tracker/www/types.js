// Shapes of what the feeds say; docs/cards.md explains them. Lengths are milliseconds.

/**
 * What the cards use of Home Assistant's own object.
 *
 * @typedef {object} Hass
 * @property {string} language
 * @property {{ language: string, first_weekday?: string }} locale
 * @property {{ is_admin: boolean, name: string }} [user]
 * @property {Record<string, HassState>} states
 * @property {Record<string, { platform?: string, translation_key?: string }>} [entities]
 * @property {Record<string, Record<string, unknown>>} services
 * @property {{ subscribeMessage: (callback: (event: any) => void, message: object) => Promise<() => Promise<void>> }} connection
 * @property {(message: object) => Promise<any>} callWS
 * @property {(path: string, init?: object) => Promise<Response>} fetchWithAuth
 * @property {(key: string, values?: Record<string, unknown>) => string} localize
 * @property {(category: string, domain: string) => Promise<Hass["localize"]>} [loadBackendTranslation]
 */

/**
 * @typedef {object} HassState
 * @property {string} entity_id
 * @property {string} state
 * @property {Record<string, any>} attributes
 */

/**
 * @typedef {object} Cover
 * @property {string | null} cover_path where Home Assistant serves it
 * @property {string | null} cover_url its address elsewhere
 */

/**
 * @typedef {object} ShelfTitleFacts
 * @property {string} config_entry_id
 * @property {string | null} reader
 * @property {string} asin
 * @property {number | null} book_id
 * @property {string} title
 * @property {string[]} authors
 * @property {string[]} narrators
 * @property {SeriesPlace[]} series
 * @property {number | null} runtime_ms
 * @property {number | null} position_ms
 * @property {number | null} percent_complete 0 to 100
 * @property {string | null} chapter
 * @property {string} last_heard_at
 */
/** @typedef {ShelfTitleFacts & Cover} ShelfTitle */
/** @typedef {{ has_server: boolean, readers: string[], titles: ShelfTitle[] }} Shelf */
/** @typedef {{ title: string, sequence: string | null }} SeriesPlace */

/**
 * @typedef {object} BookFacts
 * @property {number} book_id
 * @property {string} title
 * @property {string | null} subtitle
 * @property {string[]} authors
 * @property {string[]} narrators
 * @property {SeriesPlace[]} series
 * @property {string} status
 * @property {number | null} year
 * @property {number | null} page_count
 * @property {number | null} runtime_ms
 * @property {number | null} percent_complete
 * @property {string | null} started_on
 * @property {string | null} finished_on
 * @property {number | null} rating 0 to 5
 * @property {string | null} [note]
 * @property {string | null} [review]
 * @property {string | null} [own_cover_url] what was said of it, not what its title has
 */
/** @typedef {BookFacts & Cover} Book */

/**
 * One pass through a book.
 *
 * @typedef {object} Read
 * @property {number} read_id
 * @property {string} outcome
 * @property {string | null} started_on
 * @property {string | null} finished_on
 * @property {string | null} stopped_on
 */
/** @typedef {{ asin: string, title: string, match_confidence: number | null, evidence: Evidence[] }} LinkedTitle */
/** @typedef {{ title: string, actor: string | null, decided_at: string }} Merged */
/** @typedef {{ reader: string, may_decide: boolean, book: Book, reads: Read[], titles: LinkedTitle[], merged: Merged | null }} OpenBook */
/** @typedef {{ reader: string, readers: string[], total: number, offset: number, counts: Record<string, number>, books: Book[] }} BookPage */

/** @typedef {{ name: string, words: string, score: number | null }} Evidence */
/** @typedef {{ confidence: number, evidence: Evidence[], book: Book }} Candidate */
/**
 * @typedef {object} ConflictTitle
 * @property {string} asin
 * @property {string} title
 * @property {string[]} [authors]
 * @property {string[]} [narrators]
 * @property {number | null} [runtime_ms]
 * @property {number | null} [year]
 */
/** @typedef {{ conflict_id: number, reader: string, type: string, title: ConflictTitle & Cover, candidates: Candidate[] }} Conflict */
/** @typedef {{ conflict_id: number, title: string, actor: string | null, decided_at: string }} Decided */
/** @typedef {{ total: number, readers: string[], may_decide: boolean, conflicts: Conflict[], decided: Decided[] }} Conflicts */

/** @typedef {{ start_date: string, end_date: string, listened_ms: number }} Period */
/**
 * @typedef {object} Goal
 * @property {string} kind books, hours or days
 * @property {number} target
 * @property {number} done
 * @property {number} share
 * @property {number} ahead
 * @property {number | null} needed_per_day
 * @property {boolean} is_reached
 * @property {string} start_date
 * @property {string} end_date
 */
/**
 * @typedef {object} Statistics
 * @property {string} reader
 * @property {string[]} readers
 * @property {string} today
 * @property {number[]} known_years newest first
 * @property {string} start_date
 * @property {string} end_date
 * @property {boolean} is_listening_known
 * @property {number} listened_ms
 * @property {{ day_ms: number, week_ms: number, month_ms: number, year_ms: number, all_ms: number }} totals
 * @property {{ current_days: number, longest_days: number, longest_ends_on: string | null }} streaks
 * @property {number | null} pace_ms_per_day
 * @property {Period[]} days
 * @property {Period[]} months
 * @property {number} books_finished
 * @property {{ read: Read, book: Book | null }[]} finished
 * @property {Goal[]} goals
 */

export {};
