"""A course front end in Python: does what standard input says with the library TinCanPython.

Reads {"endpoint", "name", "secret", "statements", "activity", "state"} as JSON, and writes what the
library gave back, as JSON too. What the library does not do: read `about` of a server that speaks 2.0
(it refuses versions that came after it), and send true or false in a query as the standard writes them.
"""

import json
import sys

from tincan import Activity, Agent, RemoteLRS, StateDocument, Statement, StatementList


def front_end(job: dict) -> dict:
    lrs = RemoteLRS(
        endpoint=job["endpoint"], username=job["name"], password=job["secret"], version="1.0.3"
    )
    sent = StatementList([Statement(statement) for statement in job["statements"]])
    first = done(lrs.save_statement(sent[0])).content
    rest = done(lrs.save_statements(sent[1:]))
    ids = [first.id, *(statement.id for statement in rest.content)]
    return {
        "ids": [str(id) for id in ids],
        "through": rest.response.getheader("X-Experience-API-Consistent-Through"),
        "pages": [[str(statement.id) for statement in page] for page in pages(lrs, job)],
        "actors": [json.loads(done(lrs.retrieve_statement(id)).content.actor.to_json()) for id in ids],
        "state": state(lrs, job),
    }


def pages(lrs: RemoteLRS, job: dict):
    """Walks all of the learner's statements, two on a page, the newest first."""
    agent = Agent(job["statements"][0]["actor"])
    page = done(lrs.query_statements({"agent": agent, "limit": 2})).content
    while True:
        yield page.statements
        if not page.more:
            return
        page = done(lrs.more_statements(page)).content


def state(lrs: RemoteLRS, job: dict):
    """Keeps a state, reads it back and drops it."""
    document = StateDocument(
        id="bookmark",
        activity=Activity(id=job["activity"]),
        agent=Agent(job["statements"][0]["actor"]),
        content=json.dumps(job["state"]),
        content_type="application/json",
    )
    done(lrs.save_state(document))
    kept = done(lrs.retrieve_state(document.activity, document.agent, document.id)).content
    done(lrs.delete_state(document))
    return json.loads(kept.content)


def done(answer):
    """Returns an answer that must be a success."""
    if not answer.success:
        raise RuntimeError(f"{answer.response.status}: {answer.data!r}")
    return answer


if __name__ == "__main__":
    json.dump(front_end(json.load(sys.stdin)), sys.stdout)
