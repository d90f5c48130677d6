"""Rates: the burst, then the rhythm; a refusal costs nothing and says when."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chatapp.errors import RateLimited, StorageFull, TooManyConnections
from chatapp.limits import Rate, network_of
from chatapp.limits import buckets as buckets_module
from chatapp.limits.buckets import Buckets
from chatapp.limits.rates import Rates
from chatapp.limits.table import NAMES


class Elapsed:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.seconds = 1_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def elapsed() -> Elapsed:
    return Elapsed()


@pytest.fixture
def rates(elapsed: Elapsed) -> Rates:
    return Rates(elapsed)


def message(rates: Rates, *, user_id: str = "u", ip: str = "1.2.3.4", room_id: str = "lobby") -> None:
    rates.check_message(user_id=user_id, ip=ip, room_id=room_id)


def passes(check: Callable[[], None], attempts: int) -> int:
    passed = 0
    for _ in range(attempts):
        try:
            check()
        except RateLimited:
            continue
        passed += 1
    return passed


CHECKS: dict[str, tuple[Callable[[Rates], None], int, float]] = {
    # name: (check, burst, seconds until the next)
    "events of a connection": (lambda r: r.check_event("c"), 40, 1 / 20),
    "messages of a user": (message, 10, 1.0),
    "typing": (lambda r: r.check_typing(user_id="u", room_id="lobby"), 1, 3.0),
    "requests": (lambda r: r.check_request("u"), 40, 1 / 20),
    "joins": (lambda r: r.check_join(user_id="u", ip="1.2.3.4"), 10, 1.0),
    "new rooms": (lambda r: r.check_new_room(user_id="u", ip="1.2.3.4"), 5, 60.0),
    "searches": (lambda r: r.check_search(user_id="u", ip="1.2.3.4"), 40, 1 / 5),
    "looks into other rooms": (lambda r: r.check_look(user_id="u", ip="1.2.3.4"), 60, 0.5),
    "sign-ins of an address": (lambda r: r.check_sign_in("1.2.3.4"), 600, 0.1),
    "bytes of an address": (lambda r: r.check_attachment(ip="1.2.3.4", weight=15_000), 100, 0.375),
}


@pytest.mark.parametrize(("check", "burst", "interval"), CHECKS.values(), ids=CHECKS.keys())
def test_after_the_burst_comes_one_at_a_time(
    rates: Rates, elapsed: Elapsed, check: Callable[[Rates], None], burst: int, interval: float
) -> None:
    assert passes(lambda: check(rates), burst + 50) == burst

    for _ in range(3):
        with pytest.raises(RateLimited) as refused:
            check(rates)
        assert refused.value.retry_after_ms == pytest.approx(interval * 1000, abs=1)
        elapsed.seconds += interval * 0.9
        assert passes(lambda: check(rates), 5) == 0
        elapsed.seconds += interval * 0.1
        assert passes(lambda: check(rates), 5) == 1

    elapsed.seconds += burst * interval
    assert passes(lambda: check(rates), burst + 50) == burst


def test_silence_saves_up_no_more_than_the_burst(rates: Rates, elapsed: Elapsed) -> None:
    message(rates)
    elapsed.seconds += 9

    assert passes(lambda: message(rates), 50) == 10


def test_waiting_as_long_as_was_said_is_enough(rates: Rates, elapsed: Elapsed) -> None:
    passes(lambda: message(rates), 10)
    elapsed.seconds += 0.1234567

    with pytest.raises(RateLimited) as refused:
        message(rates)
    assert refused.value.retry_after_ms is not None
    elapsed.seconds += refused.value.retry_after_ms / 1000

    message(rates)


def test_one_address_and_one_room_have_rates_of_their_own(rates: Rates) -> None:
    people = iter(range(20_000))

    def somebody() -> str:
        return f"u{next(people)}"

    assert passes(lambda: message(rates, user_id=somebody(), room_id=f"r{next(people)}"), 900) == 600
    assert passes(lambda: message(rates, user_id=somebody(), ip=f"ip{next(people)}"), 900) == 600
    assert passes(lambda: rates.check_join(user_id=somebody(), ip="1.2.3.4"), 4_000) == 3_000
    assert passes(lambda: rates.check_new_room(user_id=somebody(), ip="1.2.3.4"), 900) == 600
    assert passes(lambda: rates.check_look(user_id=somebody(), ip="1.2.3.4"), 4_000) == 3_000
    assert passes(lambda: rates.check_glance("1.2.3.5"), 4_000) == 3_000
    assert passes(lambda: rates.check_new_guest(ip="1.2.3.4"), 4_000) == 3_000


def test_one_budget_of_bytes_pays_for_all_that_an_address_stores(rates: Rates) -> None:
    people = iter(range(10_000))
    ways: list[Callable[[str], None]] = [
        lambda user: rates.check_join(user_id=user, ip="1.2.3.4", weight=20_000),
        lambda user: rates.check_new_room(user_id=user, ip="1.2.3.4", weight=20_000),
        lambda user: rates.check_message(
            user_id=user, ip="1.2.3.4", room_id="r", weight=20_000, is_inside=False
        ),
        lambda user: rates.check_message(user_id=user, ip="1.2.3.4", room_id="r", weight=20_000),
        lambda user: rates.check_attachment(ip="1.2.3.4", weight=20_000),
        lambda user: rates.check_new_guest(ip="1.2.3.4", weight=20_000),
    ]
    passed = 0
    for number in range(50 * len(ways)):
        passed += passes(lambda: ways[number % len(ways)](f"u{next(people)}"), 1)  # noqa: B023 - called at once

    assert passed == 75, "1.5 MB"
    for way in ways:
        with pytest.raises(RateLimited) as refused:
            way("somebody else")
        assert refused.value.extra == {"scope": "address"}
        assert refused.value.retry_after_ms == 500


def test_those_outside_of_a_room_silence_only_each_other(rates: Rates) -> None:
    people = iter(range(10_000))

    def outside() -> None:
        who = next(people)
        rates.check_message(user_id=f"u{who}", ip=f"ip{who}", room_id="lobby", is_inside=False)

    assert passes(outside, 300) == 100
    message(rates)


def test_a_refusal_says_who_is_over_which_limit(elapsed: Elapsed) -> None:
    told: list[str] = []
    rates = Rates(elapsed, on_refused=told.append)
    over: dict[str, Callable[[int], None]] = {
        "connection": lambda n: rates.check_event("c"),
        "person": lambda n: message(rates, ip=f"ip{n}"),
        "address": lambda n: rates.check_sign_in("192.0.2.1"),
        "room": lambda n: message(rates, user_id=f"u{n}", ip=f"ip{n}", room_id="attic"),
    }
    for scope, check in over.items():
        with pytest.raises(RateLimited) as refused:
            _without_end(check)
        assert refused.value.extra == {"scope": scope}

    assert told == ["event:connection", "message:user", "sign-in:ip", "message:room"]
    assert set(told) <= set(NAMES)


def test_who_opens_too_many_rooms_is_told_just_that() -> None:
    """They wait at the door of a room, and “too fast” would say nothing to them."""
    rates = Rates(lambda: 0.0)

    with pytest.raises(RateLimited) as refused:
        _without_end(lambda _: rates.check_new_room(user_id="u", ip="1.2.3.4"))

    assert refused.value.message == "You have opened several new rooms just now."


def _without_end(check: Callable[[int], None]) -> None:
    for n in range(1_000):
        check(n)


def test_addresses_over_their_share_are_counted_for_five_minutes(rates: Rates, elapsed: Elapsed) -> None:
    for ip in ("a", "b", "a"):
        passes(lambda ip=ip: rates.check_sign_in(ip), 601)  # type: ignore[misc]
    assert rates.addresses_over() == 2

    elapsed.seconds += 299
    passes(lambda: rates.check_sign_in("b"), 2_000)
    elapsed.seconds += 2

    assert rates.addresses_over() == 1


def test_a_refusal_by_the_room_costs_the_person_nothing(rates: Rates) -> None:
    people = iter(range(2_000))
    passes(lambda: message(rates, user_id=f"u{next(people)}", ip=f"ip{next(people)}"), 600)

    assert passes(lambda: message(rates, user_id="ana"), 50) == 0
    assert passes(lambda: message(rates, user_id="ana", room_id="quiet"), 50) == 10


def test_twice_the_rate_for_a_minute_gives_the_rate(rates: Rates, elapsed: Elapsed) -> None:
    passed = 0
    for _ in range(120):
        passed += passes(lambda: message(rates), 1)
        elapsed.seconds += 0.5

    assert passed == pytest.approx(60 + 10, abs=1)


def test_people_do_not_use_up_each_others_rates(rates: Rates) -> None:
    passes(lambda: message(rates, user_id="ana"), 50)

    assert passes(lambda: message(rates, user_id="ben"), 10) == 10


def test_idle_keys_are_forgotten_and_lose_nothing() -> None:
    buckets = Buckets(Rate(per_second=1, burst=10))
    for n in range(1_000):
        buckets.take(n, now=100.0)
    assert len(buckets) == 1_000

    buckets.take("ana", now=140.0)
    buckets.take("ana", now=180.0)

    assert len(buckets) <= 2
    assert buckets.wait(5, now=180.0) <= 0


def test_a_key_in_use_is_remembered_over_the_change_of_generations() -> None:
    buckets = Buckets(Rate(per_second=1, burst=10))
    now, taken = 100.0, 0
    for _ in range(2_000):
        if buckets.wait("ana", now) <= 1e-6:
            buckets.take("ana", now)
            taken += 1
        now += 0.05

    assert taken == pytest.approx(100 + 10, abs=1)


def test_a_flood_of_strangers_does_not_fill_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buckets_module, "KEYS_KEPT", 100)
    many = Buckets(Rate(per_second=1, burst=10))
    for n in range(10_000):
        many.take(n, now=100.0)

    assert len(many) <= 201


def test_connections_are_counted_per_person(rates: Rates) -> None:
    for _ in range(10):
        rates.open_connection("ana")
    for _ in range(20):
        with pytest.raises(TooManyConnections) as refused:
            rates.open_connection("ana")
        assert refused.value.retry_after_ms

    rates.close_connection("ana")
    rates.open_connection("ana")
    rates.open_connection("ben")


def test_connections_are_counted_per_address(rates: Rates) -> None:
    for _ in range(1_500):
        rates.open_transport("a")
    for ask in (rates.check_transport, rates.open_transport):
        with pytest.raises(TooManyConnections) as refused:
            ask("a")
        assert refused.value.retry_after_ms

    rates.open_transport("b")
    rates.close_transport("a")
    rates.check_transport("a")
    rates.open_transport("a")


def test_whoever_has_gone_is_not_remembered(rates: Rates) -> None:
    for n in range(20):
        rates.open_connection(f"u{n}")
        rates.open_transport(f"ip{n}")
        rates.close_connection(f"u{n}")
        rates.close_transport(f"ip{n}")

    assert not rates.people.everything()
    assert not rates.addresses.everything()


def test_switched_off_everything_passes(elapsed: Elapsed) -> None:
    rates = Rates(elapsed, is_on=False)
    for _ in range(1_600):
        message(rates)
        rates.open_connection("ana")
        rates.open_transport("a")
    for check, _burst, _interval in CHECKS.values():
        assert passes(lambda check=check: check(rates), 100) == 100  # type: ignore[misc]


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("unix", "unix"),
    ],
)
def test_what_one_customer_was_given_counts_as_one_address(address: str, counted: str) -> None:
    assert network_of(address) == counted


# --- a file that is refused for something else ------------------------------------------------


def upload(rates: Rates, meanwhile: Callable[[], object] = lambda: None, *, share: int = 1_000) -> None:
    with rates.uploading(ip="1.2.3.4", share=share, weight=7):
        meanwhile()


def refused_upload(rates: Rates, meanwhile: Callable[[], object] = lambda: None, *, share: int) -> None:
    def refuse() -> None:
        meanwhile()
        raise StorageFull

    with pytest.raises(StorageFull):
        upload(rates, refuse, share=share)


def test_a_file_that_was_refused_has_cost_its_address_nothing(rates: Rates, elapsed: Elapsed) -> None:
    upload(rates)
    for _ in range(10):
        elapsed.seconds += 0.001
        refused_upload(rates, share=3_000)

    assert passes(lambda: upload(rates), 10) == 3


def test_what_was_given_back_is_never_more_than_a_burst(rates: Rates, elapsed: Elapsed) -> None:
    def pass_time() -> None:
        elapsed.seconds += 3_600

    refused_upload(rates, pass_time, share=4_000)

    assert passes(lambda: upload(rates, share=4_001), 1) == 0


def test_other_nodes_hear_that_it_was_given_back(elapsed: Elapsed) -> None:
    here, there = Rates(elapsed), Rates(elapsed)
    here.share(lambda: None)

    def tell() -> None:
        there.hear(here.report())
        assert passes(lambda: upload(there), 1) == 0

    refused_upload(here, tell, share=4_000)
    there.hear(here.report())

    assert passes(lambda: upload(there), 10) == 4
    refused_upload(here, share=4_000)
    assert here.report() == {}
