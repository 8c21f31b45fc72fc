// The numbers that evaluators and funders read, for one day after the course.

const AS_OF = '2025-12-31';

/** Reads the outcome of planning and both indicators, complete through an instant. */
export async function numbers(server, through = '') {
  const outcomes = await server.results(`/api/v1/outcomes?as_of=${AS_OF}`, through);
  const report = await server.results(`/api/v1/indicators?project=north&as_of=${AS_OF}`, through);
  const [table] = report.tables;
  const indicator = (code) => {
    const { value, keys } = table.indicators.find((found) => found.code === code);
    const rests = keys.map(({ person, statements }) => ({ person, statements: statements.sort() }));
    return { value, keys: rests };
  };
  return {
    outcomes: outcomes.outcomes.map(({ person, level, level_name, statements }) => ({
      person, level, level_name, statements,
    })),
    participations: indicator('RCO85'),
    completions: indicator('RCR81'),
  };
}

/**
 * What a learner's course must come to, resting on the ids of its three statements. A completion
 * counts for a participant, so it rests on the participation too.
 */
export function expected(person, [begun, passed, completed]) {
  return {
    outcomes: [{ person, level: 3, level_name: 'Experiment', statements: [passed] }],
    participations: { value: 1, keys: [{ person, statements: [begun] }] },
    completions: { value: 1, keys: [{ person, statements: [begun, completed].sort() }] },
  };
}

export const NOTHING = {
  outcomes: [],
  participations: { value: 0, keys: [] },
  completions: { value: 0, keys: [] },
};
