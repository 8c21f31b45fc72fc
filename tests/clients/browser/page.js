// What a course does in a learner's browser. Served from another origin than the record store, as
// courses are, so everything here passes the browser's rules for cross-origin requests.

const { endpoint, name, secret, course, certified, certificate, visits, learner, bookmark, activityId } =
  await (await fetch('/job')).json();

/** Does a part and tells what it gave, or how it failed. */
async function part(does) {
  try {
    return { gave: await does() };
  } catch (error) {
    return { failed: String(error?.stack ?? error) };
  }
}

const xapi = new XAPI({ endpoint, auth: XAPI.toBasicAuth(name, secret) });

async function byXapi() {
  const { data: ids, headers } = await xapi.sendStatements({ statements: course });
  const { data: read } = await xapi.getStatement({ statementId: ids[0] });
  const where = { agent: learner, activityId, stateId: 'bookmark' };
  await xapi.setState({ ...where, state: bookmark });
  const state = await xapi.getState(where);
  return {
    ids,
    read,
    through: headers['x-experience-api-consistent-through'],
    state: state.data,
    etag: state.headers.etag,
  };
}

async function withAttachment() {
  const attachments = [new TextEncoder().encode(certificate).buffer];
  const { data: [statementId] } = await xapi.sendStatement({ statement: certified, attachments });
  const { data: [read, part] } = await xapi.getStatement({ statementId, attachments: true });
  return { read, certificate: part.data ?? part };
}

async function refused() {
  const error = await xapi.sendStatement({ statement: { actor: learner } }).catch((reason) => reason);
  return { status: error.response.status, faults: error.response.data.faults.length };
}

const lrs = new TinCan.LRS({ endpoint, username: name, password: secret, allowFail: false });

/** Calls a method of TinCanJS that takes a callback in its settings. */
const call = (method, argument, settings = {}) => new Promise((resolve, reject) => {
  const callback = (error, result) => (error === null ? resolve(result) : reject(new Error(error)));
  lrs[method](...(argument ? [argument] : []), { ...settings, callback });
});

/** A query over 2,048 characters, which TinCanJS sends as a form instead. */
async function byTinCan() {
  await call('saveStatements', visits.map((visit) => new TinCan.Statement(visit)));
  const agent = new TinCan.Agent({ ...learner, name: 'A learner '.repeat(300) });
  const verb = new TinCan.Verb(visits[0].verb);
  let page = await call('queryStatements', null, { params: { agent, verb, ascending: true } });
  const read = [...page.statements];
  while (page.more) {
    page = await call('moreStatements', null, { url: page.more });
    read.push(...page.statements);
  }
  return read.map(({ target }) => target.id);
}

const results = {
  xapi: await part(byXapi),
  attachment: await part(withAttachment),
  refused: await part(refused),
  tincan: await part(byTinCan),
};
await fetch('/done', { method: 'POST', body: JSON.stringify(results) });
