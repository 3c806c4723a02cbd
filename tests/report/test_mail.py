"""The comparison as a mail."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_string, policy
from email.message import EmailMessage

import pytest

import harness
from harness.api import Comparison
from harness.report import files
from harness.running.runner import Options

WORDS = {"fine": "good", "awful": "bad"}
SUITE = """
name: s
tasks: [{name: t, kind: label, instructions: "Good or bad?", data: {path: rows.csv}}]
latency_sample: 2
"""


@pytest.fixture(scope="module")
def compared(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    tmp = tmp_path_factory.mktemp("mail")
    rows = "".join(f"{word} {number},{label}\n" for number in range(12) for word, label in WORDS.items())
    (tmp / "rows.csv").write_text("text,target\n" + rows)
    (tmp / "s.yaml").write_text(SUITE)
    return harness.run(tmp / "s.yaml", options=Options(results=tmp / "results")).compare()


def read(text: str) -> EmailMessage:
    message = message_from_string(text, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_the_mail_says_what_to_use_and_has_the_report_attached(compared: Comparison) -> None:
    message = read(files.text(compared.compared, ".eml"))
    [task] = compared.tasks
    body = message.get_body(("plain",))
    assert body is not None
    said = " ".join(body.get_content().split())
    assert task.recommendation.sentence in said
    assert task.recommendation.reasons[0] in said
    assert task.recommendation.not_measured[0] in said
    assert task.recommendation.sentence in str(message["Subject"])
    [attached] = message.iter_attachments()
    assert attached.get_filename() == "report.html"
    assert attached.get_content().rstrip() == files.text(compared.compared, ".html").rstrip()


def test_a_mail_without_texts_attaches_a_report_without_them(compared: Comparison) -> None:
    message = read(files.text(compared.compared, ".eml", texts=False))
    [attached] = message.iter_attachments()
    assert attached.get_content().rstrip() == files.text(compared.compared, ".html", texts=False).rstrip()


def test_a_name_with_a_line_end_adds_no_header(compared: Comparison) -> None:
    [run] = compared.compared.runs
    named = run.model_copy(update={"name": "a\nBcc: x@example.com"})
    message = read(files.text(replace(compared.compared, runs=(named,)), ".eml"))
    assert message["Bcc"] is None
