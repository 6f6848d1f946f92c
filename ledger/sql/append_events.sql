COPY caseledger.events (position, recorded_at, leaf_format, revision, import_row, import_as_at, category,
    schema_version, stream, event_id, command_id, recorded_by, import_id, causation, correlation, salt, leaf_hash, kind,
    occurred, source_recorded_at, role, team, import_sheet, confidentiality, facts, sealed)
FROM STDIN (FORMAT binary)
