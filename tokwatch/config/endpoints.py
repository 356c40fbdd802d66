"""The `[endpoint.NAME]` tables: what is polled, where, with which key and how often."""

import re
from typing import Annotated, Final, Literal, get_args

from msgspec import Meta, Struct

from tokwatch.config.alerting import is_safe

# As texts: a start without endpoints need not wait for them to be compiled.
_KEY: Final = r"env:[A-Za-z_][A-Za-z0-9_]{0,99}|file:\S.{0,400}|keyring:[^/\s]{1,100}/[^/\s]{1,100}"

Kind = Literal[
    "litellm",
    "prometheus",
    "llamacpp",
    "ollama",
    "openai",
    "anthropic",
    "anthropic-admin",
    "openrouter",
    "vercel",
    "langfuse",
    "helicone",
    "cloudflare",
    "portkey",
    "stream",
]
USUAL: Final = {
    "llamacpp": "http://127.0.0.1:8080",
    "ollama": "http://127.0.0.1:11434",
    "openai": "https://api.openai.com",
    "anthropic": "https://api.anthropic.com",
    "anthropic-admin": "https://api.anthropic.com",
    "openrouter": "https://openrouter.ai/api",
    "vercel": "https://ai-gateway.vercel.sh",
    "langfuse": "https://cloud.langfuse.com",
    "helicone": "https://api.helicone.ai",
    "portkey": "https://api.portkey.ai",
}
"""Where a kind is, unless told; all others need an address."""
PARTS: Final = {
    "litellm": ("metrics", "ready", "models", "requests", "daily", "key"),
    "prometheus": ("metrics",),
    "llamacpp": ("metrics", "slots"),
    "ollama": ("loaded",),
    "openai": ("usage", "cost"),
    "anthropic": ("usage", "cost"),
    "anthropic-admin": ("usage", "cost", "claude-code"),
    "openrouter": ("key", "credits", "daily", "generation"),
    "vercel": ("credits",),
    "langfuse": ("usage",),
    "helicone": ("usage",),
    "cloudflare": ("usage",),
    "portkey": ("daily",),
    "stream": ("events",),
}
"""What each kind offers; a test holds it to the adapters."""
KEYED: Final = frozenset(
    {
        *("openai", "anthropic", "anthropic-admin", "openrouter", "vercel"),
        *("langfuse", "helicone", "cloudflare", "portkey"),
    }
)
"""Kinds that answer nobody without a key."""


Text = Annotated[str, Meta(min_length=1)]


class EndpointTable(Struct, frozen=True, forbid_unknown_fields=True):
    """`[endpoint.NAME]`; nothing is polled that has no such table."""

    kind: Kind | None = None
    url: str = ""
    key: str = ""
    on: bool = True
    interval_seconds: Annotated[float, Meta(ge=5, le=86_400)] | None = None
    timeout_seconds: Annotated[float, Meta(ge=1, le=120)] = 15
    days: Annotated[int, Meta(ge=1, le=31)] = 7
    only: tuple[Text, ...] = ()
    model: str = ""
    mapping: str = ""

    def __post_init__(self) -> None:
        # No message repeats the address or the key: either may hold a secret by mistake.
        if self.kind is None:
            raise ValueError(f"kind is missing; one of {', '.join(get_args(Kind))}")
        if not self.address:
            raise ValueError(f"url is missing: where this {self.kind} is")
        if not is_safe(self.address):
            raise ValueError("url must begin with https://, or http:// for this machine alone")
        if re.search(r"[@?#\s]", self.address):
            raise ValueError("url is an address alone, without a name, a password or a query")
        if self.key and not re.fullmatch(_KEY, self.key):
            raise ValueError(
                "key says where the key is, never what it is: "
                '"env:VARIABLE", "file:PATH" or "keyring:SERVICE/USER"'
            )
        if not self.key and self.kind in KEYED:
            raise ValueError(f'key is missing: {self.kind} asks for one, such as "env:MY_KEY"')

        if stray := [part for part in self.only if part not in PARTS[self.kind]]:
            known = ", ".join(PARTS[self.kind])
            raise ValueError(f"only: {self.kind} has no part {stray[0]!r}; it has {known}")
        if bool(self.mapping) != (self.kind == "stream"):
            raise ValueError('mapping and kind = "stream" go together: it reads the records')

    @property
    def address(self) -> str:
        """The address as told, else where this kind usually is; without a slash at its end."""
        return (self.url or USUAL.get(self.kind or "", "")).rstrip("/")
