"""The books, compared with themselves and with the work that they are about.

Each check is one statement of plain SQL, which an auditor can paste, and which gives a row for each two numbers that differ. They
name tables of other packages, which this one must not import. They only read; a statement sees one moment, so that nobody waits.
"""

from typing import Final

from sqlalchemy import BigInteger, Select, String, Uuid, column, func, literal_column, select, text
from sqlalchemy.sql.selectable import TextualSelect
from sqlmodel import Session, col
from sqlmodel import select as select_row

from lumiku_web.db.unit_of_work import UnitOfWork
from lumiku_web.domain.ledger.models import LedgerCheck, LedgerEvent
from lumiku_web.domain.ledger.schemas import CheckRead, Finding

#: By name, what they look at first. All have the columns user_id, subject, expected, found.
CHECKS: Final = {
    # L1: the postings of an event are there, and sum to zero per currency.
    "event_sums": """
SELECT e.user_id, e.id::text AS subject, 0 AS expected, coalesce(sum(p.amount), 0) AS found
FROM ledger_events e LEFT JOIN ledger_postings p ON p.event_id = e.id
GROUP BY e.id, p.currency
HAVING count(p.event_id) = 0 OR sum(p.amount) <> 0
""",
    # No event moves what is another member's.
    "foreign_postings": """
SELECT e.user_id, e.id::text AS subject, 0 AS expected, p.amount AS found
FROM ledger_postings p JOIN ledger_events e ON e.id = p.event_id
WHERE p.user_id <> e.user_id
""",
    # L2: a balance is the sum of its postings; those of `owed` are what the house lacks.
    "wallet_sums": """
SELECT user_id, balance.subject, balance.expected, balance.found
FROM wallets w FULL JOIN (
    SELECT user_id,
        sum(amount) FILTER (WHERE account = 'available') AS available,
        sum(amount) FILTER (WHERE account = 'held') AS held,
        -sum(amount) FILTER (WHERE account = 'owed') AS owed
    FROM ledger_postings WHERE user_id IS NOT NULL GROUP BY user_id
) s USING (user_id)
CROSS JOIN LATERAL (VALUES
    ('available', coalesce(s.available, 0), coalesce(w.available, 0)),
    ('held', coalesce(s.held, 0), coalesce(w.held, 0)),
    ('owed', coalesce(s.owed, 0), coalesce(w.owed, 0))
) AS balance (subject, expected, found)
WHERE balance.expected <> balance.found
""",
    # L2: what the newest entry says is what the member has.
    "wallet_entry": """
SELECT w.user_id, balance.subject, balance.expected, balance.found
FROM wallets w LEFT JOIN LATERAL (
    SELECT * FROM ledger_events e WHERE e.user_id = w.user_id ORDER BY e.entry DESC LIMIT 1
) e ON true
CROSS JOIN LATERAL (VALUES
    ('entries', coalesce(e.entry, 0), w.entries),
    ('available', coalesce(e.available, 0), w.available),
    ('held', coalesce(e.held, 0), w.held),
    ('owed', coalesce(e.owed, 0), w.owed)
) AS balance (subject, expected, found)
WHERE balance.expected <> balance.found
""",
    # L2: entries are numbered without a gap, and each balance is the one before and what the entry moved.
    "entry_chain": """
SELECT user_id, 'entry ' || entry || ' ' || balance.subject AS subject, balance.expected, balance.found
FROM (
    SELECT e.user_id, e.entry, e.available, e.held, e.owed,
        lag(e.entry, 1, 0::bigint) OVER own + 1 AS next_entry,
        lag(e.available, 1, 0::bigint) OVER own + coalesce(m.available, 0) AS next_available,
        lag(e.held, 1, 0::bigint) OVER own + coalesce(m.held, 0) AS next_held,
        lag(e.owed, 1, 0::bigint) OVER own - coalesce(m.owed, 0) AS next_owed
    FROM ledger_events e LEFT JOIN (
        SELECT event_id,
            sum(amount) FILTER (WHERE account = 'available') AS available,
            sum(amount) FILTER (WHERE account = 'held') AS held,
            sum(amount) FILTER (WHERE account = 'owed') AS owed
        FROM ledger_postings WHERE user_id IS NOT NULL GROUP BY event_id
    ) m ON m.event_id = e.id
    WINDOW own AS (PARTITION BY e.user_id ORDER BY e.entry)
) chain
CROSS JOIN LATERAL (VALUES
    ('number', next_entry, entry),
    ('available', next_available, available),
    ('held', next_held, held),
    ('owed', next_owed, owed)
) AS balance (subject, expected, found)
WHERE balance.expected <> balance.found
""",
    # L4, L5: a hold has ended as far as its events say.
    "hold_ends": """
SELECT coalesce(h.user_id, e.user_id) AS user_id, order_id || ' ' || side.subject AS subject, side.expected, side.found
FROM holds h FULL JOIN (
    SELECT e.order_id, e.user_id,
        sum(p.amount) FILTER (WHERE e.kind = 'hold') AS amount,
        -sum(p.amount) FILTER (WHERE e.kind = 'capture') AS captured,
        -sum(p.amount) FILTER (WHERE e.kind IN ('release', 'expiry')) AS released
    FROM ledger_events e JOIN ledger_postings p ON p.event_id = e.id AND p.account = 'held'
    WHERE e.order_id IS NOT NULL
    GROUP BY e.order_id, e.user_id
) e USING (order_id)
CROSS JOIN LATERAL (VALUES
    ('amount', coalesce(e.amount, 0), coalesce(h.amount, 0)),
    ('captured', coalesce(e.captured, 0), coalesce(h.captured, 0)),
    ('released', coalesce(e.released, 0), coalesce(h.released, 0))
) AS side (subject, expected, found)
WHERE side.expected <> side.found
""",
    # What a member has set aside is what their open holds have.
    "wallet_holds": """
SELECT user_id, 'held' AS subject, coalesce(h.held, 0) AS expected, coalesce(w.held, 0) AS found
FROM wallets w FULL JOIN (
    SELECT user_id, sum(amount - captured - released) AS held
    FROM holds WHERE captured + released < amount GROUP BY user_id
) h USING (user_id)
WHERE coalesce(h.held, 0) <> coalesce(w.held, 0)
""",
    # L6: an order holds what its pictures that have not ended will take, and nothing once all have ended or are gone.
    "order_holds": """
SELECT coalesce(h.user_id, i.user_id) AS user_id, order_id::text AS subject,
    coalesce(i.credits, 0) AS expected, coalesce(h.held, 0) AS found
FROM (
    SELECT order_id, user_id, amount - captured - released AS held FROM holds WHERE captured + released < amount
) h FULL JOIN (
    SELECT g.id AS order_id, g.user_id, sum(g.credits_price) AS credits
    FROM generation_items i JOIN generations g ON g.id = i.generation_id
    WHERE i.status IN ('queued', 'running') AND i.paid_with = 'credits'
    GROUP BY g.id
) i USING (order_id)
WHERE coalesce(h.held, 0) <> coalesce(i.credits, 0)
""",
    # The sums by day are what was captured, and what it cost.
    "usage_days": """
SELECT user_id, day || ' ' || side.subject AS subject, side.expected, side.found
FROM (
    SELECT user_id, day, sum(credits) AS credits, sum(cost_microusd) AS cost FROM usage_days GROUP BY user_id, day
) u FULL JOIN (
    SELECT e.user_id, (e.created_at AT TIME ZONE 'UTC')::date AS day,
        sum(p.amount) FILTER (WHERE p.account = 'revenue') AS credits,
        sum(p.amount) FILTER (WHERE p.account = 'provider_cost') AS cost
    FROM ledger_events e JOIN ledger_postings p ON p.event_id = e.id AND p.account IN ('revenue', 'provider_cost')
    GROUP BY e.user_id, (e.created_at AT TIME ZONE 'UTC')::date
) e USING (user_id, day)
CROSS JOIN LATERAL (VALUES
    ('credits', coalesce(e.credits, 0), coalesce(u.credits, 0)),
    ('cost', coalesce(e.cost, 0), coalesce(u.cost, 0))
) AS side (subject, expected, found)
WHERE side.expected <> side.found
""",
    # The sums of all members are those of each of them.
    "usage_totals": """
SELECT NULL::uuid AS user_id, concat_ws(' ', day, app, model, side.subject) AS subject, side.expected, side.found
FROM (
    SELECT day, app, model, sum(pictures) AS pictures, sum(credits) AS credits, sum(quota) AS quota, sum(cost_microusd) AS cost
    FROM usage_days GROUP BY day, app, model
) d FULL JOIN (
    SELECT day, app, model, sum(pictures) AS pictures, sum(credits) AS credits, sum(quota) AS quota, sum(cost_microusd) AS cost
    FROM usage_totals GROUP BY day, app, model
) t USING (day, app, model)
CROSS JOIN LATERAL (VALUES
    ('pictures', coalesce(d.pictures, 0), coalesce(t.pictures, 0)),
    ('credits', coalesce(d.credits, 0), coalesce(t.credits, 0)),
    ('quota', coalesce(d.quota, 0), coalesce(t.quota, 0)),
    ('cost', coalesce(d.cost, 0), coalesce(t.cost, 0))
) AS side (subject, expected, found)
WHERE side.expected <> side.found
""",
    # Windows of quota and of spending hold what pictures that have not ended will take of them.
    "allowances": """
WITH open AS (
    SELECT g.user_id, g.held_on, date_trunc('month', g.held_on)::date AS month,
        CASE i.paid_with WHEN 'quota' THEN g.quota_price ELSE 0 END AS quota,
        CASE i.paid_with WHEN 'credits' THEN g.credits_price ELSE 0 END AS credits
    FROM generation_items i JOIN generations g ON g.id = i.generation_id
    WHERE i.status IN ('queued', 'running')
), windows AS (
    SELECT user_id, 'day' AS kind, held_on AS starts_on, sum(quota) AS held FROM open GROUP BY user_id, held_on
    UNION ALL SELECT user_id, 'month', month, sum(quota) FROM open GROUP BY user_id, month
    UNION ALL SELECT user_id, 'spending', month, sum(credits) FROM open GROUP BY user_id, month
)
SELECT user_id, kind || ' ' || starts_on AS subject, coalesce(w.held, 0) AS expected, coalesce(a.held, 0) AS found
FROM (SELECT * FROM allowances WHERE held > 0) a FULL JOIN windows w USING (user_id, kind, starts_on)
WHERE coalesce(w.held, 0) <> coalesce(a.held, 0)
""",
}


