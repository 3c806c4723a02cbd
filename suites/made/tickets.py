r"""Writes a made CSV of support tickets, as untidy as an export from a help desk is.

    python suites/made/tickets.py tickets.csv

    ticket;created;customer;channel;subject;body;intent
    T-100001;2026-01-02 08:14;C-20417;mail;Question;"Hello,\n\nI was charged €19.90 twice …";card charged twice

Nothing in it is real. 4,000 rows, 60 intents with prefixes in common, Windows-1252, semicolons; intents that
differ by a blank or by case, three of them with two rows each, one customer with forty tickets, mails of machines
that repeat almost word for word, and a few rows that somebody filed under the wrong intent. The same bytes every
time.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

ROWS = 4000
COLUMNS = ("ticket", "created", "customer", "channel", "subject", "body", "intent")
FIRST_DAY = datetime(2026, 1, 1)
DAYS = 300
BUSY_CUSTOMER, BUSY_TICKETS = "C-31337", 40
RARE_ROWS = 2

# Intent to what people write who have it. {n} an order, {a} an amount, {p} a product, {d} a day.
INTENTS: dict[str, Sequence[str]] = {
    "card charged twice": (
        "I was charged {a} twice for order {n}",
        "the same payment of {a} appears two times on my card",
        "my bank statement shows a double charge of {a}",
    ),
    "card declined": (
        "my card gets declined at the checkout",
        "the payment is refused although there is money on the card",
        "your shop says my card was declined",
    ),
    "card declined abroad": (
        "I am travelling and my card is declined here",
        "paying from abroad does not work, the card is refused",
        "since I am in another country your checkout refuses my card",
    ),
    "card expired": (
        "my card on file has run out, how do I put in the new one",
        "the stored card is no longer valid from this month on",
        "I got a new card since the old one expired",
    ),
    "card security code": (
        "it keeps asking for the three digits on the back",
        "the CVC is not accepted",
        "where do I find the security number of the card",
    ),
    "invoice missing": (
        "I never received an invoice for order {n}",
        "please send me the bill, my accountant needs it",
        "there is no invoice in my account",
    ),
    "invoice wrong address": (
        "the invoice shows our old address",
        "please correct the company address on the bill for order {n}",
        "the billing address on the invoice is not ours",
    ),
    "invoice wrong amount": (
        "the invoice says {a} but that is not what we agreed",
        "the total on the bill is too high",
        "you billed {a} and the offer was lower",
    ),
    "invoice tax number": (
        "our VAT number is missing on the invoice",
        "please add the tax id to the bill",
        "can you issue the invoice without VAT, we have a number",
    ),
    "refund status": (
        "where is my refund of {a}",
        "I sent the {p} back on {d} and still have no money",
        "how long does the repayment take",
    ),
    "refund wrong amount": (
        "you paid back less than {a}",
        "the refund is short by some euros",
        "only a part of my money came back",
    ),
    "refund to other card": (
        "please pay the money back to another card",
        "my old account is closed, where will the refund go",
        "can the repayment go to a different account",
    ),
    "refund refused": (
        "you refused my refund and I do not see why",
        "I object to the rejected repayment",
        "my claim for the money was turned down",
    ),
    "order status": (
        "where is order {n}",
        "what is happening with my order from {d}",
        "has the {p} been sent yet",
    ),
    "order cancel": (
        "please cancel order {n}",
        "I do not want the {p} any more, stop the order",
        "I ordered by mistake, can you undo that",
    ),
    "order change address": (
        "please send order {n} to another address",
        "I have moved, the parcel must go to the new flat",
        "the delivery address of my order is wrong",
    ),
    "order change item": (
        "can I have the {p} in another colour",
        "please change the size in order {n}",
        "I picked the wrong model, swap it before it leaves",
    ),
    "order change quantity": (
        "please make it two instead of one in order {n}",
        "I need three of the {p}, not one",
        "reduce the number of pieces in my order",
    ),
    "order confirmation missing": (
        "I paid but no confirmation mail came",
        "did you get my order, there was no message",
        "no confirmation for my purchase of {d}",
    ),
    "order minimum": (
        "what is the smallest order you accept",
        "do I have to buy for a certain sum",
        "it says my basket is below the minimum",
    ),
    "delivery late": (
        "the parcel should have been here on {d}",
        "order {n} is a week overdue",
        "I am still waiting, you promised it for {d}",
    ),
    "delivery never arrived": (
        "tracking says delivered, but there is nothing",
        "the parcel never reached me",
        "the driver claims to have left it, I have no {p}",
    ),
    "delivery damaged": (
        "the box was crushed and the {p} is broken",
        "it arrived in pieces",
        "the parcel came open and wet",
    ),
    "delivery wrong item": (
        "I got a different thing from what I ordered",
        "in the box was not the {p} but something else",
        "you sent me somebody else's order",
    ),
    "delivery missing part": (
        "a part of the {p} is not in the box",
        "the screws and the cable are missing",
        "one of two parcels is missing",
    ),
    "delivery time slot": (
        "can the driver come in the evening",
        "I want to choose the hour of the delivery",
        "nobody is at home before five, can you come later",
    ),
    "delivery abroad": (
        "do you send to Switzerland",
        "is shipping to another country possible",
        "what does it cost to send the {p} overseas",
    ),
    "delivery pick up": (
        "can I fetch the {p} from your shop myself",
        "I would like to collect order {n} in person",
        "is there a place where I can pick the parcel up",
    ),
    "delivery costs": (
        "how much is shipping",
        "why do you charge for delivery over {a}",
        "is there free shipping",
    ),
    "return how": (
        "how do I send the {p} back",
        "I want to return it, what do I have to do",
        "where do I find the return form",
    ),
    "return label": (
        "the label for the return parcel is missing",
        "I cannot print the return label",
        "please mail me a new label for sending it back",
    ),
    "return deadline": (
        "until when can I return the {p}",
        "is the period for sending back over",
        "I bought it on {d}, is it too late to return",
    ),
    "return opened": (
        "I have opened the box, may I still return it",
        "the seal is broken, do you take it back",
        "it was used once, can it go back",
    ),
    "exchange size": (
        "the {p} does not fit, I need a bigger one",
        "can I swap it for another size",
        "too small, please exchange it",
    ),
    "exchange defective": (
        "the {p} stopped working after two days, I want another",
        "please replace the faulty one",
        "it does not switch on, send me a new piece",
    ),
    "warranty claim": (
        "it broke within the guarantee",
        "I want to use the warranty for my {p}",
        "after eleven months it is dead, that is covered",
    ),
    "warranty length": (
        "how long is the guarantee",
        "is my {p} still under warranty",
        "does the guarantee last two or three years",
    ),
    "repair price": (
        "what would a repair cost",
        "can you mend the {p} and for how much",
        "I dropped it, what does fixing it cost",
    ),
    "spare part": (
        "do you sell a new battery for the {p}",
        "I need a replacement lid",
        "where can I buy the filter separately",
    ),
    "account login": (
        "I cannot log in",
        "the site does not let me into my account",
        "it says unknown user when I sign in",
    ),
    "account locked": (
        "my account is locked after too many tries",
        "you have blocked my access",
        "the account is suspended and I do not know why",
    ),
    "account password reset": (
        "the mail for a new password does not come",
        "I forgot my password",
        "the reset link is dead",
    ),
    "account password change": (
        "how do I change my password",
        "I want a new password, the old one works but is weak",
        "where can I set another password",
    ),
    "account change mail": (
        "I have a new e-mail address",
        "please change the mail address of my account",
        "my old mailbox is gone, update it",
    ),
    "account delete": (
        "please delete my account",
        "remove me and my profile from your site",
        "I want to close my account for good",
    ),
    "account two accounts": (
        "I seem to have two accounts, merge them",
        "my orders are in two different profiles",
        "can you join my old account with the new one",
    ),
    "data copy": (
        "send me all data that you hold about me",
        "I ask for a copy of my personal data",
        "under the GDPR I want to know what you store",
    ),
    "data erase": (
        "erase my personal data",
        "I withdraw my consent, wipe my records",
        "delete everything you have stored about me",
    ),
    "newsletter stop": (
        "stop sending me advertising",
        "take me off the mailing list",
        "unsubscribe does not work, your newsletter keeps coming",
    ),
    "newsletter start": (
        "I would like to get your newsletter",
        "put me on the list for news",
        "how do I sign up for your offers by mail",
    ),
    "voucher not accepted": (
        "the voucher code is refused",
        "my discount code does not work",
        "it says the coupon is not valid",
    ),
    "voucher expired": (
        "my gift card has run out, can you extend it",
        "the coupon ended yesterday",
        "is an old voucher of {a} still good",
    ),
    "voucher balance": (
        "how much is left on my gift card",
        "what is the rest on the voucher",
        "I want to know the balance of a gift card",
    ),
    "price changed": (
        "the {p} was cheaper yesterday",
        "why did the price go up to {a}",
        "another price stood in the advert",
    ),
    "price match": (
        "another shop has the {p} for {a}, do you match it",
        "do you give the same price as your competitor",
        "I found it cheaper elsewhere",
    ),
    "stock availability": (
        "when will the {p} be available again",
        "it is sold out, do you get more",
        "is the {p} in stock",
    ),
    "product question": (
        "does the {p} work with 230 volts",
        "how heavy is the {p}",
        "is the {p} dishwasher safe",
    ),
    "complaint staff": ("your colleague was rude to me on the phone", "I was treated badly by the driver"),
    "press request": ("I write for a newspaper and have questions", "we would like an interview about your firm"),
    "job application": ("do you have an open position", "I would like to work for you"),
}
RARE = ("complaint staff", "press request", "job application")
# As some agents type them.
SPELLINGS = {
    "refund status": (" refund status ", "Refund status"),
    "invoice missing": ("INVOICE MISSING",),
    "order cancel": ("order cancel ", "Order Cancel"),
    "account login": ("Account login",),
    "delivery late": (" delivery late",),
}

PRODUCTS = (
    "kettle",
    "lamp",
    "headphones",
    "backpack",
    "coffee machine",
    "jacket",
    "blender",
    "office chair",
    "tent",
)
GREETINGS = ("Hello,", "Hi,", "Good morning,", "Dear team,", "Hi there –", "Guten Tag,", "Bonjour à tous,", "")
OPENINGS = (
    "",
    "",
    "I have a problem: ",
    "Short question: ",
    "As I said on the phone, ",
    "I don’t get it: ",
    "FYI, ",
)
MIDDLES = (
    "",
    "",
    "My customer number is {c}.",
    "I ordered on {d}.",
    "This is the second time that I write.",
    "I tried it on my phone and on the computer.",
    "The order number is {n}.",
    "I paid {a} by card.",
    "It is a present, so it’s rather urgent…",
    "Your chat told me to write to you.",
)
CLOSINGS = (
    "Thanks",
    "Best regards",
    "Kind regards, Zoë",
    "Please answer soon!",
    "Merci – René",
    "Grüße, Jürgen",
    "",
)
SUBJECTS = (
    "Question",
    "Help",
    "Problem",
    "Order {n}",
    "Re: order {n}",
    "Your shop",
    "Urgent!",
    "Request",
    "(no subject)",
)
CHANNELS = ("mail", "mail", "form", "chat")
# What other machines send: a number differs, nothing else.
MACHINES = {
    "delivery never arrived": "Automatic notice: parcel {n} could not be delivered. The recipient was not met. "
    "The parcel is on its way back to the sender. Please do not answer this message.",
    "card declined": "Payment gateway: transaction {n} over {a} was declined by the issuer. Code 05. "
    "No further attempt will be made. This mailbox is not read.",
    "stock availability": "Watchlist alarm: an article on the list {n} is out of stock. "
    "You receive this because an alarm was set in the shop.",
}


def main(path: Path) -> None:
    """Writes the file."""
    random = Random(20260101)
    rows = sorted(_rows(random), key=lambda row: row["created"])
    for number, row in enumerate(rows, start=100_001):
        row["ticket"] = f"T-{number}"
    with path.open("w", encoding="cp1252", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    print(f"{path}: {len(rows):,} made tickets, {len(INTENTS)} intents")


def _rows(random: Random) -> list[dict[str, str]]:
    common = [intent for intent in INTENTS if intent not in RARE]
    # Few intents are most of the work, as at every help desk.
    weights = [1 / (4 + rank) for rank in range(len(common))]
    intents = [intent for intent in RARE for _ in range(RARE_ROWS)]
    intents += common * 8
    intents += random.choices(common, weights, k=ROWS - len(intents))
    random.shuffle(intents)
    busy = set(random.sample(range(ROWS), BUSY_TICKETS))
    return [_row(random, intent, busy=index in busy) for index, intent in enumerate(intents)]


def _row(random: Random, intent: str, *, busy: bool) -> dict[str, str]:
    customer = BUSY_CUSTOMER if busy else f"C-{random.randrange(10_000, 99_999)}"
    values = {
        "n": str(random.randrange(400_000, 999_999)),
        "a": f"€{random.randrange(5, 400)}.{random.choice(('00', '50', '90', '99'))}",
        "p": random.choice(PRODUCTS),
        "d": f"{random.randrange(1, 28)} {random.choice(('March', 'April', 'May', 'June', 'July'))}",
        "c": customer,
    }
    if intent in MACHINES and random.random() < 0.35:
        subject, body = "Automatic message", MACHINES[intent]
    else:
        subject, body = _written(random, intent)
    created = FIRST_DAY + timedelta(minutes=random.randrange(DAYS * 24 * 60))
    return {
        "created": created.strftime("%Y-%m-%d %H:%M"),
        "customer": customer,
        "channel": random.choice(CHANNELS),
        "subject": subject.format(**values),
        "body": body.format(**values),
        "intent": _filed(random, intent),
    }


def _written(random: Random, intent: str) -> tuple[str, str]:
    said = random.choice(INTENTS[intent])
    aside = random.choice(MIDDLES)
    if random.random() < 0.15:  # people mention other things too
        other = random.choice(INTENTS[random.choice(list(INTENTS))])
        aside = f"The other matter ({other}) is settled."
    first = random.choice(OPENINGS) + said + random.choice((".", ".", "!", "?", " …"))
    if first[0].islower() and random.random() < 0.8:
        first = first[0].upper() + first[1:]
    if random.random() < 0.3:
        first = _mistyped(random, first)
    parts = [random.choice(GREETINGS), " ".join(part for part in (first, aside) if part), random.choice(CLOSINGS)]
    subject = said if random.random() < 0.2 else random.choice(SUBJECTS)
    return subject, "\n\n".join(part for part in parts if part)


def _mistyped(random: Random, text: str) -> str:
    """Two letters turned round, inside a word and outside of braces."""
    places = [i for i in range(1, len(text) - 2) if text[i - 1 : i + 2].isalpha()]
    if not places:
        return text
    at = random.choice(places)
    return text[:at] + text[at + 1] + text[at] + text[at + 2 :] if text[at + 1].isalpha() else text


def _filed(random: Random, intent: str) -> str:
    """The intent as an agent typed it."""
    if intent in RARE:
        return intent
    chance = random.random()
    if chance < 0.02:
        return random.choice([other for other in INTENTS if other not in RARE])
    if intent in SPELLINGS and chance < 0.2:
        return random.choice(SPELLINGS[intent])
    return intent


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "tickets.csv"))
