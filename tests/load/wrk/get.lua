-- GET statements. MODE: id | agent | related | verbact | latest. IDS_FILE: one statement id a line (MODE=id).
package.path = (os.getenv('BENCH_DIR') or '.') .. '/?.lua;' .. package.path
local c = require('common')
local mode = os.getenv('MODE') or 'id'
local counter, ids = 0, {}
local function enc(s) return (s:gsub('[^%w%-_%.~]', function(ch) return string.format('%%%02X', ch:byte()) end)) end
function setup(thread) counter = counter + 1; thread:set('tid', counter) end
function init(args)
  math.randomseed(os.time() * 1000 + tid * 7919)
  for k, v in pairs(c.headers()) do wrk.headers[k] = v end
  wrk.headers['Content-Type'] = nil
  if mode == 'id' then for l in io.lines(os.getenv('IDS_FILE')) do ids[#ids + 1] = l end end
end
function request()
  local q
  if mode == 'id' then q = 'statementId=' .. ids[math.random(#ids)]
  elseif mode == 'agent' then
    q = 'agent=' .. enc('{"objectType":"Agent","mbox":"' .. c.mbox(math.random(0, c.AGENTS - 1)) .. '"}') .. '&limit=100'
  elseif mode == 'related' then
    q = 'agent=' .. enc('{"objectType":"Agent","mbox":"' .. c.mbox(math.random(0, c.AGENTS - 1)) .. '"}') .. '&related_agents=true&limit=100'
  elseif mode == 'verbact' then
    q = 'verb=' .. enc(c.verb(math.random(0, c.VERBS - 1))) .. '&activity=' .. enc(c.activity(math.random(0, c.ACTIVITIES - 1))) .. '&limit=100'
  else q = 'limit=100' end
  return wrk.format('GET', wrk.path .. '?' .. q)
end
done = c.done
