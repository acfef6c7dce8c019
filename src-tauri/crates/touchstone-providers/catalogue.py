#!/usr/bin/env python3
"""Writes catalogue.json, the models and prices that Touchstone knows.

    pip download --no-deps litellm==1.109.1
    python3 catalogue.py litellm-1.109.1-*.whl 2026-11-22 > catalogue.json

The figures are those of litellm's price list (MIT, Berri AI), which lies inside its wheel; the date is the day for which
they were looked at. What the list does not know or has wrong is in OVERLAY, which wins. A price that nobody states is
left out, which is not the same as nothing.
"""

import json
import sys
import zipfile
from decimal import Decimal

LIST = "litellm/model_prices_and_context_window_backup.json"

# Our provider, the prefix of its names in the list, and the models to offer, the default first.
MODELS = {
    "open_ai": (
        "",
        "gpt-6-luna gpt-6.1-terra gpt-6-sol gpt-6.1-sol gpt-6-astra gpt-5.6-luna gpt-5.6-terra gpt-5.6-sol gpt-5.5 "
        "gpt-5.4 gpt-5.4-mini gpt-5.4-nano gpt-5.2 gpt-5.1 gpt-4.1 gpt-4.1-mini gpt-4o gpt-4o-mini "
        "gpt-5 gpt-5-mini gpt-5-nano o3 gpt-4 gpt-3.5-turbo o1 o3-mini o4-mini gpt-4.1-nano",
    ),
    "anthropic": (
        "",
        "claude-haiku-5-5 claude-sonnet-5-5 claude-opus-5-5 claude-fable-5-1 claude-sonnet-5 claude-opus-5 "
        "claude-haiku-4-5 claude-sonnet-4-6 claude-opus-4-6 claude-opus-4-5 claude-sonnet-4-5",
    ),
    "gemini": (
        "gemini/",
        "gemini-3.8-flash gemini-3.7-flash gemini-3.6-flash gemini-3.5-flash gemini-3.5-flash-lite "
        "gemini-3.1-flash-lite gemini-3.1-pro-preview gemini-2.5-pro gemini-2.5-flash gemini-2.5-flash-lite",
    ),
    "foundry": (
        "azure_ai/",
        "deepseek-v4-pro deepseek-v4-flash deepseek-v4.1-flash DeepSeek-V4-Flash-0731 grok-4.7 grok-4.6 "
        "mistral-medium-3-5 mistral-large-3 kimi-k2.6 gpt-oss-120b",
    ),
}

SAMPLING = {
    "open_ai": ["temperature", "top_p", "frequency_penalty", "presence_penalty"],
    "anthropic": ["temperature", "top_p", "top_k"],
    "gemini": ["temperature", "top_p", "top_k"],
    "foundry": ["temperature", "top_p"],
}

# What OpenAI's models do not take while they think, in its guide to reasoning; the first of them always think.
THINKING = [*SAMPLING["open_ai"], "logprobs", "top_logprobs"]
NO_SAMPLING = {"refuses": SAMPLING["open_ai"]}
ALWAYS_THINKS = {"refuses": THINKING}
O_SERIES = {"refuses": [*THINKING, "stop"]}

# The levels in Google's tables of its models; those of generation 3 refuse penalties as an error.
LEVELS = ["low", "medium", "high"]
PENALTIES = ["frequency_penalty", "presence_penalty"]
OVERLAY = {
    **{f"gpt-{name}": NO_SAMPLING for name in ("6-luna", "6.1-terra", "6-sol", "6.1-sol", "6-astra")},
    **{f"gpt-5.6-{name}": NO_SAMPLING for name in ("luna", "terra", "sol")},
    "gpt-5.4-nano": {"retires": "2027-04-01", "refuses_thinking": THINKING},
    **{name: {"retires": "2027-01-14"} for name in ("gpt-4.1", "gpt-4.1-mini", "gpt-4o", "gpt-4o-mini")},
    **{name: {"retires": "2026-12-11"} | ALWAYS_THINKS for name in ("gpt-5", "gpt-5-mini", "gpt-5-nano")},
    **{name: {"refuses_thinking": THINKING} for name in ("gpt-5.1", "gpt-5.2", "gpt-5.4", "gpt-5.4-mini")},
    "o3": {"retires": "2026-12-11"} | O_SERIES,
    **{name: {"retires": "2026-10-23"} for name in ("gpt-4", "gpt-3.5-turbo", "gpt-4.1-nano")},
    **{name: {"retires": "2026-10-23"} | O_SERIES for name in ("o1", "o3-mini", "o4-mini")},
    "claude-sonnet-4-5": {"retires": "2026-11-30"},
    **{f"gemini-{name}": {"reasoning": LEVELS} for name in ("3.8-flash", "3.7-flash", "3.1-pro-preview")},
    **{
        f"gemini-{name}": {"reasoning": ["minimal", *LEVELS]}
        for name in ("3.6-flash", "3.5-flash", "3.5-flash-lite")
    },
    "gemini-3.1-flash-lite": {"retires": "2027-05-07", "reasoning": ["minimal", *LEVELS]},
    # They take a budget in tokens and no level.
    **{f"gemini-2.5-{name}": {"reasoning": ["none"]} for name in ("flash", "flash-lite")},
    "gemini-2.5-pro": {"reasoning": []},
}


