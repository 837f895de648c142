--
-- PostgreSQL database dump
--


-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 15.18 (Debian 15.18-0+deb12u1)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: pg_trgm; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA public;


--
-- Name: EXTENSION pg_trgm; Type: COMMENT; Schema: -; Owner: -
--

COMMENT ON EXTENSION pg_trgm IS 'text similarity measurement and index searching based on trigrams';


--
-- Name: audible_can_sync(bigint, boolean, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.audible_can_sync(wanted_account bigint, is_automatic boolean DEFAULT true, now_ms bigint DEFAULT NULL::bigint) RETURNS boolean
    LANGUAGE sql STABLE
    AS $$
    SELECT EXISTS (SELECT FROM audible_config WHERE id = wanted_account)
        AND audible_sync_refusal(wanted_account, is_automatic, now_ms) IS NULL
$$;


--
-- Name: audible_refuse_change(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.audible_refuse_change() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    RAISE EXCEPTION 'the ledger is never changed'
        USING ERRCODE = 'integrity_constraint_violation';
END
$$;


--
-- Name: audible_reset_daily_count(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.audible_reset_daily_count() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
    NEW.sync_count_today := greatest(NEW.sync_count_today - OLD.sync_count_today, 0);
    RETURN NEW;
END
$$;


--
-- Name: audible_sync_refusal(bigint, boolean, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.audible_sync_refusal(wanted_account bigint, is_automatic boolean DEFAULT true, now_ms bigint DEFAULT NULL::bigint) RETURNS text
    LANGUAGE sql STABLE
    AS $$
    SELECT CASE
        WHEN NOT account.enabled THEN 'disabled'
        WHEN is_automatic AND NOT account.auto_sync_progress THEN 'auto_sync_off'
        WHEN account.wait_until > clock.now_ms
            AND account.wait_until <= clock.now_ms + 259200000 THEN 'waiting'
        WHEN account.last_sync_at > clock.now_ms - 900000
            AND account.last_sync_at <= clock.now_ms THEN 'too_soon'
        WHEN account.sync_count_on = clock.today AND account.sync_count_today >= 600
            THEN 'daily_limit'
    END
    FROM audible_config AS account,
    LATERAL (
        SELECT given.now_ms AS now_ms,
               CAST(to_timestamp(given.now_ms / 1000.0)
                    AT TIME ZONE (SELECT time_zone FROM database_owner) AS date
               ) AS today
        FROM (
            SELECT coalesce(
                audible_sync_refusal.now_ms,
                CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)
            ) AS now_ms
        ) AS given
    ) AS clock
    WHERE account.id = wanted_account
$$;


--
-- Name: cleanup_old_audible_sync_logs(integer, bigint); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.cleanup_old_audible_sync_logs(keep_days integer DEFAULT 90, now_ms bigint DEFAULT NULL::bigint) RETURNS bigint
    LANGUAGE sql
    AS $$
    WITH removed AS (
        DELETE FROM audible_sync_logs
        WHERE started_at < coalesce(
            now_ms, CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)
        ) - CAST(keep_days AS bigint) * 86400000
        RETURNING id
    )
    SELECT count(*) FROM removed
$$;


SET default_tablespace = '';

SET default_table_access_method = heap;

--
-- Name: audible_book_mappings; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audible_book_mappings (
    id bigint NOT NULL,
    reader_id bigint NOT NULL,
    asin text NOT NULL,
    account_id bigint,
    book_id bigint,
    audible_title text NOT NULL,
    is_finished boolean,
    last_position_ms bigint,
    last_position_at bigint,
    last_percentage double precision,
    match_confidence double precision,
    match_method text,
    evidence json NOT NULL,
    manually_confirmed boolean DEFAULT false NOT NULL,
    is_ignored boolean DEFAULT false NOT NULL,
    sync_enabled boolean DEFAULT true NOT NULL,
    sync_interval_minutes integer,
    removed_at bigint,
    first_seen_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    restarted_at bigint,
    listening_since bigint
);


--
-- Name: audible_book_mappings_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.audible_book_mappings_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: audible_book_mappings_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.audible_book_mappings_id_seq OWNED BY public.audible_book_mappings.id;


--
-- Name: audible_config; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audible_config (
    id bigint NOT NULL,
    customer_id text NOT NULL,
    marketplace text NOT NULL,
    name text NOT NULL,
    email text,
    encrypted_credentials text,
    default_reader_id bigint NOT NULL,
    enabled boolean DEFAULT true NOT NULL,
    auto_sync_progress boolean DEFAULT true NOT NULL,
    sync_interval_minutes integer DEFAULT 60 NOT NULL,
    last_sync_at bigint,
    sync_count_today integer DEFAULT 0 NOT NULL,
    sync_count_on date,
    wait_until bigint,
    wait_reason text,
    state_token text,
    created_at bigint NOT NULL,
    days_asked_on date,
    purchases_asked_at bigint,
    polled_at bigint
);


--
-- Name: audible_config_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.audible_config_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: audible_config_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.audible_config_id_seq OWNED BY public.audible_config.id;


--
-- Name: audible_config_readers; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audible_config_readers (
    account_id bigint NOT NULL,
    reader_id bigint NOT NULL
);


--
-- Name: audible_conflicts; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audible_conflicts (
    id bigint NOT NULL,
    link_id bigint NOT NULL,
    conflict_type text NOT NULL,
    candidates json NOT NULL,
    resolved boolean DEFAULT false NOT NULL,
    resolver text,
    resolution text,
    resolved_book_id bigint,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    resolved_at bigint
);


--
-- Name: audible_conflicts_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.audible_conflicts_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: audible_conflicts_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.audible_conflicts_id_seq OWNED BY public.audible_conflicts.id;


--
-- Name: audible_titles; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audible_titles (
    account_id bigint NOT NULL,
    asin text NOT NULL,
    fingerprint bigint NOT NULL,
    title text,
    subtitle text,
    authors json NOT NULL,
    narrators json NOT NULL,
    series json NOT NULL,
    runtime_ms bigint,
    language text,
    cover_url text,
    percent_complete double precision,
    is_finished boolean,
    status_changed_at bigint,
    purchased_at bigint,
    content_type text,
    content_delivery_type text,
    is_plus boolean NOT NULL,
    is_consumable boolean,
    codecs json NOT NULL,
    isbn text,
    sku_lite text,
    publisher text,
    year integer,
    format_type text,
    position_ms bigint,
    position_at bigint,
    asked_at bigint,
    acr text,
    version text,
    chapters json,
    first_seen_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    removed_at bigint,
    consumable_until bigint
);


--
-- Name: books; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.books (
    id bigint NOT NULL,
    reader_id bigint NOT NULL,
    title text NOT NULL,
    subtitle text,
    authors json NOT NULL,
    narrators json NOT NULL,
    series json NOT NULL,
    book_type text NOT NULL,
    isbn13 text,
    isbns json NOT NULL,
    asin text,
    publisher text,
    year integer,
    language text,
    page_count integer,
    runtime_ms bigint,
    cover_url text,
    status text NOT NULL,
    current_position_ms bigint,
    percent_complete double precision,
    current_page integer,
    started_on date,
    started_source text,
    finished_on date,
    finished_source text,
    added_on date,
    rating double precision,
    review text,
    private_notes text,
    tags json NOT NULL,
    source text NOT NULL,
    source_key text,
    sync_log_id bigint,
    extra json NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);


--
-- Name: readers; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.readers (
    id bigint NOT NULL,
    name text NOT NULL,
    person text,
    created_at bigint NOT NULL
);


--
-- Name: reads; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.reads (
    id bigint NOT NULL,
    reader_id bigint NOT NULL,
    book_id bigint,
    link_id bigint,
    outcome text NOT NULL,
    started_on date,
    started_source text,
    finished_on date,
    finished_source text,
    finished_at bigint,
    stopped_on date,
    source text NOT NULL,
    sync_log_id bigint,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);


--
-- Name: audible_currently_reading; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.audible_currently_reading AS
 SELECT link.id AS link_id,
    link.reader_id,
    reader.name AS reader_name,
    link.account_id,
    link.asin,
    link.audible_title AS title,
    link.book_id,
    book.title AS book_title,
    book.page_count,
    book.current_page,
    title.runtime_ms,
    link.last_position_ms AS position_ms,
    link.last_percentage AS percentage,
    link.last_position_at AS position_at,
    listening.started_on
   FROM ((((public.audible_book_mappings link
     JOIN public.readers reader ON ((reader.id = link.reader_id)))
     JOIN public.reads listening ON ((listening.id = ( SELECT max(newest.id) AS max
           FROM public.reads newest
          WHERE (newest.link_id = link.id)))))
     LEFT JOIN public.books book ON ((book.id = link.book_id)))
     LEFT JOIN public.audible_titles title ON (((title.account_id = link.account_id) AND (title.asin = link.asin))))
  WHERE ((listening.outcome = 'under_way'::text) AND (link.removed_at IS NULL) AND (link.is_ignored IS FALSE) AND (COALESCE(book.status, 'reading'::text) <> 'paused'::text));


--
-- Name: audible_position_questions; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audible_position_questions (
    account_id bigint NOT NULL,
    asin text NOT NULL,
    reader_id bigint,
    ours_ms bigint NOT NULL,
    ours_at bigint NOT NULL,
    theirs_ms bigint NOT NULL,
    theirs_at bigint NOT NULL,
    created_at bigint NOT NULL
);


--
-- Name: audible_position_writes; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audible_position_writes (
    account_id bigint NOT NULL,
    asin text NOT NULL,
    position_ms bigint NOT NULL,
    heard_at bigint NOT NULL,
    reader_id bigint,
    source text NOT NULL,
    attempts integer DEFAULT 0 NOT NULL,
    try_after bigint,
    known_ms bigint,
    known_at bigint
);


--
-- Name: audible_progress_history; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audible_progress_history (
    id bigint NOT NULL,
    link_id bigint NOT NULL,
    position_ms bigint,
    percentage double precision,
    is_finished boolean,
    source text NOT NULL,
    sync_log_id bigint,
    actor text,
    heard_at bigint,
    recorded_at bigint NOT NULL
);


--
-- Name: audible_progress_history_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.audible_progress_history_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: audible_progress_history_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.audible_progress_history_id_seq OWNED BY public.audible_progress_history.id;


--
-- Name: audible_schema_version; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audible_schema_version (
    version_num character varying(32) NOT NULL
);


--
-- Name: audible_sync_logs; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.audible_sync_logs (
    id bigint NOT NULL,
    account_id bigint,
    sync_type text NOT NULL,
    status text NOT NULL,
    started_at bigint NOT NULL,
    duration_ms bigint NOT NULL,
    error_key text,
    titles_seen integer DEFAULT 0 NOT NULL,
    titles_new integer DEFAULT 0 NOT NULL,
    titles_changed integer DEFAULT 0 NOT NULL,
    titles_removed integer DEFAULT 0 NOT NULL,
    positions_moved integer DEFAULT 0 NOT NULL,
    links_made integer DEFAULT 0 NOT NULL,
    conflicts_made integer DEFAULT 0 NOT NULL,
    books_made integer DEFAULT 0 NOT NULL,
    details json NOT NULL
);


--
-- Name: audible_sync_activity; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.audible_sync_activity AS
 SELECT audible_sync_logs.account_id,
    ((to_timestamp(((audible_sync_logs.started_at / 1000))::double precision) AT TIME ZONE 'UTC'::text))::date AS day_on,
    count(*) AS syncs,
    count(*) FILTER (WHERE (audible_sync_logs.status = 'success'::text)) AS succeeded,
    count(*) FILTER (WHERE (audible_sync_logs.status = 'failed'::text)) AS failed,
    count(*) FILTER (WHERE (audible_sync_logs.status = 'refused'::text)) AS refused,
    (avg(audible_sync_logs.duration_ms))::double precision AS mean_duration_ms,
    sum(audible_sync_logs.titles_changed) AS titles_changed,
    sum(audible_sync_logs.positions_moved) AS positions_moved
   FROM public.audible_sync_logs
  WHERE (audible_sync_logs.started_at >= (((EXTRACT(epoch FROM clock_timestamp()) * (1000)::numeric))::bigint - '2592000000'::bigint))
  GROUP BY audible_sync_logs.account_id, (((to_timestamp(((audible_sync_logs.started_at / 1000))::double precision) AT TIME ZONE 'UTC'::text))::date);


--
-- Name: audible_sync_logs_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.audible_sync_logs_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: audible_sync_logs_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.audible_sync_logs_id_seq OWNED BY public.audible_sync_logs.id;


--
-- Name: audible_sync_stats; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.audible_sync_stats AS
 SELECT account.id AS account_id,
    account.name,
    account.marketplace,
    account.enabled,
    account.last_sync_at,
    lately.succeeded_at,
    lately.failed_at,
        CASE
            WHEN (lately.ended_24h > 0) THEN ((lately.succeeded_24h)::double precision / (lately.ended_24h)::double precision)
            ELSE NULL::double precision
        END AS success_share_24h,
    lately.mean_duration_ms_7d,
    COALESCE(titles.active, (0)::bigint) AS titles_active,
    COALESCE(titles.removed, (0)::bigint) AS titles_removed,
    COALESCE(links.readers, (0)::bigint) AS readers,
    COALESCE(links.linked, (0)::bigint) AS links_made,
    COALESCE(links.confirmed, (0)::bigint) AS links_confirmed,
    COALESCE(links.certain, (0)::bigint) AS confidence_certain,
    COALESCE(links.high, (0)::bigint) AS confidence_high,
    COALESCE(links.low, (0)::bigint) AS confidence_low,
    COALESCE(links.unlinked, (0)::bigint) AS unlinked,
    COALESCE(open_conflicts.number, (0)::bigint) AS conflicts_open
   FROM ((((public.audible_config account
     LEFT JOIN ( SELECT audible_sync_logs.account_id,
            max(audible_sync_logs.started_at) FILTER (WHERE (audible_sync_logs.status = 'success'::text)) AS succeeded_at,
            max(audible_sync_logs.started_at) FILTER (WHERE (audible_sync_logs.status = 'failed'::text)) AS failed_at,
            count(*) FILTER (WHERE ((audible_sync_logs.started_at >= (((EXTRACT(epoch FROM clock_timestamp()) * (1000)::numeric))::bigint - 86400000)) AND (audible_sync_logs.status = ANY (ARRAY['success'::text, 'failed'::text])))) AS ended_24h,
            count(*) FILTER (WHERE ((audible_sync_logs.started_at >= (((EXTRACT(epoch FROM clock_timestamp()) * (1000)::numeric))::bigint - 86400000)) AND (audible_sync_logs.status = 'success'::text))) AS succeeded_24h,
            (avg(audible_sync_logs.duration_ms) FILTER (WHERE ((audible_sync_logs.started_at >= (((EXTRACT(epoch FROM clock_timestamp()) * (1000)::numeric))::bigint - 604800000)) AND (audible_sync_logs.status = 'success'::text))))::double precision AS mean_duration_ms_7d
           FROM public.audible_sync_logs
          GROUP BY audible_sync_logs.account_id) lately ON ((lately.account_id = account.id)))
     LEFT JOIN ( SELECT audible_titles.account_id,
            count(*) FILTER (WHERE (audible_titles.removed_at IS NULL)) AS active,
            count(*) FILTER (WHERE (audible_titles.removed_at IS NOT NULL)) AS removed
           FROM public.audible_titles
          GROUP BY audible_titles.account_id) titles ON ((titles.account_id = account.id)))
     LEFT JOIN ( SELECT audible_book_mappings.account_id,
            count(DISTINCT audible_book_mappings.reader_id) AS readers,
            count(audible_book_mappings.book_id) AS linked,
            count(*) FILTER (WHERE audible_book_mappings.manually_confirmed) AS confirmed,
            count(*) FILTER (WHERE ((audible_book_mappings.book_id IS NOT NULL) AND (audible_book_mappings.match_confidence >= (0.995)::double precision))) AS certain,
            count(*) FILTER (WHERE ((audible_book_mappings.book_id IS NOT NULL) AND (audible_book_mappings.match_confidence >= (0.85)::double precision) AND (audible_book_mappings.match_confidence < (0.995)::double precision))) AS high,
            count(*) FILTER (WHERE ((audible_book_mappings.book_id IS NOT NULL) AND (audible_book_mappings.match_confidence < (0.85)::double precision))) AS low,
            count(*) FILTER (WHERE ((audible_book_mappings.book_id IS NULL) AND (NOT audible_book_mappings.is_ignored))) AS unlinked
           FROM public.audible_book_mappings
          GROUP BY audible_book_mappings.account_id) links ON ((links.account_id = account.id)))
     LEFT JOIN ( SELECT link.account_id,
            count(*) AS number
           FROM (public.audible_conflicts conflict
             JOIN public.audible_book_mappings link ON ((link.id = conflict.link_id)))
          WHERE (conflict.resolved IS FALSE)
          GROUP BY link.account_id) open_conflicts ON ((open_conflicts.account_id = account.id)));


--
-- Name: audible_unmapped_books; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.audible_unmapped_books AS
 SELECT link.id AS link_id,
    link.reader_id,
    link.account_id,
    link.asin,
    link.audible_title AS title,
    link.first_seen_at,
    link.removed_at,
    conflict.id AS conflict_id,
    conflict.conflict_type
   FROM (public.audible_book_mappings link
     LEFT JOIN public.audible_conflicts conflict ON (((conflict.link_id = link.id) AND (conflict.resolved IS FALSE))))
  WHERE ((link.book_id IS NULL) AND (link.is_ignored IS FALSE));


--
-- Name: bookmarks; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.bookmarks (
    id bigint NOT NULL,
    link_id bigint NOT NULL,
    source text NOT NULL,
    source_key text NOT NULL,
    position_ms bigint NOT NULL,
    note text NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL,
    sync_log_id bigint
);


--
-- Name: bookmarks_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.bookmarks_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: bookmarks_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.bookmarks_id_seq OWNED BY public.bookmarks.id;


--
-- Name: books_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.books_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: books_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.books_id_seq OWNED BY public.books.id;


--
-- Name: database_owner; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.database_owner (
    id integer NOT NULL,
    owner text NOT NULL,
    time_zone text NOT NULL,
    CONSTRAINT ck_database_owner_one CHECK ((id = 1))
);


--
-- Name: database_owner_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.database_owner_id_seq
    AS integer
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: database_owner_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.database_owner_id_seq OWNED BY public.database_owner.id;


--
-- Name: goals; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.goals (
    id bigint NOT NULL,
    reader_id bigint NOT NULL,
    kind text NOT NULL,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    target integer NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);


--
-- Name: goals_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.goals_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: goals_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.goals_id_seq OWNED BY public.goals.id;


--
-- Name: listening_days; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.listening_days (
    account_id bigint NOT NULL,
    identifier text NOT NULL,
    day_on date NOT NULL,
    listened_ms bigint NOT NULL,
    updated_at bigint NOT NULL,
    reader_id bigint
);


--
-- Name: readers_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.readers_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: readers_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.readers_id_seq OWNED BY public.readers.id;


--
-- Name: reads_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.reads_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: reads_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.reads_id_seq OWNED BY public.reads.id;


--
-- Name: series_releases; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.series_releases (
    account_id bigint NOT NULL,
    asin text NOT NULL,
    series text NOT NULL,
    title text NOT NULL,
    authors json NOT NULL,
    release_on date NOT NULL,
    seen_at bigint NOT NULL
);


--
-- Name: tracker_events; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.tracker_events (
    event_id text NOT NULL,
    event_type text NOT NULL,
    account_id bigint,
    reader_id bigint,
    asin text,
    book_id bigint,
    created_at bigint NOT NULL,
    data json NOT NULL,
    once_key text,
    sync_log_id bigint,
    published_at bigint
);


--
-- Name: up_next; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.up_next (
    id bigint NOT NULL,
    reader_id bigint NOT NULL,
    title text NOT NULL,
    note text NOT NULL,
    place integer NOT NULL,
    is_done boolean DEFAULT false NOT NULL,
    created_at bigint NOT NULL,
    updated_at bigint NOT NULL
);


--
-- Name: up_next_id_seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.up_next_id_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: up_next_id_seq; Type: SEQUENCE OWNED BY; Schema: public; Owner: -
--

ALTER SEQUENCE public.up_next_id_seq OWNED BY public.up_next.id;


--
-- Name: wishlist; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.wishlist (
    account_id bigint NOT NULL,
    asin text NOT NULL,
    title text NOT NULL,
    authors json NOT NULL,
    release_on date,
    added_at bigint,
    seen_at bigint NOT NULL
);


--
-- Name: audible_book_mappings id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audible_book_mappings ALTER COLUMN id SET DEFAULT nextval('public.audible_book_mappings_id_seq'::regclass);


--
-- Name: audible_config id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audible_config ALTER COLUMN id SET DEFAULT nextval('public.audible_config_id_seq'::regclass);


--
-- Name: audible_conflicts id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audible_conflicts ALTER COLUMN id SET DEFAULT nextval('public.audible_conflicts_id_seq'::regclass);


--
-- Name: audible_progress_history id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audible_progress_history ALTER COLUMN id SET DEFAULT nextval('public.audible_progress_history_id_seq'::regclass);


--
-- Name: audible_sync_logs id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audible_sync_logs ALTER COLUMN id SET DEFAULT nextval('public.audible_sync_logs_id_seq'::regclass);


--
-- Name: bookmarks id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.bookmarks ALTER COLUMN id SET DEFAULT nextval('public.bookmarks_id_seq'::regclass);


--
-- Name: books id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.books ALTER COLUMN id SET DEFAULT nextval('public.books_id_seq'::regclass);


--
-- Name: database_owner id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.database_owner ALTER COLUMN id SET DEFAULT nextval('public.database_owner_id_seq'::regclass);


--
-- Name: goals id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.goals ALTER COLUMN id SET DEFAULT nextval('public.goals_id_seq'::regclass);


--
-- Name: readers id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.readers ALTER COLUMN id SET DEFAULT nextval('public.readers_id_seq'::regclass);


--
-- Name: reads id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.reads ALTER COLUMN id SET DEFAULT nextval('public.reads_id_seq'::regclass);


--
-- Name: up_next id; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.up_next ALTER COLUMN id SET DEFAULT nextval('public.up_next_id_seq'::regclass);


--
-- Data for Name: audible_book_mappings; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.audible_book_mappings VALUES (1, 1, 'B000000001', 1, 1, 'The Lantern Keeper, Night 1', NULL, NULL, NULL, NULL, 1, NULL, '[]', false, false, true, NULL, NULL, 1795199400000, 1795199400000, NULL, NULL);
INSERT INTO public.audible_book_mappings VALUES (2, 1, 'B000000002', 1, NULL, 'The Lantern Keeper, Night 2', NULL, NULL, NULL, NULL, NULL, NULL, '[]', false, false, true, NULL, NULL, 1795199400000, 1795199400000, NULL, NULL);


--
-- Data for Name: audible_config; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.audible_config VALUES (1, 'amzn1.account.TEST', 'de', 'Anna', 'anna@example.invalid', 'gAAAAABrDMut3xQq_VzytzQogemgkjCQ9puTTVOBuRdx-o9aZGJGF-MazF-v_oHphdaNXA4ANPh5fIFeWuec3YKGHlwDrcEnqA==', 1, true, true, 60, 1795199400000, 1, '2026-11-20', NULL, NULL, 'token', 1795199400000, NULL, NULL, NULL);


--
-- Data for Name: audible_config_readers; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.audible_config_readers VALUES (1, 1);


--
-- Data for Name: audible_conflicts; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.audible_conflicts VALUES (1, 2, 'no_match', '[]', false, NULL, NULL, NULL, 1795199400000, 1795199400000, NULL);


--
-- Data for Name: audible_position_questions; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: audible_position_writes; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: audible_progress_history; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.audible_progress_history VALUES (1, 1, 5000, 0.1, false, 'audible', 1, NULL, 1795199400000, 1795199400000);
INSERT INTO public.audible_progress_history VALUES (2, 2, 0, NULL, NULL, 'audible', 1, NULL, NULL, 1795199400000);


--
-- Data for Name: audible_schema_version; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.audible_schema_version VALUES ('0009');


--
-- Data for Name: audible_sync_logs; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.audible_sync_logs VALUES (1, 1, 'library', 'success', 1795199400000, 1500, NULL, 0, 2, 0, 0, 0, 0, 0, 0, '{}');


--
-- Data for Name: audible_titles; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.audible_titles VALUES (1, 'B000000002', -8494386246196083813, 'The Lantern Keeper, Night 2', 'A Novel', '["Jane \u00d6berg", "John Roe - translator"]', '["A. Reader"]', '[["Lanterns", "2.5"]]', 36000002, 'german', 'https://images.invalid/2.jpg', 2, false, 1795199280000, 1795113000000, 'Product', 'SinglePartBook', false, true, '["aax_44_128"]', '9783161484100', 'BK_TEST_000002', 'Test House', 2020, 'unabridged', NULL, NULL, NULL, NULL, NULL, NULL, 1795199400000, 1795199400000, NULL, NULL);
INSERT INTO public.audible_titles VALUES (1, 'B000000003', 8015671376002144586, 'The Lantern Keeper, Night 3', 'A Novel', '["Jane \u00d6berg", "John Roe - translator"]', '["A. Reader"]', '[["Lanterns", "3.5"]]', 36000003, 'german', 'https://images.invalid/3.jpg', 3, true, 1795199220000, 1795113000000, 'Product', 'SinglePartBook', false, true, '["aax_44_128"]', '9783161484100', 'BK_TEST_000003', 'Test House', 2020, 'unabridged', NULL, NULL, NULL, NULL, NULL, NULL, 1795199400000, 1795199400000, 1795199400000, NULL);
INSERT INTO public.audible_titles VALUES (1, 'B000000001', 742931631021343004, 'The Lantern Keeper, Night 1', 'A Novel', '["Jane \u00d6berg", "John Roe - translator"]', '["A. Reader"]', '[["Lanterns", "1.5"]]', 36000001, 'german', 'https://images.invalid/1.jpg', 1, false, 1795199340000, 1795113000000, 'Product', 'SinglePartBook', false, true, '["aax_44_128"]', '9783161484100', 'BK_TEST_000001', 'Test House', 2020, 'unabridged', 5000, 1795199400000, NULL, NULL, NULL, NULL, 1795199400000, 1795199400000, NULL, NULL);


--
-- Data for Name: bookmarks; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: books; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.books VALUES (1, 1, 'The Lantern Keeper', NULL, '["Jane \u00d6berg"]', '[]', '[]', 'audiobook', NULL, '[]', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 'reading', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '[]', 'audible', NULL, 1, '{}', 1795199400000, 1795199400000);


--
-- Data for Name: database_owner; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: goals; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: listening_days; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: readers; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.readers VALUES (1, 'Anna', 'person.anna', 1795199400000);


--
-- Data for Name: reads; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.reads VALUES (1, 1, 1, 1, 'under_way', NULL, NULL, NULL, NULL, NULL, NULL, 'user', 1, 1795199400000, 1795199400000);


--
-- Data for Name: series_releases; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: tracker_events; Type: TABLE DATA; Schema: public; Owner: -
--

INSERT INTO public.tracker_events VALUES ('event-1', 'book_started', 1, 1, 'B000000001', 1, 1795199400000, '{}', NULL, 1, NULL);


--
-- Data for Name: up_next; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Data for Name: wishlist; Type: TABLE DATA; Schema: public; Owner: -
--



--
-- Name: audible_book_mappings_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.audible_book_mappings_id_seq', 2, true);


--
-- Name: audible_config_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.audible_config_id_seq', 1, true);


--
-- Name: audible_conflicts_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.audible_conflicts_id_seq', 1, true);


--
-- Name: audible_progress_history_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.audible_progress_history_id_seq', 2, true);


--
-- Name: audible_sync_logs_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.audible_sync_logs_id_seq', 1, true);


--
-- Name: bookmarks_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.bookmarks_id_seq', 1, false);


--
-- Name: books_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.books_id_seq', 1, true);


--
-- Name: database_owner_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.database_owner_id_seq', 1, false);


--
-- Name: goals_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.goals_id_seq', 1, false);


--
-- Name: readers_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.readers_id_seq', 1, true);


--
-- Name: reads_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.reads_id_seq', 1, true);


--
-- Name: up_next_id_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.up_next_id_seq', 1, false);


--
-- Name: audible_schema_version audible_schema_version_pkc; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audible_schema_version
    ADD CONSTRAINT audible_schema_version_pkc PRIMARY KEY (version_num);


--
-- Name: audible_book_mappings pk_audible_book_mappings; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audible_book_mappings
    ADD CONSTRAINT pk_audible_book_mappings PRIMARY KEY (id);


--
-- Name: audible_config pk_audible_config; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audible_config
    ADD CONSTRAINT pk_audible_config PRIMARY KEY (id);


--
-- Name: audible_config_readers pk_audible_config_readers; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audible_config_readers
    ADD CONSTRAINT pk_audible_config_readers PRIMARY KEY (account_id, reader_id);


--
-- Name: audible_conflicts pk_audible_conflicts; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audible_conflicts
    ADD CONSTRAINT pk_audible_conflicts PRIMARY KEY (id);


--
-- Name: audible_position_questions pk_audible_position_questions; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audible_position_questions
    ADD CONSTRAINT pk_audible_position_questions PRIMARY KEY (account_id, asin);


--
-- Name: audible_position_writes pk_audible_position_writes; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audible_position_writes
    ADD CONSTRAINT pk_audible_position_writes PRIMARY KEY (account_id, asin);


--
-- Name: audible_progress_history pk_audible_progress_history; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audible_progress_history
    ADD CONSTRAINT pk_audible_progress_history PRIMARY KEY (id);


--
-- Name: audible_sync_logs pk_audible_sync_logs; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audible_sync_logs
    ADD CONSTRAINT pk_audible_sync_logs PRIMARY KEY (id);


--
-- Name: audible_titles pk_audible_titles; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audible_titles
    ADD CONSTRAINT pk_audible_titles PRIMARY KEY (account_id, asin);


--
-- Name: bookmarks pk_bookmarks; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.bookmarks
    ADD CONSTRAINT pk_bookmarks PRIMARY KEY (id);


--
-- Name: books pk_books; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.books
    ADD CONSTRAINT pk_books PRIMARY KEY (id);


--
-- Name: database_owner pk_database_owner; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.database_owner
    ADD CONSTRAINT pk_database_owner PRIMARY KEY (id);


--
-- Name: goals pk_goals; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.goals
    ADD CONSTRAINT pk_goals PRIMARY KEY (id);


--
-- Name: listening_days pk_listening_days; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.listening_days
    ADD CONSTRAINT pk_listening_days PRIMARY KEY (account_id, identifier);


--
-- Name: readers pk_readers; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.readers
    ADD CONSTRAINT pk_readers PRIMARY KEY (id);


--
-- Name: reads pk_reads; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.reads
    ADD CONSTRAINT pk_reads PRIMARY KEY (id);


--
-- Name: series_releases pk_series_releases; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.series_releases
    ADD CONSTRAINT pk_series_releases PRIMARY KEY (account_id, asin);


--
-- Name: tracker_events pk_tracker_events; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tracker_events
    ADD CONSTRAINT pk_tracker_events PRIMARY KEY (event_id);


--
-- Name: up_next pk_up_next; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.up_next
    ADD CONSTRAINT pk_up_next PRIMARY KEY (id);


--
-- Name: wishlist pk_wishlist; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.wishlist
    ADD CONSTRAINT pk_wishlist PRIMARY KEY (account_id, asin);


--
-- Name: audible_book_mappings uq_audible_book_mappings_reader_id_asin; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audible_book_mappings
    ADD CONSTRAINT uq_audible_book_mappings_reader_id_asin UNIQUE (reader_id, asin);


--
-- Name: audible_config uq_audible_config_customer_id_marketplace; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audible_config
    ADD CONSTRAINT uq_audible_config_customer_id_marketplace UNIQUE (customer_id, marketplace);


--
-- Name: bookmarks uq_bookmarks_link_id_source_source_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.bookmarks
    ADD CONSTRAINT uq_bookmarks_link_id_source_source_key UNIQUE (link_id, source, source_key);


--
-- Name: goals uq_goals_reader_id_kind_starts_on_ends_on; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.goals
    ADD CONSTRAINT uq_goals_reader_id_kind_starts_on_ends_on UNIQUE (reader_id, kind, starts_on, ends_on);


--
-- Name: readers uq_readers_name; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.readers
    ADD CONSTRAINT uq_readers_name UNIQUE (name);


--
-- Name: tracker_events uq_tracker_events_once_key; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tracker_events
    ADD CONSTRAINT uq_tracker_events_once_key UNIQUE (once_key);


--
-- Name: ix_audible_book_mappings_account_id_asin; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audible_book_mappings_account_id_asin ON public.audible_book_mappings USING btree (account_id, asin);


--
-- Name: ix_audible_book_mappings_account_id_last_position_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audible_book_mappings_account_id_last_position_at ON public.audible_book_mappings USING btree (account_id, last_position_at);


--
-- Name: ix_audible_book_mappings_asin; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audible_book_mappings_asin ON public.audible_book_mappings USING btree (asin);


--
-- Name: ix_audible_book_mappings_book_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audible_book_mappings_book_id ON public.audible_book_mappings USING btree (book_id);


--
-- Name: ix_audible_book_mappings_with_setting; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audible_book_mappings_with_setting ON public.audible_book_mappings USING btree (account_id) WHERE ((sync_enabled IS FALSE) OR (sync_interval_minutes IS NOT NULL));


--
-- Name: ix_audible_config_default_reader_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audible_config_default_reader_id ON public.audible_config USING btree (default_reader_id);


--
-- Name: ix_audible_config_readers_reader_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audible_config_readers_reader_id ON public.audible_config_readers USING btree (reader_id);


--
-- Name: ix_audible_conflicts_link_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audible_conflicts_link_id ON public.audible_conflicts USING btree (link_id);


--
-- Name: ix_audible_conflicts_resolved_book_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audible_conflicts_resolved_book_id ON public.audible_conflicts USING btree (resolved_book_id);


--
-- Name: ix_audible_position_questions_reader_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audible_position_questions_reader_id ON public.audible_position_questions USING btree (reader_id);


--
-- Name: ix_audible_position_writes_reader_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audible_position_writes_reader_id ON public.audible_position_writes USING btree (reader_id);


--
-- Name: ix_audible_progress_history_link_id_recorded_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audible_progress_history_link_id_recorded_at ON public.audible_progress_history USING btree (link_id, recorded_at);


--
-- Name: ix_audible_sync_logs_account_id_started_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audible_sync_logs_account_id_started_at ON public.audible_sync_logs USING btree (account_id, started_at);


--
-- Name: ix_audible_sync_logs_started_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audible_sync_logs_started_at ON public.audible_sync_logs USING btree (started_at);


--
-- Name: ix_audible_sync_logs_status; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audible_sync_logs_status ON public.audible_sync_logs USING btree (status);


--
-- Name: ix_audible_titles_asin; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audible_titles_asin ON public.audible_titles USING btree (asin);


--
-- Name: ix_audible_titles_sku_lite; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_audible_titles_sku_lite ON public.audible_titles USING btree (sku_lite);


--
-- Name: ix_bookmarks_sync_log_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_bookmarks_sync_log_id ON public.bookmarks USING btree (sync_log_id);


--
-- Name: ix_books_asin; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_books_asin ON public.books USING btree (asin);


--
-- Name: ix_books_isbn13; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_books_isbn13 ON public.books USING btree (isbn13);


--
-- Name: ix_books_reader_id_status; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_books_reader_id_status ON public.books USING btree (reader_id, status);


--
-- Name: ix_books_sync_log_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_books_sync_log_id ON public.books USING btree (sync_log_id);


--
-- Name: ix_books_title_trigram; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_books_title_trigram ON public.books USING gin (title public.gin_trgm_ops);


--
-- Name: ix_listening_days_account_id_day_on; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_listening_days_account_id_day_on ON public.listening_days USING btree (account_id, day_on);


--
-- Name: ix_reads_book_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_reads_book_id ON public.reads USING btree (book_id);


--
-- Name: ix_reads_link_id_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_reads_link_id_id ON public.reads USING btree (link_id, id);


--
-- Name: ix_reads_reader_id_finished_on; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_reads_reader_id_finished_on ON public.reads USING btree (reader_id, finished_on);


--
-- Name: ix_reads_sync_log_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_reads_sync_log_id ON public.reads USING btree (sync_log_id);


--
-- Name: ix_tracker_events_account_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_tracker_events_account_id ON public.tracker_events USING btree (account_id);


--
-- Name: ix_tracker_events_asin_event_type_created_at; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_tracker_events_asin_event_type_created_at ON public.tracker_events USING btree (asin, event_type, created_at DESC);


--
-- Name: ix_tracker_events_book_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_tracker_events_book_id ON public.tracker_events USING btree (book_id);


--
-- Name: ix_tracker_events_reader_id; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_tracker_events_reader_id ON public.tracker_events USING btree (reader_id);


--
-- Name: ix_tracker_events_unpublished; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_tracker_events_unpublished ON public.tracker_events USING btree (created_at) WHERE (published_at IS NULL);


--
-- Name: ix_up_next_reader_id_place; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix_up_next_reader_id_place ON public.up_next USING btree (reader_id, place);


--
-- Name: uq_audible_conflicts_unresolved; Type: INDEX; Schema: public; Owner: -
--

CREATE UNIQUE INDEX uq_audible_conflicts_unresolved ON public.audible_conflicts USING btree (link_id) WHERE (resolved IS FALSE);


--
-- Name: audible_config audible_config_daily_reset; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER audible_config_daily_reset BEFORE UPDATE OF sync_count_on ON public.audible_config FOR EACH ROW WHEN ((old.sync_count_on IS DISTINCT FROM new.sync_count_on)) EXECUTE FUNCTION public.audible_reset_daily_count();


--
-- Name: audible_progress_history audible_progress_history_no_change; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER audible_progress_history_no_change BEFORE DELETE OR UPDATE OR TRUNCATE ON public.audible_progress_history FOR EACH STATEMENT EXECUTE FUNCTION public.audible_refuse_change();


--
-- Name: audible_book_mappings fk_audible_book_mappings_account_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audible_book_mappings
    ADD CONSTRAINT fk_audible_book_mappings_account_id FOREIGN KEY (account_id) REFERENCES public.audible_config(id) ON DELETE SET NULL;


--
-- Name: audible_book_mappings fk_audible_book_mappings_book_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audible_book_mappings
    ADD CONSTRAINT fk_audible_book_mappings_book_id FOREIGN KEY (book_id) REFERENCES public.books(id) ON DELETE SET NULL;


--
-- Name: audible_book_mappings fk_audible_book_mappings_reader_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audible_book_mappings
    ADD CONSTRAINT fk_audible_book_mappings_reader_id FOREIGN KEY (reader_id) REFERENCES public.readers(id);


--
-- Name: audible_config fk_audible_config_default_reader_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audible_config
    ADD CONSTRAINT fk_audible_config_default_reader_id FOREIGN KEY (default_reader_id) REFERENCES public.readers(id);


--
-- Name: audible_config_readers fk_audible_config_readers_account_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audible_config_readers
    ADD CONSTRAINT fk_audible_config_readers_account_id FOREIGN KEY (account_id) REFERENCES public.audible_config(id) ON DELETE CASCADE;


--
-- Name: audible_config_readers fk_audible_config_readers_reader_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audible_config_readers
    ADD CONSTRAINT fk_audible_config_readers_reader_id FOREIGN KEY (reader_id) REFERENCES public.readers(id) ON DELETE CASCADE;


--
-- Name: audible_conflicts fk_audible_conflicts_link_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audible_conflicts
    ADD CONSTRAINT fk_audible_conflicts_link_id FOREIGN KEY (link_id) REFERENCES public.audible_book_mappings(id) ON DELETE CASCADE;


--
-- Name: audible_conflicts fk_audible_conflicts_resolved_book_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audible_conflicts
    ADD CONSTRAINT fk_audible_conflicts_resolved_book_id FOREIGN KEY (resolved_book_id) REFERENCES public.books(id) ON DELETE SET NULL;


--
-- Name: audible_position_questions fk_audible_position_questions_account_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audible_position_questions
    ADD CONSTRAINT fk_audible_position_questions_account_id FOREIGN KEY (account_id) REFERENCES public.audible_config(id) ON DELETE CASCADE;


--
-- Name: audible_position_questions fk_audible_position_questions_reader_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audible_position_questions
    ADD CONSTRAINT fk_audible_position_questions_reader_id FOREIGN KEY (reader_id) REFERENCES public.readers(id) ON DELETE SET NULL;


--
-- Name: audible_position_writes fk_audible_position_writes_account_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audible_position_writes
    ADD CONSTRAINT fk_audible_position_writes_account_id FOREIGN KEY (account_id) REFERENCES public.audible_config(id) ON DELETE CASCADE;


--
-- Name: audible_position_writes fk_audible_position_writes_reader_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audible_position_writes
    ADD CONSTRAINT fk_audible_position_writes_reader_id FOREIGN KEY (reader_id) REFERENCES public.readers(id) ON DELETE SET NULL;


--
-- Name: audible_progress_history fk_audible_progress_history_link_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audible_progress_history
    ADD CONSTRAINT fk_audible_progress_history_link_id FOREIGN KEY (link_id) REFERENCES public.audible_book_mappings(id);


--
-- Name: audible_sync_logs fk_audible_sync_logs_account_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audible_sync_logs
    ADD CONSTRAINT fk_audible_sync_logs_account_id FOREIGN KEY (account_id) REFERENCES public.audible_config(id) ON DELETE SET NULL;


--
-- Name: audible_titles fk_audible_titles_account_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.audible_titles
    ADD CONSTRAINT fk_audible_titles_account_id FOREIGN KEY (account_id) REFERENCES public.audible_config(id) ON DELETE CASCADE;


--
-- Name: bookmarks fk_bookmarks_link_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.bookmarks
    ADD CONSTRAINT fk_bookmarks_link_id FOREIGN KEY (link_id) REFERENCES public.audible_book_mappings(id) ON DELETE CASCADE;


--
-- Name: books fk_books_reader_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.books
    ADD CONSTRAINT fk_books_reader_id FOREIGN KEY (reader_id) REFERENCES public.readers(id);


--
-- Name: goals fk_goals_reader_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.goals
    ADD CONSTRAINT fk_goals_reader_id FOREIGN KEY (reader_id) REFERENCES public.readers(id) ON DELETE CASCADE;


--
-- Name: listening_days fk_listening_days_account_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.listening_days
    ADD CONSTRAINT fk_listening_days_account_id FOREIGN KEY (account_id) REFERENCES public.audible_config(id) ON DELETE CASCADE;


--
-- Name: listening_days fk_listening_days_reader_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.listening_days
    ADD CONSTRAINT fk_listening_days_reader_id FOREIGN KEY (reader_id) REFERENCES public.readers(id);


--
-- Name: reads fk_reads_book_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.reads
    ADD CONSTRAINT fk_reads_book_id FOREIGN KEY (book_id) REFERENCES public.books(id) ON DELETE SET NULL;


--
-- Name: reads fk_reads_link_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.reads
    ADD CONSTRAINT fk_reads_link_id FOREIGN KEY (link_id) REFERENCES public.audible_book_mappings(id) ON DELETE SET NULL;


--
-- Name: reads fk_reads_reader_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.reads
    ADD CONSTRAINT fk_reads_reader_id FOREIGN KEY (reader_id) REFERENCES public.readers(id);


--
-- Name: series_releases fk_series_releases_account_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.series_releases
    ADD CONSTRAINT fk_series_releases_account_id FOREIGN KEY (account_id) REFERENCES public.audible_config(id) ON DELETE CASCADE;


--
-- Name: tracker_events fk_tracker_events_account_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tracker_events
    ADD CONSTRAINT fk_tracker_events_account_id FOREIGN KEY (account_id) REFERENCES public.audible_config(id) ON DELETE SET NULL;


--
-- Name: tracker_events fk_tracker_events_book_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tracker_events
    ADD CONSTRAINT fk_tracker_events_book_id FOREIGN KEY (book_id) REFERENCES public.books(id) ON DELETE SET NULL;


--
-- Name: tracker_events fk_tracker_events_reader_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.tracker_events
    ADD CONSTRAINT fk_tracker_events_reader_id FOREIGN KEY (reader_id) REFERENCES public.readers(id) ON DELETE SET NULL;


--
-- Name: up_next fk_up_next_reader_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.up_next
    ADD CONSTRAINT fk_up_next_reader_id FOREIGN KEY (reader_id) REFERENCES public.readers(id) ON DELETE CASCADE;


--
-- Name: wishlist fk_wishlist_account_id; Type: FK CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.wishlist
    ADD CONSTRAINT fk_wishlist_account_id FOREIGN KEY (account_id) REFERENCES public.audible_config(id) ON DELETE CASCADE;


--
-- PostgreSQL database dump complete
--


