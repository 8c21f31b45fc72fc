-- POST statements of courses one by one: visits to lessons, one behind the other, as a learning platform
-- with a cmi5 player and quizzes tells them. The same as examples/ledger/course.rs, without ids.
package.path = (os.getenv('BENCH_DIR') or '.') .. '/?.lua;' .. package.path
local c = require('common')
local SCHEMES, LESSONS, LEARNERS = 20, 12, 10000
local ADL = 'http://adlnet.gov/expapi/verbs/'
local counter, step, visit = 0, 0, nil
function setup(thread) counter = counter + 1; thread:set('tid', counter) end
function init(args)
  math.randomseed(os.time() * 1000 + tid * 7919)
  wrk.method = 'POST'
  for k, v in pairs(c.headers()) do wrk.headers[k] = v end
end
local function begin()
  local scheme, lesson = math.random(0, SCHEMES - 1), math.random(0, LESSONS - 1)
  local course = 'https://lms.example.org/course/view.php?id=' .. scheme
  local unit = course .. '&lesson=' .. lesson
  if scheme == 0 then unit = 'https://lms.example.org/cmi5/opportunities/assessment'
  elseif scheme == 1 then unit = 'https://h5p.example.org/h5p/reflection' end
  return {
    course = course, unit = unit, learner = math.random(0, LEARNERS - 1), score = math.random(0, 99) / 100,
    registration = string.format('%08x-0000-4000-8000-%012x', math.random(0, 2 ^ 31 - 1), math.random(0, 2 ^ 31 - 1)),
  }
end
local function said()
  if step == 0 then return 'launched' end
  if step == 1 then return 'initialized' end
  if step < 7 then
    return 'answered', string.format('"result":{"success":%s,"response":"choice-2","duration":"PT20S"},', step % 2 == 0)
  end
  if step == 7 then return 'passed', string.format('"result":{"success":true,"score":{"scaled":%.2f}},', visit.score) end
  if step == 8 then return 'completed', '"result":{"completion":true,"duration":"PT12M"},' end
  return 'terminated', '"result":{"duration":"PT13M"},'
end
function request()
  if step == 0 then visit = begin() end
  local verb, result = said()
  local object, parent = visit.unit, visit.course
  if step > 1 and step < 7 then object, parent = visit.unit .. '/question/' .. step, visit.unit end
  step = (step + 1) % 10
  return wrk.format('POST', nil, nil, string.format(
    '{"actor":{"objectType":"Agent","account":{"homePage":"https://lms.example.org","name":"learner-%d"}},' ..
    '"verb":{"id":"%s","display":{"en":"%s"}},"object":{"id":"%s","definition":{' ..
    '"type":"http://adlnet.gov/expapi/activities/lesson","name":{"en":"A lesson","nb":"En leksjon"}}},%s' ..
    '"context":{"registration":"%s","platform":"Learning platform","contextActivities":{"parent":[{"id":"%s"}],' ..
    '"grouping":[{"id":"%s"}],"category":[{"id":"https://w3id.org/xapi/cmi5/context/categories/cmi5"}]}},' ..
    '"timestamp":"%s.%03dZ"}',
    visit.learner, ADL .. verb, verb, object, result or '', visit.registration, parent, visit.course,
    os.date('!%Y-%m-%dT%H:%M:%S', os.time() - 60), math.random(0, 999)))
end
done = c.done
