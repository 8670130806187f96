"""How a file comes in: into memory, or not at all."""

from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import MemoryFileUploadHandler


class UploadHandler(MemoryFileUploadHandler):
    """Keeps files in memory. A request over `FILE_UPLOAD_MAX_MEMORY_SIZE` is refused before it is read.

    Django's own would read on and throw the files away.
    """

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        super().handle_raw_input(*args, **kwargs)
        if not self.activated:
            raise RequestDataTooBig("A request with files is too large.")
