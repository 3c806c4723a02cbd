"""Makes calls.jsonl: transcripts of calls to a shop that does not exist, and what should be noted of each.

    python suites/calls/make.py            writes the file anew, the same every time

Nothing here was ever said: names, orders and calls are drawn from the lists below by a fixed seed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

ROWS = 240
FIRST = "Anna Ben Clara David Elif Farid Greta Hugo Ines Jonas Karin Leon Mina Noah Olga Paul Rosa Samir Tilda Zoë"
LAST = "Albrecht Bauer Çelik Dietz Engel Fischer Graf Huber Iversen Jäger Keller Lindt Moser Novak Ott Pohl Weiß"
PRODUCTS = (
    "desk lamp", "kettle", "toaster", "rain jacket", "rucksack", "tent", "headphones", "keyboard", "office chair",
    "bookshelf", "coffee grinder", "wall clock", "bicycle pump", "sleeping bag", "picture frame", "cutting board",
)  # fmt: skip
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
# What the customer says first, by reason; {what} is what was ordered.
COMPLAINTS = {
    "late delivery": (
        "I am still waiting for {what}, it should have been here days ago.",
        "{What} has not arrived yet and nobody tells me where it is.",
        "Where is my parcel? I ordered {what} and the date you gave me is long past.",
    ),
    "damaged": (
        "I unpacked {what} this morning and it is broken.",
        "You sent me {what} with a crack right through it.",
        "The box was crushed, and {what} inside no longer works.",
    ),
    "wrong item": (
        "I ordered {what}, but something else was in the box.",
        "You sent me somebody else's order. Mine was {what}.",
        "This is not what I wanted: I had chosen {what}.",
    ),
    "billing": (
        "You have charged me twice for {what}.",
        "There is a mistake on my invoice for {what}.",
        "My card was debited, but not with the price that I saw for {what}.",
    ),
    "cancellation": (
        "I would like to cancel my order of {what}.",
        "Please stop the order, I do not need {what} any more.",
        "I have changed my mind about {what}, can you take the order back?",
    ),
}
OPENINGS = ("Good morning, customer service, how can I help?", "Hello, you are speaking to the service team.")
NAMES = ("My name is {}.", "This is {} speaking.", "{} here, hello.")
NUMBERS = ("The order number is {}.", "It is order {}.", "I have the number here: {}.")
AMOUNTS = ("It cost {}.", "I paid {} for it.", "That was {} in all.")
DAYS = ("I ordered on {}.", "The order is of {}.", "That was on {}.")
BACK = ("Please call me back about it.", "Can somebody ring me when it is settled?", "I expect a call back today.")
NO_BACK = ("No need to call me back.", "An e-mail is enough, do not ring me.", "That is all, thank you.")
CHATTER = (
    "Thank you for waiting.", "Let me have a look.", "One moment, the system is slow today.", "I see, I am sorry.",
    "I have been on hold for 20 minutes.", "My neighbour had the same trouble.",
)  # fmt: skip


def calls(seed: int = 0) -> Iterator[dict[str, Any]]:
    """The rows: id, channel, transcript, and the record that should be made of it."""
    rng = Random(seed)
    for number in range(1, ROWS + 1):
        record = _record(rng)
        yield {
            "id": f"call-{number:03d}",
            "channel": rng.choice(("phone", "phone", "mobile app")),
            "transcript": "\n".join(_lines(record, rng)),
            "record": record,
        }


def _record(rng: Random) -> dict[str, Any]:
    day = date(2026, 1, 5) + timedelta(days=rng.randrange(150))
    return {
        "customer": f"{rng.choice(FIRST.split())} {rng.choice(LAST.split())}",
        "order_number": None if rng.random() < 0.15 else f"{rng.choice('ABKR')}-{rng.randrange(10_000, 99_999)}",
        "amount": None if rng.random() < 0.3 else rng.randrange(8, 320) + rng.choice((0, 0.5, 0.9, 0.95, 0.99)),
        "date": None if rng.random() < 0.25 else day.isoformat(),
        "reason": rng.choice(list(COMPLAINTS)),
        "callback": rng.random() < 0.4,
        "products": rng.sample(PRODUCTS, rng.choice((1, 1, 1, 2, 2, 3))),
    }


def _lines(record: dict[str, Any], rng: Random) -> list[str]:
    what = " and ".join(f"the {name}" for name in record["products"])
    complaint = rng.choice(COMPLAINTS[record["reason"]])
    said = [complaint.format(what=what, What=what[0].upper() + what[1:])]
    if record["order_number"]:
        said.append(rng.choice(NUMBERS).format(record["order_number"]))
    if record["amount"] is not None:
        said.append(rng.choice(AMOUNTS).format(_money(record["amount"], rng)))
    if record["date"]:
        said.append(rng.choice(DAYS).format(_day(date.fromisoformat(record["date"]), rng)))
    facts = said[1:]
    rng.shuffle(facts)
    lines = [f"Agent: {rng.choice(OPENINGS)}"]
    lines.append(f"Customer: {rng.choice(NAMES).format(record['customer'])} {said[0]}")
    for fact in facts:
        if rng.random() < 0.35:
            lines.append(f"Agent: {rng.choice(CHATTER[:4])}")
        lines.append(f"Customer: {fact}")
    if rng.random() < 0.3:
        lines.append(f"Customer: {rng.choice(CHATTER[4:])}")
    lines.append(f"Customer: {rng.choice(BACK if record['callback'] else NO_BACK)}")
    return lines


def _money(amount: float, rng: Random) -> str:
    return rng.choice((f"{amount:.2f} euros", f"€{amount:.2f}", f"{amount:.2f}".replace(".", ",") + " €"))


def _day(day: date, rng: Random) -> str:
    month = MONTHS[day.month - 1]
    return rng.choice(
        (f"{day.day} {month} {day.year}", f"{month} {day.day}, {day.year}", day.strftime("%d.%m.%Y"))
    )


if __name__ == "__main__":
    path = Path(__file__).with_name("calls.jsonl")
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in calls()), encoding="utf-8")
