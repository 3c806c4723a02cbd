from pathlib import Path


def test_x(compared):
    from harness.report.html.page import html
    Path("/tmp/made.html").write_text(html(compared))
    Path("/tmp/made-notext.html").write_text(html(compared, texts=False))
