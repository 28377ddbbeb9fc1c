"""Runs statements on the ClickHouse engine of this virtual environment: a JSON list of texts on stdin, a JSON object on stdout.

`version` is the engine's; `answers` holds for each statement the rows that came, or the error's text.
"""

import json
import sys
import tempfile

from chdb import ChdbError, session

with tempfile.TemporaryDirectory() as folder:
    engine = session.Session(folder)

    def answer(statement):
        try:
            return [json.loads(line) for line in str(engine.query(statement, "JSONCompactEachRow")).splitlines()]
        except ChdbError as error:
            return str(error)

    answers = [answer(statement) for statement in json.load(sys.stdin)]
    json.dump({"version": answer("SELECT version()")[0][0], "answers": answers}, sys.stdout)
