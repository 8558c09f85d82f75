"""Shared limits, decided in memory: windows, slots, pauses, the circuit breaker."""

from __future__ import annotations

from collections import deque

from hypothesis import given
from hypothesis import strategies as st

from connectors.facade import Limit
from ipaas.core import jsonio
from runtime.limits.allowance import Allowance
from runtime.limits.breaker import OPENS_AFTER, Breaker
from runtime.limits.windows import Window

START = 1_790_000_000.0
PER_MINUTE = Limit("account", count=500, window_s=60)


def _most_in_any_span(times: list[float], span_s: float) -> int:
    most, inside = 0, deque[float]()
    for time in sorted(times):
        inside.append(time)
        while inside[0] <= time - span_s:
            inside.popleft()
        most = max(most, len(inside))
    return most


@given(
    st.integers(1, 40),
    st.sampled_from([10, 60, 3600]),
    st.lists(st.floats(0, 30, allow_nan=False), max_size=200),
)
def test_no_span_ever_holds_more_calls_than_the_limit(
    count: int, span_s: int, gaps: list[float]
) -> None:
    window, now, left = Window(count, span_s), START, list[float]()
    for gap in gaps:
        now += gap
        if window.free_at(now, 0) <= now:
            window.take(now)
            left.append(now)
    assert _most_in_any_span(left, span_s) <= count


@given(st.integers(2, 40), st.integers(1, 60))
def test_whoever_is_told_a_time_finds_room_at_that_time(count: int, waiting: int) -> None:
    window = Window(count, 60)
    for _ in range(count):
        window.take(START)
    told = sorted(window.free_at(START, 0) for _ in range(waiting))
    left = []
    for time in told[:count]:
        assert window.free_at(time, 0) <= time
        window.take(time)
        left.append(time)
    assert len(left) == min(count, waiting)


def test_a_day_of_five_hundred_a_minute_is_used_to_the_full_and_never_over() -> None:
    allowance = Allowance.from_json({}, [PER_MINUTE])
    now, left = START, list[float]()
    while len(left) < 5_000:
        hold = allowance.hold(f"run:{len(left)}", 0, now)
        if hold is None:
            allowance.take(f"run:{len(left)}", now)
            left.append(now)
        else:
            now = max(hold.until, now + 0.001)
    assert _most_in_any_span(left, 60) <= 500
    assert left[-1] - left[0] < 11 * 61


def test_work_behind_leaves_room_for_live_work() -> None:
    allowance = Allowance.from_json({}, [Limit("connection", count=10, window_s=60)])
    backfilled = 0
    while allowance.hold(f"b{backfilled}", 1, START) is None:
        allowance.take(f"b{backfilled}", START)
        backfilled += 1
    assert backfilled == 7
    assert allowance.hold("live", 0, START) is None


def test_only_so_many_calls_are_under_way_and_a_dead_holder_gives_its_slot_back() -> None:
    allowance = Allowance.from_json({}, [Limit("account", concurrency=2)])
    for name in ("a", "b"):
        assert allowance.hold(name, 0, START) is None
        allowance.take(name, START)
    held = allowance.hold("c", 0, START)
    assert held is not None and held.reason == "concurrency"
    allowance.release("a")
    assert allowance.hold("c", 0, START) is None
    allowance.take("c", START)
    assert allowance.hold("d", 0, START + 1) is not None
    assert allowance.hold("d", 0, START + 200) is None


def test_a_wish_for_a_pause_holds_everybody_and_spreads_their_return() -> None:
    allowance = Allowance.from_json({}, [])
    allowance.tell(START, answered=True, retry_after_s=30)
    holds = [allowance.hold(f"run{n}", 0, START + 1) for n in range(3)]
    untils = [hold.until for hold in holds if hold]
    assert [hold.reason for hold in holds if hold] == ["pause"] * 3
    assert START + 30 < untils[0] < untils[1] < untils[2] < START + 31
    assert allowance.hold("run0", 0, START + 31) is None


def test_the_vendors_own_count_is_believed_when_it_is_lower() -> None:
    allowance = Allowance.from_json({}, [Limit("account", count=100, window_s=60)])
    allowance.tell(START, answered=True, remaining=2)
    assert allowance.hold("a", 0, START) is None
    allowance.take("a", START)
    allowance.take("b", START)
    assert allowance.hold("c", 0, START) is not None
    assert allowance.hold("c", 0, START + 62) is None


def test_a_used_up_limit_waits_until_the_vendor_begins_anew() -> None:
    allowance = Allowance.from_json({}, [])
    allowance.tell(START, answered=True, remaining=0, reset_s=40)
    held = allowance.hold("a", 0, START)
    assert held is not None and held.until > START + 40


