"""Answers rows without the harness: `python answer.py rows.csv -o answered.csv`, or `… < rows.jsonl`.

Rows are CSV or JSONL with the columns that the task was made of (see answer.json), or with one column `text`. Each
row is written back with `answer`, `probability` and `failure` behind it; JSONL has all `probabilities` too.
"""

import argparse
import csv
import json
import re
import sys
import unicodedata
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
PART = re.compile(r"\{\{|\}\}|\{([^{}]+)\}")


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n\n", maxsplit=1)[0])
    options.add_argument("file", nargs="?", default="-", help=".csv or .jsonl; - for JSONL on standard input")
    options.add_argument("-o", "--output", help=".csv or .jsonl; without it JSONL on standard output")
    given = options.parse_args()
    rows = read(given.file)
    told = answer(rows)
    write(given.output, [{**row, **each} for row, each in zip(rows, told, strict=True)])
    return 1 if told and all(each["failure"] for each in told) else 0


def answer(rows):
    """The answers to rows: dicts of text. Import this to answer from your own program."""
    sys.path.insert(0, str(FOLDER))
    import strategy

    if not hasattr(answer, "fitted"):
        answer.fitted = strategy.load(FOLDER)
    try:
        queries = [query(row) for row in rows]
    except ValueError as error:
        sys.exit(f"the earlier turns of a row cannot be read: {error}")
    asked = [each for each in queries if each is not None]
    found = iter(answer.fitted.answer(asked) if asked else ())
    return [told({"failure": "the row has no text"} if each is None else next(found)) for each in queries]


def query(row):
    """What the strategy is asked about a row; None where there is no text."""
    settings = json.loads((FOLDER / "answer.json").read_text(encoding="utf-8"))
    turns, text = [], text_of(row, settings["text"])
    if settings["history"]:
        import dialogue

        cell = row.get(settings["history"], row.get("history"))
        turns = dialogue.turns(cell, settings["speakers"])
        if text is None and settings["whole"] and cell is not None:
            text, turns = dialogue.last_of_user(turns)
        elif turns and turns[-1]["role"] == "user" and same(turns[-1]["content"], text):
            turns.pop()
    if text is None:
        names = [match.group(1) for match in PART.finditer(settings["text"]) if match.group(1)]
        sys.exit(
            f"a row has none of the columns {', '.join(names or [settings['text']])}, nor text: {sorted(row)}"
        )
    return {"text": text, "history": turns} if text.strip() else None


def text_of(row, template):
    names = [match.group(1) for match in PART.finditer(template) if match.group(1)]
    if names and any(name in row for name in names):
        text = PART.sub(lambda m: row.get(m.group(1), "") if m.group(1) else m.group()[0], template)
        text = text if any((row.get(name) or "").strip() for name in names) else ""
    else:
        text = row.get(template, row.get("text"))
    return text


def same(one, other):
    """Whether two texts are the same, up to case, spaces and Unicode form."""
    plain = (" ".join(unicodedata.normalize("NFKC", text).casefold().split()) for text in (one, other or ""))
    return len(set(plain)) == 1


def told(result):
    if "failure" in result:
        return {"answer": "", "probability": None, "probabilities": None, "failure": result["failure"]}
    answers, sure = result["answers"], result["probabilities"]
    one = answers[0] if len(answers) == 1 else json.dumps(answers, ensure_ascii=False)
    return {"answer": one, "probability": (sure or {}).get(one), "probabilities": sure, "failure": ""}


def read(name):
    if name == "-":
        return [json.loads(line) for line in sys.stdin if line.strip()]
    with Path(name).open(encoding="utf-8-sig", newline="") as file:
        if name.endswith(".csv"):
            return list(csv.DictReader(file))
        return [json.loads(line) for line in file if line.strip()]


def write(name, rows):
    if name is not None and name.endswith(".csv"):
        with Path(name).open("w", encoding="utf-8", newline="") as file:
            columns = [c for c in dict.fromkeys(c for row in rows for c in row) if c != "probabilities"]
            writer = csv.DictWriter(file, columns, extrasaction="ignore")
            writer.writeheader()
            writer.writerows({c: inert(row.get(c)) for c in columns} for row in rows)
        return
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    if name is None:
        sys.stdout.write(text)
    else:
        Path(name).write_text(text, encoding="utf-8")


def inert(value):
    """Text that a spreadsheet would run as a formula, made plain."""
    return f"'{value}" if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


if __name__ == "__main__":
    sys.exit(main())
