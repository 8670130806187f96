"""A small browser: cookies, forms, nothing else. Tests and benches ask a real server with it."""

import http.client
import re
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from urllib.parse import urlencode

KEY = re.compile(r'name="recovery_key" value="([0-9A-Z-]{35})"')
HTML = "application/x-www-form-urlencoded"


@dataclass
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")

    @property
    def key(self) -> str:
        """The recovery key that the page shows."""
        found = KEY.search(self.text)
        assert found, self.status  # noqa: S101 - whoever asks for it has joined
        return found[1]


@dataclass
class Browser:
    """Keeps cookies, and sends the token with each form. Raises `OSError` or `HTTPException` if it is cut off."""

    port: int
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    timeout: float = 60.0

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, None, headers)

    def post(self, path: str, fields: dict[str, str] | bytes, **headers: str) -> Answer:
        if "csrf" not in self.cookies:
            self.get("/sign-in/")
        token = urlencode({"csrfmiddlewaretoken": self.cookies["csrf"]}).encode()
        body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
        return self.ask("POST", path, token + b"&" + body, {"Content-Type": HTML, **headers})

    def ask(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=self.timeout)
        try:
            cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
            sent = {**self.headers, **headers, **({"Cookie": cookies} if cookies else {})}
            connection.request(method, path, body, sent)
            response = connection.getresponse()
            answer = Answer(response.status, response.headers, response.read())
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie", []):
            for name, morsel in SimpleCookie(line).items():
                self.cookies[name] = morsel.value
                if not morsel.value:
                    del self.cookies[name]
        return answer

    def twin(self) -> "Browser":
        """Another one with the same cookies: a second tab, or a thief."""
        return Browser(self.port, dict(self.headers), dict(self.cookies))
