"""A chat server in memory, with a network that the test owns: the fake behind `open_socket`."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Any

from chatapp.client import ChatClient
from chatapp.client.wire import Json
from chatapp.client.wire_socket import Listener


class Line:
    """One socket of one client. What happens on it comes from the server's thread, as in life."""

    def __init__(self, server: Server, tell: Listener, user: Json) -> None:
        self.server = server
        self.user = user
        self.is_open = True
        self.tell = tell
        server.later(server.greet, self)

    def emit(self, name: str, payload: Any, answer: Callable[[Any], None] | None = None) -> None:
        self.server.later(self.server.hear, self, name, payload, answer)

    def close(self) -> None:
        self.server.later(setattr, self, "is_open", False)  # what was said before arrives before

    def cut(self) -> None:
        self.is_open = False


class Server:
    def __init__(self) -> None:
        self.log: list[Json] = []
        self.lines: list[Line] = []
        self.heard: list[tuple[str, Json]] = []
        self.refuses_connection: Json | None = None
        self.refuses: dict[str, Json] = {}  # event → error, once
        self.is_mute = False  # stores, and says nothing
        self.features = ["edit", "delete", "react", "reactions", "message.reply_to", "message.mentions"]
        self._work: queue.Queue[tuple[Callable[..., object], tuple[Any, ...]] | None] = queue.Queue()
        threading.Thread(target=self._run, daemon=True).start()

    def client(self, name: str, **options: Any) -> ChatClient:
        user = {"id": f"u_{name}", "name": name}
        return ChatClient(
            "http://fake", token="t", open_socket=lambda tell: Line(self, tell, user), **options
        )

    def later(self, work: Callable[..., object], *args: Any) -> None:
        self._work.put((work, args))

    def stop(self) -> None:
        self._work.put(None)

    def _run(self) -> None:
        while (item := self._work.get()) is not None:
            work, args = item
            work(*args)
            self._work.task_done()

    def finish(self) -> None:
        """Return when everything that has reached the server is done."""
        self._work.join()

    def greet(self, line: Line) -> None:
        if self.refuses_connection is not None:
            line.tell("connect_error", self.refuses_connection)
            return
        self.lines.append(line)
        line.tell("hello", {"user": line.user, "server_time": 0, "features": self.features})

    def tell_all(self, name: str, value: Json) -> None:
        """To everybody who is connected; a test calls it through `later`."""
        for line in self.lines:
            if line.is_open:
                line.tell(name, value)

    def hear(self, line: Line, name: str, payload: Json, answer: Callable[[Any], None] | None) -> None:
        if not line.is_open:
            return
        self.heard.append((name, payload))
        error = self.refuses.pop(name, None)
        ack = {"ok": False, "error": error} if error else getattr(self, f"_{name}")(line, payload)
        if answer and not self.is_mute:
            answer(ack)

    def post(self, user: Json, content: str, client_id: str = "x", *, told: bool = True, **more: Any) -> Json:
        return self._put("message", user, client_id, {"content": content, **more}, told=told)

    def change(self, user: Json, kind: str, target: int, client_id: str = "x", **body: Any) -> Json:
        """An edit (`content`) or a deletion; the row that it is of is another one from now on."""
        row = self.log[target - 1]
        said = {"target": {"seq": target, "id": row["id"]}, **body}
        event = self._put(kind, user, client_id, said)
        if row.get("rev", 0) < event["seq"]:
            is_edit = kind == "edit"
            gone = {"content": "", "deleted": {"at": event["ts"], "by": "author"}}
            now = {**row["body"], **body} if is_edit else gone
            self.log[target - 1] = {**row, "rev": event["seq"], "body": now}
        return event

    def _put(self, kind: str, user: Json, client_id: str, body: Json, *, told: bool = True) -> Json:
        known = next((e for e in self.log if (e["user"], e["client_id"]) == (user, client_id)), None)
        if known and client_id != "x":
            return known
        seq = len(self.log) + 1
        event = {
            "room": "lobby",
            "seq": seq,
            "type": kind,
            "id": f"m{seq}",
            "ts": seq,
            "user": user,
            "client_id": client_id,
            "body": body,
        }
        self.log.append(event)
        if told and not self.is_mute:
            self.tell_all("event", event)
        return event

    def _message(self, line: Line, payload: Json) -> Json:
        before = len(self.log)
        answered = {"reply_to": payload["reply_to"]} if "reply_to" in payload else {}
        event = self.post(line.user, payload["content"], payload["client_id"], **answered)
        return self._stored(event, is_new=len(self.log) > before)

    def _stored(self, event: Json, *, is_new: bool) -> Json:
        return {"ok": True, "seq": event["seq"], "id": event["id"], "ts": 0, "duplicate": not is_new}

    def _edit(self, line: Line, payload: Json) -> Json:
        before, target = len(self.log), payload["target"]["seq"]
        at = {"edited_at": before, "edited_seq": before + 1}
        event = self.change(line.user, "edit", target, payload["client_id"], content=payload["content"], **at)
        return self._stored(event, is_new=len(self.log) > before)

    def _delete(self, line: Line, payload: Json) -> Json:
        before, target = len(self.log), payload["target"]["seq"]
        event = self.change(line.user, "delete", target, payload["client_id"], by="author")
        return self._stored(event, is_new=len(self.log) > before)

    def _react(self, line: Line, payload: Json) -> Json:
        change = {"target": payload["target"], "emoji": payload["emoji"], "on": payload["on"]}
        body = {"changes": [{**change, "user": line.user, "count": int(payload["on"])}]}
        event = self._put("react", {"id": "", "name": ""}, f"m{len(self.log) + 1}", body)
        row = self.log[payload["target"]["seq"] - 1]
        counts = [{"emoji": payload["emoji"], "count": 1}] if payload["on"] else []
        now = {**row["body"], "reactions": counts}
        self.log[row["seq"] - 1] = {**row, "rev": event["seq"], "body": now}
        return {"ok": True, "seq": event["seq"]}

    def _reactions(self, line: Line, payload: Json) -> Json:
        row = self.log[payload["target"]["seq"] - 1]
        counts = row["body"].get("reactions", [])
        return {"ok": True, "reactions": [{**each, "users": [line.user]} for each in counts]}

    def _join(self, line: Line, payload: Json) -> Json:
        since = payload.get("since")
        return {
            "ok": True,
            "room": {"id": "lobby", "retention_ms": 86_400_000},
            "stream": "s",
            "head": len(self.log),
            "floor": 1,
            "recovered": since is not None,
            "events": self.log[since["seq"] :] if since else self.log[-payload["limit"] :],
            "more": False,
            "presence": {"v": [1, 1], "users": [line.user], "count": 1},
            "read": 0,
        }

    def _history(self, _line: Line, payload: Json) -> Json:
        page = [e for e in self.log if payload.get("after", 0) < e["seq"] < payload.get("before", 10**9)]
        return {
            "ok": True,
            "events": page,
            "from": page[0]["seq"] if page else None,
            "to": page[-1]["seq"] if page else None,
            "stream": "s",
            "head": len(self.log),
            "floor": 1,
            "more_before": False,
            "more_after": False,
        }

    def _search(self, _line: Line, payload: Json) -> Json:
        found = [e for e in self.log[::-1] if payload["q"] in e["body"].get("content", "")]
        return {"ok": True, "events": found, "searched_to": 1, "more_before": False}

    def _lookup(self, line: Line, payload: Json) -> Json:
        own = {
            e["client_id"]: {"seq": e["seq"], "id": e["id"], "ts": 0}
            for e in self.log
            if e["user"] == line.user
        }
        asked = payload["client_ids"]
        return {
            "ok": True,
            "found": {c: own[c] for c in asked if c in own},
            "unknown": [c for c in asked if c not in own],
        }

    def _ping(self, _line: Line, payload: Json) -> Json:
        behind = {room: len(self.log) for room, head in payload["heads"].items() if head < len(self.log)}
        return {"ok": True, "t": payload["t"], "server_time": 0, "behind": behind}

    def _presence(self, line: Line, _payload: Json) -> Json:
        return {"ok": True, "v": [1, 9], "users": [line.user], "count": 1}

    def _leave(self, _line: Line, _payload: Json) -> Json:
        return {"ok": True}
