"""State of one thread that holds inside of a block."""

import contextlib
import threading

from kerasgan.utils.typing import Any, Iterator


@contextlib.contextmanager
def temporarily(state: threading.local, **values: Any) -> Iterator[None]:
    """Gives a thread's state attributes, inside the block; blocks nest."""
    own = vars(state)
    before = {name: own[name] for name in values if name in own}
    own.update(values)
    try:
        yield
    finally:
        for name in values:
            del own[name]
        own.update(before)