def test_the_forecast_says_when_a_daily_limit_will_be_used_up() -> None:
    window = Window(1_000, 86_400)
    for second in range(0, 3_600, 9):
        window.take(START + second)
    runs_out = window.runs_out_at(START + 3_600)
    assert runs_out is not None
    assert 1.3 * 3_600 < runs_out - (START + 3_600) < 2.5 * 3_600
    assert Window(1_000_000, 86_400).runs_out_at(START) is None


def test_the_circuit_opens_after_failures_in_a_row_and_one_call_asks_whether_all_is_well() -> None:
    breaker = Breaker()
    for _ in range(OPENS_AFTER - 1):
        breaker.silent(START)
    assert breaker.state(START) == "closed"
    breaker.silent(START)
    assert breaker.state(START) == "open"
    assert breaker.free_at(START + 1, "a") == START + 5
    assert breaker.free_at(START + 6, "a") == START + 6
    breaker.take(START + 6, "a")
    assert breaker.free_at(START + 6, "b") > START + 6
    breaker.silent(START + 7)
    assert breaker.free_at(START + 8, "b") == START + 17  # twice as long
    breaker.take(START + 18, "b")
    breaker.answered()
    assert breaker.state(START + 18) == "closed"


def test_a_refusal_between_failures_keeps_the_circuit_closed() -> None:
    breaker = Breaker()
    for _ in range(3 * OPENS_AFTER):
        breaker.silent(START)
        breaker.answered()
    assert breaker.state(START) == "closed"


def test_whoever_asks_and_dies_does_not_keep_the_circuit_open_for_ever() -> None:
    breaker = Breaker()
    for _ in range(OPENS_AFTER):
        breaker.silent(START)
    breaker.take(START + 6, "dead")
    assert breaker.free_at(START + 10, "other") > START + 10
    assert breaker.free_at(START + 200, "other") == START + 200


@given(st.lists(st.tuples(st.sampled_from("atfrp"), st.floats(0, 40)), max_size=60))
def test_what_is_stored_is_what_is_read(moves: list[tuple[str, float]]) -> None:
    limits = [Limit("account", count=5, window_s=60, concurrency=2, daily=40)]
    kept, now = Allowance.from_json({}, limits), START
    for number, (move, gap) in enumerate(moves):
        now += gap
        match move:
            case "a":
                if kept.hold(str(number), number % 2, now) is None:
                    kept.take(str(number), now)
            case "t":
                kept.tell(now, answered=True, remaining=3)
            case "f":
                kept.tell(now, answered=False)
            case "r":
                kept.release(str(number - 1))
            case "p":
                kept.note_change("item")
        raw = jsonio.loads(jsonio.dumps(kept.as_json()))
        again = Allowance.from_json(raw, limits)
        assert again.as_json() == kept.as_json()
        again.tell(now, answered=False, retry_after_s=1)  # what was read can be reckoned with
        again.hold("x", 0, now)


def test_the_call_that_asks_and_learns_nothing_lets_another_one_ask() -> None:
    allowance = Allowance.from_json({}, [])
    for _ in range(OPENS_AFTER):
        allowance.tell(START, answered=False)
    assert allowance.hold("a", 0, START + 6) is None
    allowance.take("a", START + 6)
    assert allowance.hold("b", 0, START + 7) is not None
    allowance.release("a")  # its answer was kept from before, or it never left
    allowance.tell(START + 7, answered=None)
    assert allowance.hold("b", 0, START + 7) is None


def test_what_a_clock_noted_that_ran_ahead_lasts_no_longer_than_from_now() -> None:
    limits = [Limit("account", count=5, window_s=60, concurrency=1, daily=9)]
    ahead, kept = START + 86_400 * 30, Allowance.from_json({}, limits)
    for _ in range(OPENS_AFTER + 1):
        kept.tell(ahead, answered=False)
    kept.tell(ahead, answered=None, retry_after_s=600)
    for number in range(5):
        kept.take(f"a{number}", ahead)
    stored = kept.as_json()
    same = Allowance.from_json(stored, limits).set_right(ahead + 1)
    assert same.as_json() == stored and not same.changed, "a clock that is right changes nothing"
    found = Allowance.from_json(stored, limits).set_right(START)
    assert found.changed
    assert found.pause_until == START + 600
    assert found.breaker.until <= START + 10
    assert max(found.slots.values()) < START + 200
    assert found.windows[60].total() == found.windows[86_400].total() == 5
    assert found.hold("b", 0, START + 800) is None, "all that is over after some minutes"
    again = Allowance.from_json(found.as_json(), limits).set_right(START + 1)
    assert not again.changed
