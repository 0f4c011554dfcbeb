"""Cells that try to be more than a text, and how each is read back from a file that was saved for a spreadsheet."""

HOSTILE_CELLS = {
    "=HYPERLINK(1)": "'=HYPERLINK(1)",
    "+1": "'+1",
    "-1": "'-1",
    "@SUM(A1)": "'@SUM(A1)",
    "\t=1": "'\t=1",
    "\r=1": "'\r=1",
    '=1,"2"': '\'=1,"2"',
    "1+1=2": "1+1=2",
    "'=1": "'=1",
    'a "word", and\r\nanother': 'a "word", and\r\nanother',
    "\u2014": "\u2014",
    "": "",
}
