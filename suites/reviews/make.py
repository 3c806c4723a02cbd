"""Writes reviews.csv: made reviews of made hotels, many of them longer than an embedder's window.

    id    stars  verdict  text
    r001  2      end      We came down from Lyon on a Tuesday … In the end I was disappointed: …

Nobody wrote these. A review is 60 to 900 words of what somebody did there, with opinions on the way that say
nothing about the stars, and one paragraph that does: at the end of most, in the middle or at the start of the
others. Run it again (`python suites/reviews/make.py`) and the same file comes out.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path
from random import Random

ROWS = 500
SEED = 20
NOISE = 0.15  # of the reviews have a star more or less than their words say, as people's do

SLOTS = {
    "city": ("Lyon", "Porto", "Graz", "Leeds", "Ghent", "Turin", "Malmo", "Cork", "Bilbao", "Gdansk"),
    "day": ("a Monday", "a Tuesday", "a Thursday", "a Friday", "a Saturday", "a Sunday"),
    "month": ("January", "March", "May", "June", "August", "October", "December"),
    "with": ("my sister", "my husband", "two friends", "the children", "a colleague", "my parents", "our dog"),
    "hour": ("seven", "eight", "half past nine", "ten", "noon", "three", "a quarter to six"),
    "dish": ("soup", "trout", "a stew", "pancakes", "an omelette", "dumplings", "a salad", "lamb"),
    "place": ("the harbour", "the old mill", "the market", "the chapel", "the museum", "the lake", "the castle"),
    "thing": ("the lamp", "the kettle", "the lift", "the shower", "the window", "the key card", "the heating"),
    "name": ("the Marlin", "the Old Post", "the Linden", "the Arcade", "the Blue Anchor", "the Station Hotel"),
    "number": ("two", "three", "four", "five", "six"),
}

# What somebody did there: nothing in it is for or against the hotel.
STORY = (
    "We came down from {city} on {day} in {month}, {number} hours by train and then a bus that stops at {place}.",
    "I had booked {number} nights at {name} for {with} and myself, mostly because it is close to {place}.",
    "Our room was on the {number}th floor and looked out over the street towards {place}.",
    "On {day} we walked to {place}, which took about an hour, and were back by {hour}.",
    "{with} wanted to see {place}, so we split up after breakfast and met again at {hour}.",
    "At {hour} they serve a small supper, and that evening it was {dish}.",
    "There is a shelf of paperbacks by the stairs where guests leave what they have read.",
    "The man at the desk told us that the building was a school until the seventies.",
    "We asked how to work {thing}, and somebody came up within {number} minutes to show us.",
    "For lunch we went into town and had {dish} at a place that {with} had read about.",
    "It rained from {hour} on, so we played cards in the lounge with a couple from {city}.",
    "The corridor is long and carpeted, and there are photographs of {place} all along it.",
    "We had {number} bags and a pushchair, and parked behind the building next to the bins.",
    "The bus to {place} goes every {number} hours, and the timetable hangs beside the door.",
    "Breakfast is from {hour}, with bread, cheese, eggs and a different cake each day.",
    "A wedding party from {city} had taken the first floor, {number} dozen people by my count.",
    "I work on trains these days, so I spent one morning at the desk by {thing}.",
    "The next day {with} slept in, and I walked round {place} on my own and took pictures.",
    "There are {number} towels to a room, and they are changed when you leave them on the floor.",
    "We looked at {name} next door too, which is a little larger and has a garden.",
    "On the way back we changed at {city}, where we waited {number} hours for the connection.",
    "In {month} the sun sets behind {place}, and people stand on the bridge to watch it.",
)

# Opinions on the way. They come whatever the stars are, so they mislead who reads no further.
ASIDES = (
    "My first impression was a good one.", "At first I was not so sure about the place.",
    "The lobby smelled of fresh paint.", "The welcome was friendly enough.",
    "I liked the colour of the walls.", "{thing} looked as if it had seen better days.",
    "The pillows were softer than I am used to.", "Somebody had left a window open.",
    "I thought the {dish} was nice.", "I did not care much for the {dish}.",
)  # fmt: skip

# What decides, by stars.
VERDICTS: dict[int, Sequence[str]] = {
    1: (
        "To sum up, this was the worst stay of my life.", "I would not send my worst enemy to {name}.",
        "The bed was filthy, {thing} was broken and nobody cared.", "We want all of our money back.",
        "Rude, dirty and a disgrace: one star, and only because none cannot be given.",
        "We left a day early, disgusted, and will never come back.",
        "A disgrace from the cellar to the roof.", "Never again, not even if they paid us for it.",
        "Everything that can go wrong in a hotel went wrong.", "Stay away from {name}: it is dreadful.",
    ),
    2: (
        "In the end I was disappointed.", "For that price I had expected a good deal more of {name}.",
        "{thing} did not work for half of our stay, and the apology was lame.",
        "Too much went wrong for me to recommend it, though it was not a catastrophe.",
        "I would rather look for something else next time.", "Rather poor: two stars, with some goodwill.",
        "It was a let-down, though the beds were all right.", "They promised more than they can keep.",
        "I was not happy with what we got.", "Below what a hotel of this kind should be.",
    ),
    3: (
        "All in all it was average.", "Some things were good, others were not, and it evens out.",
        "{name} is fine for a night and not more than that.", "Neither a recommendation nor a warning from me.",
        "You get what you pay for, no more and no less.", "Middling: three stars seem fair.",
        "It was all right, if a bit dull.", "Decent enough, and easily forgotten.",
        "I would not go out of my way for it, nor avoid it.", "So-so: a fair place with its ups and downs.",
    ),
    4: (
        "Looking back, we were pleased with {name}.", "A good stay with one or two small flaws.",
        "Apart from {thing} there was little to complain about.", "I can recommend it, and we may well return.",
        "Good value, kind people, nearly everything as it should be.", "Four stars: very good, just not perfect.",
        "A pleasant place that gets most things right.", "Nice rooms and helpful people; I was happy there.",
        "We enjoyed ourselves, small matters aside.", "Better than most that I know.",
    ),
    5: (
        "To sum up, it was wonderful from the first minute to the last.",
        "The best hotel that I have ever been to.",
        "Everything at {name} was perfect, and the staff are angels.",
        "We have already booked again for next year.",
        "I recommend it with all my heart.", "Five stars are not enough for such a delightful place.",
        "Simply superb, I have no other word for it.", "Nothing could have been better.",
        "An unforgettable stay: {name} is a treasure.", "I was enchanted by every single thing.",
    ),
}  # fmt: skip

PLACES = ("end", "end", "end", "middle", "start")  # where the verdict stands, as often as it is listed


def main() -> None:
    """Writes the file beside this one."""
    with Path(__file__).with_name("reviews.csv").open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(["id", "stars", "verdict", "text"])
        for number in range(1, ROWS + 1):
            writer.writerow([f"r{number:03}", *review(Random(f"{SEED}/{number}"))])


def review(rng: Random) -> tuple[int, str, str]:
    """Stars, where the verdict stands, and the text."""
    stars, place = rng.randint(1, 5), rng.choice(PLACES)
    verdict = [_filled(each, rng) for each in rng.sample(VERDICTS[stars], 3)]
    if rng.random() < NOISE:
        stars = min(5, max(1, stars + rng.choice((-1, 1))))
    words = rng.randint(60, 160) if rng.random() < 0.3 else rng.randint(220, 860)
    story: list[str] = []
    while sum(len(each.split()) for each in (*story, *verdict)) < words:
        asides = rng.random() < 0.15
        story.append(_filled(rng.choice(ASIDES if asides else STORY), rng))
    at = {"start": 0, "middle": len(story) // 2, "end": len(story)}[place]
    parts = [story[:at], verdict, story[at:]]
    return stars, place, "\n\n".join(" ".join(part) for part in parts if part)


def _filled(template: str, rng: Random) -> str:
    text = template.format(**{name: rng.choice(values) for name, values in SLOTS.items()})
    return text[0].upper() + text[1:]


if __name__ == "__main__":
    main()
