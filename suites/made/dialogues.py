"""Writes made dialogues of a bank's help desk in which the last turn alone tells nothing.

    python suites/made/dialogues.py dialogues.csv     dialogue;earlier;message;intent
    python suites/made/dialogues.py chats.jsonl       {"messages": [{"role": "user", "content": …}, …]}

    Customer: Hello, I lost my card on the tram.
    Agent: I am sorry to hear that. Which number may I call you on?
    Customer: 079 412 88
    Agent: Thank you. Shall I go ahead?
    message  yes please                                intent  block card      answer  I have blocked the card.

Nothing in them is real. 240 rows, 4 intents, each as often; the same bytes every time.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from random import Random
from typing import NamedTuple

ROWS = 240
SPEAKERS = {"user": "Customer", "assistant": "Agent"}
OPENINGS = {
    "block card": (
        "I lost my card {where}",
        "my card was stolen {where}",
        "somebody took my wallet {where}, with the card in it",
        "I left my card {where} and it is gone",
    ),
    "raise limit": (
        "I cannot pay more than {amount} a day {where}",
        "my daily limit of {amount} is too low {where}",
        "I need to spend more than {amount} at once {where}",
        "please let me pay up to {amount} {where}",
    ),
    "close account": (
        "I want to leave your bank, I found a better one {where}",
        "I do not need this account any more, I have another {where}",
        "please cancel my account, I am moving {where}",
        "I am no longer a customer of yours, I bank {where} now",
    ),
    "send statement": (
        "I need a list of all bookings above {amount} {where}",
        "my accountant asks for the bookings of last year {where}",
        "please mail me what went in and out of my account {where}",
        "I cannot find last month's statement {where}",
    ),
}
ANSWERS = {
    "block card": "I have blocked the card. A new one is on its way.",
    "raise limit": "I have raised your limit. You can use it at once.",
    "close account": "I have closed the account. We are sorry to see you go.",
    "send statement": "I have sent you the statement by mail.",
}
GREETINGS = ("Hello,", "Good morning,", "Hi,", "Hello there,")
PLACES = ("on the tram", "in Bern", "at work", "abroad", "at home", "in the shop", "on holiday", "in Geneva")
ASKING = (
    "I see. Which number may I call you on?",
    "Thank you for telling us. What is your telephone number?",
    "I can help you with that. May I have your telephone number?",
)
CONFIRMING = (
    "Thank you. Shall I go ahead?",
    "I have found you. Shall I do that now?",
    "Do you want that today?",
)
LAST = ("yes please", "yes, do that", "please go ahead", "that would be good", "yes, today", "sure, thank you")


class Dialogue(NamedTuple):
    """Turns of the customer and the agent in turn, the customer's first and last."""

    name: str
    turns: tuple[str, ...]
    intent: str


def dialogues(rows: int = ROWS) -> list[Dialogue]:
    """All of them, in an order that says nothing."""
    random = Random(0)
    made = []
    for number in range(rows):
        intent = list(OPENINGS)[number % len(OPENINGS)]
        opening = random.choice(OPENINGS[intent])
        said = opening.format(where=random.choice(PLACES), amount=f"{random.randrange(2, 90) * 100} francs")
        turns = (
            f"{random.choice(GREETINGS)} {said}.",
            random.choice(ASKING),
            f"0{random.randrange(76, 80)} {random.randrange(100, 999)} {random.randrange(10, 99)}",
            random.choice(CONFIRMING),
            random.choice(LAST),
        )
        made.append(Dialogue(f"D-{number + 1:04}", turns, intent))
    random.shuffle(made)
    return made


def main(path: Path) -> None:
    made = dialogues()
    if path.suffix == ".jsonl":
        path.write_text("".join(json.dumps({"messages": _messages(each)}) + "\n" for each in made))
        return
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("dialogue", "earlier", "message", "intent"))
        for each in made:
            earlier = [f"{SPEAKERS[turn['role']]}: {turn['content']}" for turn in _messages(each)[:-2]]
            writer.writerow((each.name, "\n".join(earlier), each.turns[-1], each.intent))


def _messages(dialogue: Dialogue) -> list[dict[str, str]]:
    turns = (*dialogue.turns, ANSWERS[dialogue.intent])
    return [{"role": ("user", "assistant")[i % 2], "content": turn} for i, turn in enumerate(turns)]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
