-- Households and sets of proceedings are few beside children. This partial index finds their streams, their members and who
-- names them, without reading the children; an event of a child that names no household and no set stands in it only by its kind.
-- It is keyed by what an event names: a member, else a household or a set; of a correction, what its replacement names.

CREATE INDEX events_of_groups ON caseledger.events
    ((coalesce(substring(facts::text from '"child":"([0-9a-f-]{36})"'),
               substring(facts::text from '"(?:household|proceedings)":"([0-9a-f-]{36})"'))))
    WHERE category BETWEEN 2 AND 6 OR kind IN ('family_linked', 'application_issued', 'child_joined_proceedings');
