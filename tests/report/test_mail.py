"""The comparison as a mail."""

from __future__ import annotations

from dataclasses import replace
from email import message_from_string, policy
from email.message import EmailMessage

from harness.api import Comparison
from harness.report import files


def parsed(text: str) -> EmailMessage:
    message = message_from_string(text, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def test_the_mail_says_what_to_use_and_has_the_report_attached(compared: Comparison) -> None:
    message = parsed(files.text(compared.compared, ".eml"))
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
    assert attached.get_content() == files.text(compared.compared, ".html")


def test_a_mail_without_texts_attaches_a_report_without_them(compared: Comparison) -> None:
    message = parsed(files.text(compared.compared, ".eml", texts=False))
    [attached] = message.iter_attachments()
    assert attached.get_content() == files.text(compared.compared, ".html", texts=False)


def test_a_name_with_a_line_end_adds_no_header(compared: Comparison) -> None:
    [run] = compared.compared.runs
    named = run.model_copy(update={"name": "a\nBcc: x@example.com"})
    message = parsed(files.text(replace(compared.compared, runs=(named,)), ".eml"))
    assert message["Bcc"] is None
