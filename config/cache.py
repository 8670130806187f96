"""What several machines remember together, and may forget at any time, in anything that speaks Redis."""

import logging
import time
from collections.abc import Mapping
from typing import Any

import redis
from django.core.cache.backends.redis import RedisCache

PAUSE_SECONDS = 5.0  # without asking, after it did not answer: nobody waits for it again and again

logger = logging.getLogger(__name__)


class Numbers:
    """Stores whole numbers and reads nothing else. Django's own serializer would run what a stranger put there."""

    def dumps(self, value: int) -> int:
        return value

    def loads(self, value: bytes) -> int:
        return int(value)


class Cache(RedisCache):
    """Django's cache in Redis, empty while Redis is away. It raises nothing: who asks it has to do without it too."""

    _asks_again_at = 0.0

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        params["OPTIONS"] = {
            "serializer": Numbers,
            "socket_connect_timeout": 0.5,
            "socket_timeout": 0.5,
            **params.get("OPTIONS", {}),
        }
        super().__init__(server, params)

    def get_many(self, *args: Any, **kwargs: Any) -> dict[str, int]:
        found: dict[str, int] = self._ask(super().get_many, {}, *args, **kwargs)
        return found

    def set_many(self, data: Mapping[str, int], *args: Any, **kwargs: Any) -> list[str]:
        failed: list[str] = self._ask(super().set_many, [*data], data, *args, **kwargs)
        return failed

    def delete_many(self, *args: Any, **kwargs: Any) -> None:
        self._ask(super().delete_many, None, *args, **kwargs)

    def _ask(self, call: Any, otherwise: Any, *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() < Cache._asks_again_at:
            return otherwise
        try:
            return call(*args, **kwargs)
        except (redis.RedisError, OSError, ValueError) as error:
            Cache._asks_again_at = time.monotonic() + PAUSE_SECONDS
            logger.warning("The cache does not answer (%s). The site goes on without it.", type(error).__name__)
            return otherwise