def check(uow: UnitOfWork) -> CheckRead:
    """Look at all of the books, and write down what was found. Reads every posting: seconds for a million of them."""
    _take_time(uow.session)
    numbers = {name: uow.session.execute(_number_of(_rows(sql))).scalar_one() for name, sql in CHECKS.items()}
    events = uow.session.execute(select(func.count()).select_from(LedgerEvent)).scalar_one()
    row = LedgerCheck(findings={name: number for name, number in numbers.items() if number}, events=events)
    uow.session.add(row)
    uow.session.flush()
    return _read(row)


def check_once_a_day(uow: UnitOfWork) -> CheckRead | None:
    """As `check`, or None if somebody has looked in this UTC day."""
    newest, today = select(func.max(LedgerCheck.created_at)).scalar_subquery(), func.date_trunc("day", func.now(), "UTC")
    return None if uow.session.execute(select(newest >= today)).scalar_one() else check(uow)


def latest(uow: UnitOfWork) -> CheckRead | None:
    """What the newest check found."""
    row = uow.session.exec(select_row(LedgerCheck).order_by(col(LedgerCheck.id).desc()).limit(1)).first()
    return row and _read(row)


def find(uow: UnitOfWork, *, limit: int = 1000) -> list[Finding]:
    """What a check counts, one by one: at most so many of each. Writes nothing."""
    _take_time(uow.session)
    return [
        Finding(name, row.user_id, row.subject, int(row.expected), int(row.found))
        for name, sql in CHECKS.items()
        for row in uow.session.execute(_rows(sql).subquery().select().limit(limit))
    ]


def _take_time(session: Session) -> None:
    """Until this transaction ends, a statement may take longer than one that somebody waits for: in memory, and on one core."""
    session.execute(text("SET LOCAL statement_timeout = '10min'"))
    session.execute(text("SET LOCAL work_mem = '64MB'"))
    session.execute(text("SET LOCAL max_parallel_workers_per_gather = 0"))


def _rows(sql: str) -> TextualSelect:
    return text(sql).columns(
        column("user_id", Uuid()), column("subject", String()), column("expected", BigInteger()), column("found", BigInteger())
    )


def _number_of(rows: TextualSelect) -> Select[int]:
    return select(func.count(literal_column("*"))).select_from(rows.subquery())


def _read(row: LedgerCheck) -> CheckRead:
    return CheckRead(row.created_at, {name: int(str(number)) for name, number in row.findings.items()}, row.events)
