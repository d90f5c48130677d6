"""W16: somebody searches, in 100,000 messages of 110 bytes and in a million, in three languages.

What is looked for stands in one message of two thousand, so that fifty are found in 100,000, or nowhere, so
that all are looked through. Meanwhile a room of ten talks, 100 messages a second: what it waits more than in
peace, and how late the hub is. On PostgreSQL without the million, which takes minutes to be written.
"""

from functools import partial

from bench.callers import Caller
from bench.connection import Connection
from bench.crowd import Crowd
from bench.figures import CHAT, Outcome, Target, percentile, slowest_ms
from bench.ledger import Ledger
from bench.past import PastRoom, add_rooms
from bench.senders import Talk
from bench.stage import ON_POSTGRESQL, Stage, Workload, outcome
from bench.steady_talk import SteadyTalk
from bench.wire import Answer, Broken, encode_json
from bench.workloads.closed_loop import HUB_LAG

ONE_OF = 2_000
MEMBERS = 10
PER_SECOND = 100
SEARCHES = 5
WORDS = {
    "english": "they have asked whether rooms for the summer meeting are near the station, or none at all",
    "german": "die Gäste möchten wissen, ob für das große Treffen im Frühjahr noch Räume frei sind",
    "russian": "гости спрашивают, найдётся ли ещё место для встречи",
}
RARE = {"english": "marmalade", "german": "Kürbissuppe", "russian": "варенье"}
NOWHERE = {"english": "hippopotamus", "german": "Nilpferdgehege", "russian": "бегемот"}


def measure(stage: Stage, kind: str) -> Outcome:
    sizes = dict.fromkeys(WORDS, 100_000)
    if kind == CHAT:
        sizes["million"] = 1_000_000
    rooms = [PastRoom(room_id=name, messages=rows, contents=_texts(name)) for name, rows in sizes.items()]
    with stage.chat(partial(add_rooms, past_rooms=rooms), kind) as server, Crowd(server.port) as crowd:
        seats = server.seats(MEMBERS + 1, lambda n: "room" if n < MEMBERS else "")
        members, [searcher] = crowd.connect(seats[:MEMBERS]), crowd.connect(seats[MEMBERS:])
        crowd.settle()
        figures: dict[str, float] = {}
        with crowd.recording():
            for name in sizes:
                figures |= _searches(Caller(crowd, searcher), name)
        ledger, talk = Ledger(members), Talk(crowd, members)
        steady = SteadyTalk(crowd, talk, per_second=PER_SECOND, seconds=stage.seconds)
        steady.in_peace()
        before = server.metrics()
        search = Search(searcher, [*sizes])
        steady.beside()
        figures |= steady.figures()
        figures["late_p50_ms"] = figures["delivery_p50_ms"] - figures["quiet_p50_ms"]
        figures |= slowest_ms("hub_lag", before, server.metrics(), HUB_LAG)
        search.is_over = True
        crowd.until(lambda: search.is_answered, 10, "the last search")
        talk.end()
        return outcome(crowd, figures, *ledger.disagreements())


def _language_of(name: str) -> str:
    return name if name in WORDS else "english"


def _texts(name: str) -> list[str]:
    """Of about 110 bytes each; no two of them alike."""
    language = _language_of(name)
    words = WORDS[language].split()
    turned = [" ".join((*words[n % len(words) :], *words[: n % len(words)])) for n in range(ONE_OF)]
    return [f"{text} {n}" for n, text in enumerate(turned[:-1])] + [f"{turned[-1]} {RARE[language]}"]


def _searches(caller: Caller, name: str) -> dict[str, float]:
    language = _language_of(name)
    found = [_through(caller, name, RARE[language]) for _ in range(SEARCHES)]
    nothing = [_through(caller, name, NOWHERE[language]) for _ in range(SEARCHES)]
    return {
        f"{name}_50_found_p50_ms": percentile(found, 0.5) / 1e6,
        f"{name}_through_p50_ms": percentile(nothing, 0.5) / 1e6,
    }


def _through(caller: Caller, room: str, words: str) -> int:
    """Until fifty are found or all is searched; answers come after a fifth of a second at the latest."""
    took, asked, found = 0, dict[str, object](), 0
    while found < 50:
        took += caller.ask("search", room=room, q=words, limit=50 - found, **asked)
        found += len(caller.answer.events)
        if not caller.answer.more_before:
            break
        asked = {"before": caller.answer.searched_to}
    return took


class Search:
    """Searches without end, room by room, for what is nowhere."""

    def __init__(self, connection: Connection, rooms: list[str]) -> None:
        self.is_over = self.is_answered = False
        self._connection = connection
        self._rooms = rooms
        connection.on_answer = self._on_answer
        self._ask()

    def _ask(self, **asked: object) -> None:
        room = self._rooms[0]
        query = {"room": room, "q": NOWHERE[_language_of(room)], "limit": 50, **asked}
        self._connection.call(b"search", encode_json(query))

    def _on_answer(self, _connection: Connection, _number: int, answer: Answer, _now_ns: int) -> None:
        if not answer.ok:
            raise Broken(f"a search was refused: {bytes(answer.error)!r}")
        if self.is_over:
            self.is_answered = True
        elif answer.more_before:
            self._ask(before=answer.searched_to)
        else:
            self._rooms = [*self._rooms[1:], self._rooms[0]]
            self._ask()


WORKLOAD = Workload(
    name="W16",
    title="a search through 100 k and 1 M messages beside a room that talks",
    measure=measure,
    servers=(CHAT, ON_POSTGRESQL),
    headline="million_through_p50_ms",
    targets=(
        Target(figure="english_50_found_p50_ms", at_most=100),
        Target(figure="million_through_p50_ms", at_most=1_000),
        Target(figure="late_p50_ms", at_most=1.4),
        Target(figure="hub_lag_p99_ms", at_most=10),
    ),
)
