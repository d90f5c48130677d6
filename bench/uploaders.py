"""People who upload, as a program beside the crowd: all at once, each a file, again and again.

``python -m bench.uploaders PORT BYTES`` reads a line of tokens, sends until its stdin ends, and prints, as
JSON, what it has sent. It is a process of its own, so that the crowd's clock waits for nothing here.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from http.client import HTTPConnection, HTTPException

STREAM = "application/offset+octet-stream"
BETWEEN_SECONDS = 0.05  # after a refusal


class Uploading:
    def __init__(self, port: int, size: int) -> None:
        self._port = port
        self._body = bytes(range(256)) * (size // 256)
        self._is_over = threading.Event()
        self.sent = self.files = self.refused = 0
        self.took: list[float] = []

    def run(self, tokens: list[str]) -> None:
        threads = [threading.Thread(target=self._send_files, args=(n, t)) for n, t in enumerate(tokens)]
        for thread in threads:
            thread.start()
        print("ready", flush=True)  # noqa: T201 - whoever started it waits for that
        sys.stdin.read()
        self._is_over.set()
        for thread in threads:
            thread.join()

    def _send_files(self, number: int, token: str) -> None:
        while not self._is_over.is_set():
            began_at = time.monotonic()
            try:
                status = self._send(number, token)
            except (OSError, HTTPException):
                status = 0
            if status == 201:
                self.files += 1
                self.sent += len(self._body)
                self.took.append(time.monotonic() - began_at)
            else:
                self.refused += 1
                time.sleep(BETWEEN_SECONDS)

    def _send(self, number: int, token: str) -> int:
        """A file in one request; then it is given up, so that the next fits within what one may have."""
        bearer = {"Authorization": f"Bearer {token}", "Tus-Resumable": "1.0.0"}
        connection = HTTPConnection("127.0.0.1", self._port, timeout=120)
        try:
            headers = {**bearer, "Upload-Length": str(len(self._body)), "Content-Type": STREAM}
            connection.request("POST", f"/api/rooms/files-{number}/uploads", self._body, headers)
            answer = connection.getresponse()
            said = json.loads(answer.read())
            if answer.status == 201:
                connection.request("DELETE", f"/api/uploads/{said['id']}", headers=bearer)
                connection.getresponse().read()
            return answer.status
        finally:
            connection.close()


def main() -> None:
    uploading = Uploading(int(sys.argv[1]), int(sys.argv[2]))
    uploading.run(sys.stdin.readline().split())
    figures = {"sent": uploading.sent, "files": uploading.files, "refused": uploading.refused}
    print(json.dumps({**figures, "took": sorted(uploading.took)}))  # noqa: T201


if __name__ == "__main__":
    main()
