"""The options of `tokwatch compress`: what they ask for, and what is wrong with them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from tokwatch.errors import ConfigError

if TYPE_CHECKING:
    import argparse

    from tokwatch.compress.limits import Limits
    from tokwatch.config import Config
    from tokwatch.prompts.compressing import Order


def order_of(args: argparse.Namespace, config: Config) -> Order:
    """Return what the options ask for; a ConfigError says what is wrong with them."""
    from tokwatch.compress.levels import Level
    from tokwatch.prompts.compressing import Order

    for pattern in args.keep:
        try:
            re.compile(pattern)
        except (re.error, OverflowError, RecursionError) as error:
            raise ConfigError(f"--keep {pattern!r} is no regular expression: {error}.") from None
    if args.originals and not args.summarise:
        raise ConfigError("--originals goes with --summarise.")
    if args.summarise and args.strategy not in (None, "auto", "summary"):
        raise ConfigError(f"--strategy {args.strategy} leaves out; --summarise goes with summary.")
    if args.rewrite and (args.summarise or args.strategy):
        raise ConfigError("--rewrite is for plain text, --strategy and --summarise are for chats.")
    return Order(
        model=args.model,
        question=args.question,
        budget=whole("--budget", args.budget),
        reduction=share("--reduce", args.reduce),
        level=Level(args.level) if args.level else None,
        stages=_stages(args.stages),
        keep=tuple(args.keep),
        is_blind=args.blind,
        limits=_limits(args, config),
    )


def whole(option: str, text: str | None, least: int = 1) -> int | None:
    """Return the whole number that an option gives."""
    if text is None:
        return None
    digits = text.replace(",", "").replace("_", "")
    if not (digits.isascii() and digits.isdigit() and least <= int(digits[:16]) < 10**15):
        raise ConfigError(f"{option} {text!r} is no whole number from {least} on.")
    return int(digits)


def share(option: str, text: str | None) -> float | None:
    """Return the share that an option gives as `30%`, `30` or `0.3`."""
    if text is None:
        return None
    found = re.fullmatch(r"\s*([0-9]{0,3}(?:\.[0-9]{1,6})?)\s*(%?)\s*", text)
    if found is None or not found[1]:
        raise ConfigError(f"{option} {text!r} is no share.", "Write it as 30%.")
    number = float(found[1])
    part = number if number < 1 and not found[2] else number / 100
    if not 0 < part < 1:
        raise ConfigError(f"{option} {text!r} is not between 0 and 100 %.")
    return part


def _stages(text: str | None) -> tuple[str, ...] | None:
    if text is None:
        return None
    from difflib import get_close_matches

    from tokwatch.compress.levels import WAYS
    from tokwatch.compress.stages import BY_NAME

    names = tuple(name.strip() for name in text.split(",") if name.strip())
    known = (*BY_NAME, *WAYS)
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, 1)
            hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(known)}."
            raise ConfigError(f"There is no stage {name!r}.", hint)
    if not names:
        raise ConfigError("--stages names none.", f"There are {', '.join(known)}.")
    return tuple(stage for name in names for stage in WAYS.get(name, (name,)))


def _limits(args: argparse.Namespace, config: Config) -> Limits | None:
    """Return the limits of a chat; where none is given, those of [context]."""
    from tokwatch.compress.limits import Limits, Strategy

    messages = whole("--max-messages", args.max_messages)
    tokens = whole("--max-tokens", args.max_tokens)
    reserve = whole("--reserve", args.reserve, 0)
    is_asked = any(one is not None for one in (messages, tokens, reserve, args.strategy))
    if not is_asked and not args.summarise:
        return None
    if messages is None and tokens is None:
        messages, tokens = config.context.max_messages, config.context.max_tokens
        reserve = config.context.reserve_tokens if reserve is None else reserve
    if tokens is not None and (reserve or 0) >= tokens:
        raise ConfigError(f"--reserve leaves nothing of {tokens:,} tokens.")
    strategy = args.strategy or ("summary" if args.summarise else "auto")
    return Limits(messages, tokens, reserve or 0, Strategy(strategy))
