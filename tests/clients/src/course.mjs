// What a course front end sends about one learner.

import { createHash } from 'node:crypto';

const COURSE = 'https://lms.example.org/courses/startup';
const QUIZ = `${COURSE}/quiz`;
const ADL = 'http://adlnet.gov/expapi';

/** The identifiers by which the registers of the world know two learners. */
export const BY_ACCOUNT = { account: { homePage: 'https://lms.example.org', name: 'learner-1' } };
export const BY_MBOX = { mbox: 'mailto:learner-2@example.org' };

/** What a course keeps of a learner between two visits, and what it changes at the next one. */
export const BOOKMARK = { slide: 7, answers: { '1': 'b', '2': 'Östersund' }, done: false };
export const NEXT_BOOKMARK = { slide: 9, done: true };

/** The activity that bookmarks and profiles belong to. */
export const COURSE_ID = COURSE;

/** The whole of a course: begun, a quiz passed with a score, completed. */
export function courseOf(learner) {
  const actor = { objectType: 'Agent', ...learner };
  return [begun(actor), quizPassed(actor), completed(actor)];
}

function begun(actor) {
  return {
    actor,
    verb: verb('initialized', { nb: 'begynte', 'sv-SE': 'började' }),
    object: activity(COURSE, 'course', { en: 'Start a business together' }),
    context: {
      registration: '6f2f3d3e-5f1c-4c0e-9b8e-2d8f3c1a7b10',
      language: 'nb-NO',
      platform: 'Example front end',
      extensions: { 'https://lms.example.org/ext/room': { name: 'Østersund / Trøndelag ✓', seats: 12 } },
    },
    timestamp: '2025-03-03T08:30:00.123Z',
  };
}

function quizPassed(actor) {
  return {
    actor,
    verb: verb('passed', { en: 'passed' }),
    object: activity(QUIZ, 'assessment', { en: 'The final quiz', sv: 'Slutprovet' }),
    result: {
      score: { scaled: 0.85, raw: 17, min: 0, max: 20 },
      success: true,
      response: 'b[,]c',
      duration: 'PT14M30S',
    },
    context: { contextActivities: { parent: [activity(COURSE, 'course')] } },
    timestamp: '2025-05-20T10:00:00.000Z',
  };
}

function completed(actor) {
  return {
    actor,
    verb: verb('completed', { en: 'completed' }),
    object: activity(COURSE, 'course'),
    result: { completion: true, duration: 'PT20H' },
    timestamp: '2025-06-02T14:00:00.000Z',
  };
}

/** What a certificate says. It ends in a letter, since @xapi/xapi trims what it reads. */
export const CERTIFICATE = 'Fullført: Start a business together, fullföljt ✓';

/** A statement with a certificate as its attachment, which no rule of the world counts. */
export function certified(learner) {
  const bytes = Buffer.from(CERTIFICATE);
  const attachment = {
    usageType: 'http://id.tincanapi.com/attachment/certificate-of-completion',
    display: { en: 'Certificate' },
    contentType: 'text/plain; charset=utf-8',
    length: bytes.length,
    sha2: createHash('sha256').update(bytes).digest('hex'),
  };
  return {
    actor: { objectType: 'Agent', ...learner },
    verb: { id: 'http://id.tincanapi.com/verb/earned', display: { en: 'earned' } },
    object: activity('https://lms.example.org/certificates/startup', 'objective'),
    timestamp: '2025-06-03T08:00:00.000Z',
    attachments: [attachment],
  };
}

/** Plain statements about the course, to fill pages with. */
export function visits(learner, number) {
  return Array.from({ length: number }, (_, index) => ({
    actor: { objectType: 'Agent', ...learner },
    verb: verb('experienced', { en: 'visited' }),
    object: activity(`${COURSE}/pages/${index + 1}`, 'lesson'),
    timestamp: `2025-04-01T12:00:${String(index).padStart(2, '0')}.000Z`,
  }));
}

function verb(name, display) {
  return { id: `${ADL}/verbs/${name}`, display };
}

function activity(id, kind, name) {
  const type = `${ADL}/activities/${kind}`;
  return { objectType: 'Activity', id, definition: name ? { type, name } : { type } };
}

/** A statement as it was sent: without what the record store adds. */
export function asSent({ id, stored, authority, version, ...sent }) {
  return sent;
}
