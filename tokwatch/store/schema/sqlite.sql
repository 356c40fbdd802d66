CREATE TABLE agent (
    workspace INTEGER NOT NULL,
    source TEXT DEFAULT '' NOT NULL,
    session TEXT DEFAULT '' NOT NULL,
    agent TEXT DEFAULT '' NOT NULL,
    kind TEXT DEFAULT '' NOT NULL,
    parent TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (workspace, source, session, agent)
);
CREATE TABLE alert (
    id INTEGER NOT NULL,
    workspace INTEGER NOT NULL,
    rule TEXT DEFAULT '' NOT NULL,
    subject TEXT DEFAULT '' NOT NULL,
    severity TEXT DEFAULT '' NOT NULL,
    opened_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    closed_ms INTEGER,
    acknowledged_ms INTEGER,
    snoozed_until_ms INTEGER,
    clear_since_ms INTEGER,
    value DOUBLE PRECISION NOT NULL,
    worst DOUBLE PRECISION NOT NULL,
    threshold DOUBLE PRECISION NOT NULL,
    times INTEGER NOT NULL,
    title TEXT DEFAULT '' NOT NULL,
    user_name TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX ix_alert_updated ON alert (workspace, updated_ms);
CREATE UNIQUE INDEX ux_alert_open ON alert (workspace, rule, subject) WHERE closed_ms IS NULL;
CREATE TABLE alert_delivery (
    id INTEGER NOT NULL,
    workspace INTEGER NOT NULL,
    alert INTEGER NOT NULL,
    channel TEXT DEFAULT '' NOT NULL,
    state TEXT DEFAULT '' NOT NULL,
    tries INTEGER NOT NULL,
    asked_ms INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    error TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ux_alert_delivery ON alert_delivery (workspace, alert, channel, asked_ms);
CREATE TABLE alert_event (
    alert INTEGER NOT NULL,
    place INTEGER NOT NULL,
    workspace INTEGER NOT NULL,
    "key" INTEGER NOT NULL,
    PRIMARY KEY (alert, place)
)
 WITHOUT ROWID;
CREATE TABLE block (
    strand INTEGER NOT NULL,
    number INTEGER NOT NULL,
    workspace INTEGER NOT NULL,
    instant_ms INTEGER NOT NULL,
    part TEXT DEFAULT '' NOT NULL,
    tool TEXT DEFAULT '' NOT NULL,
    chars INTEGER NOT NULL,
    tokens INTEGER NOT NULL,
    digest INTEGER NOT NULL,
    subject INTEGER NOT NULL,
    call INTEGER NOT NULL,
    is_error SMALLINT NOT NULL,
    request INTEGER NOT NULL,
    offset_bytes INTEGER NOT NULL,
    sketch INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (strand, number)
)
 WITHOUT ROWID;
CREATE TABLE calibration (
    workspace INTEGER NOT NULL,
    user_name TEXT DEFAULT '' NOT NULL,
    model TEXT DEFAULT '' NOT NULL,
    kind TEXT DEFAULT '' NOT NULL,
    encoding TEXT DEFAULT '' NOT NULL,
    a DOUBLE PRECISION NOT NULL,
    b DOUBLE PRECISION NOT NULL,
    pairs INTEGER NOT NULL,
    dropped INTEGER NOT NULL,
    sessions INTEGER NOT NULL,
    error DOUBLE PRECISION NOT NULL,
    p90 DOUBLE PRECISION NOT NULL,
    raw_error DOUBLE PRECISION NOT NULL,
    fitted_ms INTEGER NOT NULL,
    PRIMARY KEY (workspace, user_name, model, kind, encoding)
)
 WITHOUT ROWID;
CREATE TABLE card (
    workspace INTEGER NOT NULL,
    model INTEGER NOT NULL,
    since_ms INTEGER NOT NULL,
    above_tokens INTEGER NOT NULL,
    until_ms INTEGER NOT NULL,
    upto_tokens INTEGER NOT NULL,
    input INTEGER NOT NULL,
    cache_read INTEGER NOT NULL,
    cache_write_5m INTEGER NOT NULL,
    cache_write_1h INTEGER NOT NULL,
    output INTEGER NOT NULL,
    web_search INTEGER NOT NULL,
    source TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (workspace, model, since_ms, above_tokens)
);
CREATE TABLE compaction (
    strand INTEGER NOT NULL,
    offset_bytes INTEGER NOT NULL,
    workspace INTEGER NOT NULL,
    instant_ms INTEGER NOT NULL,
    before_tokens INTEGER,
    after_tokens INTEGER,
    cause TEXT DEFAULT '' NOT NULL,
    keeps_from INTEGER,
    PRIMARY KEY (strand, offset_bytes)
)
 WITHOUT ROWID;
CREATE INDEX ix_compaction_instant ON compaction (workspace, instant_ms);
CREATE TABLE compression_run (
    id INTEGER NOT NULL,
    workspace INTEGER NOT NULL,
    user_name TEXT DEFAULT '' NOT NULL,
    at_ms INTEGER NOT NULL,
    origin TEXT DEFAULT '' NOT NULL,
    model TEXT DEFAULT '' NOT NULL,
    stages TEXT DEFAULT '' NOT NULL,
    "before" INTEGER NOT NULL,
    "after" INTEGER NOT NULL,
    budget INTEGER,
    accepted INTEGER NOT NULL,
    rejected INTEGER NOT NULL,
    ms INTEGER NOT NULL,
    failure TEXT DEFAULT '' NOT NULL,
    summary_nano INTEGER,
    PRIMARY KEY (id)
);
CREATE INDEX ix_compression_run_at ON compression_run (workspace, at_ms);
CREATE TABLE copy (
    workspace INTEGER NOT NULL,
    instant_ms INTEGER NOT NULL,
    first_ms INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    model INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    input INTEGER,
    cache_read INTEGER,
    cache_write_5m INTEGER,
    cache_write_1h INTEGER,
    output INTEGER,
    reasoning INTEGER,
    web_searches INTEGER NOT NULL,
    logged_nano INTEGER,
    window_tokens INTEGER,
    grade SMALLINT NOT NULL,
    final SMALLINT NOT NULL,
    copied SMALLINT NOT NULL,
    offset_bytes INTEGER NOT NULL,
    "key" INTEGER NOT NULL,
    log INTEGER NOT NULL,
    PRIMARY KEY ("key", log)
);
CREATE INDEX ix_copy_log ON copy (log);
CREATE TABLE day (
    events INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    input INTEGER NOT NULL,
    cache_read INTEGER NOT NULL,
    cache_write_5m INTEGER NOT NULL,
    cache_write_1h INTEGER NOT NULL,
    output INTEGER NOT NULL,
    reasoning INTEGER NOT NULL,
    web_searches INTEGER NOT NULL,
    logged_nano INTEGER NOT NULL,
    computed_nano INTEGER NOT NULL,
    auto_nano INTEGER NOT NULL,
    unpriced_tokens INTEGER NOT NULL,
    uncosted_tokens INTEGER NOT NULL,
    lower_bound INTEGER NOT NULL,
    blind_prompt INTEGER NOT NULL,
    workspace INTEGER NOT NULL,
    day INTEGER NOT NULL,
    place INTEGER NOT NULL,
    model INTEGER NOT NULL,
    derived INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (workspace, day, place, model)
)
 WITHOUT ROWID;
CREATE INDEX ix_day_cost ON day (workspace, day, model, auto_nano, events);
CREATE TABLE delegation (
    strand INTEGER NOT NULL,
    call INTEGER NOT NULL,
    workspace INTEGER NOT NULL,
    instant_ms INTEGER NOT NULL,
    child TEXT DEFAULT '' NOT NULL,
    kind TEXT DEFAULT '' NOT NULL,
    tokens INTEGER NOT NULL,
    offset_bytes INTEGER NOT NULL,
    PRIMARY KEY (strand, call)
)
 WITHOUT ROWID;
CREATE TABLE detail_log (
    log INTEGER NOT NULL,
    workspace INTEGER NOT NULL,
    version INTEGER NOT NULL,
    size INTEGER DEFAULT '0' NOT NULL,
    mtime_ns INTEGER DEFAULT '0' NOT NULL,
    inode TEXT DEFAULT '0' NOT NULL,
    offset_bytes INTEGER DEFAULT '0' NOT NULL,
    head BLOB NOT NULL,
    tail BLOB NOT NULL,
    state BLOB NOT NULL,
    PRIMARY KEY (log)
);
CREATE TABLE endpoint (
    workspace INTEGER NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    part TEXT DEFAULT '' NOT NULL,
    kind TEXT DEFAULT '' NOT NULL,
    state TEXT DEFAULT '' NOT NULL,
    failures INTEGER NOT NULL,
    error TEXT DEFAULT '' NOT NULL,
    note TEXT DEFAULT '' NOT NULL,
    tried_ms INTEGER,
    succeeded_ms INTEGER,
    next_ms INTEGER NOT NULL,
    newest_ms INTEGER,
    requests INTEGER NOT NULL,
    bytes INTEGER NOT NULL,
    unchanged INTEGER NOT NULL,
    bad INTEGER NOT NULL,
    paused SMALLINT NOT NULL,
    cursor TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (workspace, name, part)
)
 WITHOUT ROWID;
CREATE TABLE event (
    workspace INTEGER NOT NULL,
    instant_ms INTEGER NOT NULL,
    first_ms INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    model INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    input INTEGER,
    cache_read INTEGER,
    cache_write_5m INTEGER,
    cache_write_1h INTEGER,
    output INTEGER,
    reasoning INTEGER,
    web_searches INTEGER NOT NULL,
    logged_nano INTEGER,
    window_tokens INTEGER,
    grade SMALLINT NOT NULL,
    final SMALLINT NOT NULL,
    copied SMALLINT NOT NULL,
    offset_bytes INTEGER NOT NULL,
    "key" INTEGER NOT NULL,
    log INTEGER NOT NULL,
    copies SMALLINT NOT NULL,
    computed_nano INTEGER,
    PRIMARY KEY ("key")
);
CREATE INDEX ix_event_large ON event (scope) WHERE coalesce(input,0)+coalesce(cache_read,0)+coalesce(cache_write_5m,0)+coalesce(cache_write_1h,0) > 200000;
CREATE INDEX ix_event_scope ON event (scope, instant_ms);
CREATE TABLE flight (
    strand INTEGER NOT NULL,
    identity INTEGER NOT NULL,
    workspace INTEGER NOT NULL,
    instant_ms INTEGER NOT NULL,
    model TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (strand, identity)
)
 WITHOUT ROWID;
CREATE INDEX ix_flight_instant ON flight (workspace, instant_ms);
CREATE TABLE incident (
    strand INTEGER NOT NULL,
    offset_bytes INTEGER NOT NULL,
    kind TEXT DEFAULT '' NOT NULL,
    workspace INTEGER NOT NULL,
    instant_ms INTEGER NOT NULL,
    status INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    PRIMARY KEY (strand, offset_bytes, kind)
)
 WITHOUT ROWID;
CREATE INDEX ix_incident_instant ON incident (workspace, instant_ms);
CREATE TABLE ledger (
    log INTEGER NOT NULL,
    model TEXT DEFAULT '' NOT NULL,
    workspace INTEGER NOT NULL,
    session TEXT DEFAULT '' NOT NULL,
    instant_ms INTEGER NOT NULL,
    input INTEGER NOT NULL,
    cache_read INTEGER NOT NULL,
    cache_write_5m INTEGER NOT NULL,
    cache_write_1h INTEGER NOT NULL,
    output INTEGER NOT NULL,
    reasoning INTEGER NOT NULL,
    web_searches INTEGER NOT NULL,
    cost_nano INTEGER NOT NULL,
    PRIMARY KEY (log, model)
);
CREATE INDEX ix_ledger_session ON ledger (workspace, session);
CREATE TABLE log (
    id INTEGER NOT NULL,
    workspace INTEGER NOT NULL,
    machine TEXT DEFAULT '' NOT NULL,
    path TEXT DEFAULT '' NOT NULL,
    source TEXT DEFAULT '' NOT NULL,
    device TEXT DEFAULT '0' NOT NULL,
    inode TEXT DEFAULT '0' NOT NULL,
    size INTEGER DEFAULT '0' NOT NULL,
    mtime_ns INTEGER DEFAULT '0' NOT NULL,
    offset_bytes INTEGER DEFAULT '0' NOT NULL,
    head BLOB NOT NULL,
    tail BLOB NOT NULL,
    state BLOB NOT NULL,
    version INTEGER NOT NULL,
    session TEXT DEFAULT '' NOT NULL,
    parent TEXT DEFAULT '' NOT NULL,
    begin_ms INTEGER,
    first_key INTEGER,
    second_key INTEGER,
    own_start_ms INTEGER,
    lines INTEGER DEFAULT '0' NOT NULL,
    glued_lines INTEGER DEFAULT '0' NOT NULL,
    bad_lines INTEGER DEFAULT '0' NOT NULL,
    oversized_lines INTEGER DEFAULT '0' NOT NULL,
    undated INTEGER DEFAULT '0' NOT NULL,
    synthetic INTEGER DEFAULT '0' NOT NULL,
    unknown INTEGER DEFAULT '0' NOT NULL,
    repeated INTEGER DEFAULT '0' NOT NULL,
    sample TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX ix_log_counts ON log (workspace, source, bad_lines, oversized_lines, undated, unknown, repeated);
CREATE INDEX ix_log_parent ON log (workspace, parent);
CREATE INDEX ix_log_sample ON log (workspace, source) WHERE sample <> '';
CREATE INDEX ix_log_session ON log (workspace, session);
CREATE UNIQUE INDEX ux_log_path ON log (workspace, machine, path);
CREATE TABLE measure (
    id INTEGER NOT NULL,
    workspace INTEGER NOT NULL,
    log INTEGER NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    instant_ms INTEGER NOT NULL,
    value DOUBLE PRECISION NOT NULL,
    unit TEXT DEFAULT '' NOT NULL,
    tags TEXT DEFAULT '' NOT NULL,
    origin TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX ix_measure_log ON measure (log);
CREATE INDEX ix_measure_name ON measure (workspace, name, instant_ms);
CREATE TABLE model (
    id INTEGER NOT NULL,
    workspace INTEGER NOT NULL,
    provider TEXT DEFAULT '' NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    tier TEXT DEFAULT '' NOT NULL,
    priced_as TEXT DEFAULT '' NOT NULL,
    note TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ux_model ON model (workspace, provider, name, tier);
CREATE TABLE place (
    id INTEGER NOT NULL,
    workspace INTEGER NOT NULL,
    source TEXT DEFAULT '' NOT NULL,
    project TEXT DEFAULT '' NOT NULL,
    branch TEXT DEFAULT '' NOT NULL,
    user_name TEXT DEFAULT '' NOT NULL,
    tag TEXT DEFAULT '' NOT NULL,
    machine TEXT DEFAULT '' NOT NULL,
    key_name TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ux_place ON place (workspace, source, project, branch, user_name, tag, machine, key_name);
CREATE TABLE pruned (
    "key" INTEGER NOT NULL,
    workspace INTEGER NOT NULL,
    PRIMARY KEY ("key")
);
CREATE TABLE quarter (
    events INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    input INTEGER NOT NULL,
    cache_read INTEGER NOT NULL,
    cache_write_5m INTEGER NOT NULL,
    cache_write_1h INTEGER NOT NULL,
    output INTEGER NOT NULL,
    reasoning INTEGER NOT NULL,
    web_searches INTEGER NOT NULL,
    logged_nano INTEGER NOT NULL,
    computed_nano INTEGER NOT NULL,
    auto_nano INTEGER NOT NULL,
    unpriced_tokens INTEGER NOT NULL,
    uncosted_tokens INTEGER NOT NULL,
    lower_bound INTEGER NOT NULL,
    blind_prompt INTEGER NOT NULL,
    workspace INTEGER NOT NULL,
    quarter_ms INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    model INTEGER NOT NULL,
    derived INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (workspace, quarter_ms, scope, model)
)
 WITHOUT ROWID;
CREATE INDEX ix_quarter_scope ON quarter (scope, quarter_ms);
CREATE TABLE request_fact (
    "key" INTEGER NOT NULL,
    log INTEGER NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    workspace INTEGER NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY ("key", log, name)
);
CREATE INDEX ix_request_fact_log ON request_fact (log);
CREATE TABLE scope (
    id INTEGER NOT NULL,
    workspace INTEGER NOT NULL,
    place INTEGER NOT NULL,
    session TEXT DEFAULT '' NOT NULL,
    agent TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX ix_scope_place ON scope (place);
CREATE UNIQUE INDEX ux_scope ON scope (workspace, session, agent, place);
CREATE TABLE setting (
    workspace INTEGER NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    value TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (workspace, name)
);
CREATE TABLE strand (
    id INTEGER NOT NULL,
    workspace INTEGER NOT NULL,
    log INTEGER NOT NULL,
    session TEXT DEFAULT '' NOT NULL,
    agent TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX ix_strand_session ON strand (workspace, session);
CREATE UNIQUE INDEX ux_strand ON strand (log, session, agent);
CREATE TABLE stretch (
    "key" INTEGER NOT NULL,
    log INTEGER NOT NULL,
    workspace INTEGER NOT NULL,
    counter INTEGER NOT NULL,
    begins TEXT DEFAULT '' NOT NULL,
    ends TEXT DEFAULT '' NOT NULL,
    since_ms INTEGER,
    PRIMARY KEY ("key", log)
);
CREATE INDEX ix_stretch_counter ON stretch (counter);
CREATE INDEX ix_stretch_log ON stretch (log);
CREATE TABLE suggestion (
    id INTEGER NOT NULL,
    workspace INTEGER NOT NULL,
    user_name TEXT DEFAULT '' NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    kind TEXT DEFAULT '' NOT NULL,
    subject TEXT DEFAULT '' NOT NULL,
    state TEXT DEFAULT '' NOT NULL,
    severity TEXT DEFAULT '' NOT NULL,
    title TEXT DEFAULT '' NOT NULL,
    saving_nano INTEGER NOT NULL,
    counted_nano INTEGER NOT NULL,
    saving_share DOUBLE PRECISION NOT NULL,
    requests INTEGER NOT NULL,
    discount DOUBLE PRECISION NOT NULL,
    rank INTEGER NOT NULL,
    found_ms INTEGER NOT NULL,
    seen_ms INTEGER NOT NULL,
    accepted_ms INTEGER,
    promised_nano INTEGER NOT NULL,
    rate_before DOUBLE PRECISION NOT NULL,
    rate_after DOUBLE PRECISION,
    after_requests INTEGER NOT NULL,
    realised_nano INTEGER,
    verdict TEXT DEFAULT '' NOT NULL,
    body TEXT DEFAULT '' NOT NULL,
    promised_counted_nano INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX ux_suggestion ON suggestion (workspace, user_name, name);
CREATE TABLE suggestion_event (
    suggestion INTEGER NOT NULL,
    place INTEGER NOT NULL,
    workspace INTEGER NOT NULL,
    "key" INTEGER NOT NULL,
    PRIMARY KEY (suggestion, place)
)
 WITHOUT ROWID;
CREATE TABLE suggestion_trigger (
    workspace INTEGER NOT NULL,
    user_name TEXT DEFAULT '' NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    times INTEGER NOT NULL,
    last_ms INTEGER NOT NULL,
    value DOUBLE PRECISION NOT NULL,
    threshold DOUBLE PRECISION NOT NULL,
    is_on SMALLINT NOT NULL,
    PRIMARY KEY (workspace, user_name, name)
)
 WITHOUT ROWID;
CREATE TABLE template (
    workspace INTEGER NOT NULL,
    user_name TEXT DEFAULT '' NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    tags TEXT DEFAULT '' NOT NULL,
    uses INTEGER NOT NULL,
    used_ms INTEGER,
    PRIMARY KEY (workspace, user_name, name)
)
 WITHOUT ROWID;
CREATE TABLE template_version (
    workspace INTEGER NOT NULL,
    user_name TEXT DEFAULT '' NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    number INTEGER NOT NULL,
    saved_ms INTEGER NOT NULL,
    model TEXT DEFAULT '' NOT NULL,
    detailed TEXT NOT NULL,
    terse TEXT DEFAULT '' NOT NULL,
    detailed_tokens INTEGER NOT NULL,
    terse_tokens INTEGER NOT NULL,
    terse_from INTEGER NOT NULL,
    stages TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (workspace, user_name, name, number)
);
CREATE TABLE total (
    events INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    input INTEGER NOT NULL,
    cache_read INTEGER NOT NULL,
    cache_write_5m INTEGER NOT NULL,
    cache_write_1h INTEGER NOT NULL,
    output INTEGER NOT NULL,
    reasoning INTEGER NOT NULL,
    web_searches INTEGER NOT NULL,
    logged_nano INTEGER NOT NULL,
    computed_nano INTEGER NOT NULL,
    auto_nano INTEGER NOT NULL,
    unpriced_tokens INTEGER NOT NULL,
    uncosted_tokens INTEGER NOT NULL,
    lower_bound INTEGER NOT NULL,
    blind_prompt INTEGER NOT NULL,
    workspace INTEGER NOT NULL,
    scope INTEGER NOT NULL,
    model INTEGER NOT NULL,
    derived INTEGER DEFAULT '0' NOT NULL,
    PRIMARY KEY (workspace, scope, model)
)
 WITHOUT ROWID;
CREATE TABLE turn (
    strand INTEGER NOT NULL,
    number INTEGER NOT NULL,
    workspace INTEGER NOT NULL,
    begin_ms INTEGER NOT NULL,
    end_ms INTEGER NOT NULL,
    requests INTEGER NOT NULL,
    tool_calls INTEGER NOT NULL,
    interrupted SMALLINT NOT NULL,
    finished SMALLINT NOT NULL,
    PRIMARY KEY (strand, number)
)
 WITHOUT ROWID;
CREATE INDEX ix_turn_begin ON turn (workspace, begin_ms);
CREATE TABLE usage_bucket (
    workspace INTEGER NOT NULL,
    endpoint TEXT DEFAULT '' NOT NULL,
    report TEXT DEFAULT '' NOT NULL,
    begin_ms INTEGER NOT NULL,
    width_ms INTEGER NOT NULL,
    model TEXT DEFAULT '' NOT NULL,
    provider TEXT DEFAULT '' NOT NULL,
    project TEXT DEFAULT '' NOT NULL,
    user_name TEXT DEFAULT '' NOT NULL,
    key_name TEXT DEFAULT '' NOT NULL,
    tier TEXT DEFAULT '' NOT NULL,
    item TEXT DEFAULT '' NOT NULL,
    requests INTEGER,
    input INTEGER,
    cache_read INTEGER,
    cache_write_5m INTEGER,
    cache_write_1h INTEGER,
    output INTEGER,
    web_searches INTEGER,
    cost_nano INTEGER,
    PRIMARY KEY (workspace, endpoint, report, begin_ms, width_ms, model, provider, project, user_name, key_name, tier, item)
)
 WITHOUT ROWID;
CREATE INDEX ix_usage_bucket_begin ON usage_bucket (workspace, begin_ms);
CREATE TABLE window_size (
    workspace INTEGER NOT NULL,
    source TEXT DEFAULT '' NOT NULL,
    session TEXT DEFAULT '' NOT NULL,
    model TEXT DEFAULT '' NOT NULL,
    user_name TEXT DEFAULT '' NOT NULL,
    tokens INTEGER NOT NULL,
    seen_ms INTEGER NOT NULL,
    PRIMARY KEY (workspace, source, session, model)
)
 WITHOUT ROWID;
CREATE TABLE workspace (
    id INTEGER NOT NULL,
    name TEXT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (name)
);
