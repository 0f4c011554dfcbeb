"""What the providers answer: mostly pictures, and every way in which they fail."""

from typing import Any, Final

#: Of Hugging Face, which answers with the picture itself.
HUGGINGFACE: Final[list[dict[str, Any]]] = [
    *({"scenario": "success", "delay_seconds": delay / 10} for delay in range(3, 9) for _ in range(5)),
    {"scenario": "429", "retry_after": 1},
    {"scenario": "429"},
    {"scenario": "500"},
    {"scenario": "loading", "estimated_time": 1},
    {"scenario": "slow"},
    {"scenario": "truncated"},
    {"scenario": "trickle"},
    {"scenario": "disconnect"},
    {"scenario": "html"},
    {"scenario": "other_size"},
]
#: Of Black Forest Labs, which can be asked again by a ticket.
BFL: Final[list[dict[str, Any]]] = [
    *({"scenario": "success", "delay_seconds": delay / 10, "polls": 1} for delay in range(3, 9) for _ in range(5)),
    {"scenario": "429", "retry_after": 1},
    {"scenario": "429"},
    {"scenario": "500"},
    {"scenario": "500", "at": "poll", "faults": 2},
    {"scenario": "429", "at": "poll", "retry_after": 1},
    {"scenario": "truncated"},
    {"scenario": "pending"},
    {"scenario": "content_moderated"},
    {"scenario": "request_moderated"},
    {"scenario": "error"},
    {"scenario": "expired"},
    {"scenario": "other_size"},
]
#: Of these requests nothing comes any more: who asks again may buy again.
LOST: Final = frozenset({"error", "expired", "task_not_found"})