def micros(price):
    """Micro-dollars a million tokens, of dollars a token. A price finer than that does not occur."""
    exact = Decimal(str(price)) * 10**12
    if exact != exact.to_integral_value():
        raise ValueError(f"{price} is no whole number of micro-dollars")
    return int(exact)


def tier(entry, above):
    """The prices for calls with more input than `above` tokens."""
    infix = f"_above_{above // 1000}k_tokens" if above else ""
    prices = {"above": above}
    for batch, suffix in (("", ""), ("batch_", "_batches")):
        for name, key in (
            ("input", "input_cost_per_token"),
            ("output", "output_cost_per_token"),
            ("cached", "cache_read_input_token_cost"),
            ("cache_write", "cache_creation_input_token_cost"),
        ):
            if (price := entry.get(key + infix + suffix)) is not None:
                prices[batch + name] = micros(price)
    return prices


def reasoning(provider, entry):
    """The levels of effort that a model takes; None where the list does not tell, and all are sent."""
    if provider in ("gemini", "foundry"):
        return None
    if not entry.get("supports_reasoning"):
        return []
    levels = ["low", "medium", "high"]
    for level in ("minimal", "none"):
        if entry.get(f"supports_{level}_reasoning_effort"):
            levels.insert(0, level)
    levels += [level for level in ("xhigh", "max") if entry.get(f"supports_{level}_reasoning_effort")]
    if provider == "anthropic":
        if not (entry.get("supports_output_config") or entry.get("supports_adaptive_thinking")):
            return ["none"]
        # Those that still sample think only when told to.
        if not entry.get("thinking_always_on", entry.get("supports_sampling_params") is False):
            levels.insert(0, "none")
    return levels


def model(provider, prefix, name, prices):
    entry = prices[prefix + name]
    bounds = {
        int(key.split("_above_")[1].split("k_tokens")[0]) * 1000
        for key in entry
        if key.startswith("input_cost_per_token_above_") and key.endswith("k_tokens")
    }
    made = {
        "id": name,
        "provider": provider,
        "context": entry.get("max_input_tokens"),
        "output_max": entry.get("max_output_tokens"),
        "vision": bool(entry.get("supports_vision")),
        "pdf": bool(entry.get("supports_pdf_input")),
        "reasoning": reasoning(provider, entry),
        "refuses": SAMPLING[provider] if entry.get("supports_sampling_params") is False else [],
        "retires": entry.get("deprecation_date"),
        "prices": [tier(entry, above) for above in [0, *sorted(bounds)]],
    }
    if name.startswith("gemini-3"):
        made["refuses"] = [*made["refuses"], *PENALTIES]
    return made | OVERLAY.get(name, {})


def main(wheel, date):
    with zipfile.ZipFile(wheel) as archive:
        prices = json.loads(archive.read(LIST))
    models = [
        json.dumps(model(provider, prefix, name, prices))
        for provider, (prefix, names) in MODELS.items()
        for name in names.split()
    ]
    joined = ",\n    ".join(models)
    print(f'{{\n  "source": "litellm {wheel.split("litellm-")[1].split("-")[0]} (MIT)",\n  "date": "{date}",')
    print(f'  "models": [\n    {joined}\n  ]\n}}')


if __name__ == "__main__":
    main(*sys.argv[1:])
