'use strict';
// Whatever comes from the network is set as text, never as markup; what would not be seen is shown by its number.
const hidden = /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;
const clean = text => String(text).replace(hidden, c => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0'));
const byId = id => document.getElementById(id);
const count = (n, what) => n + ' ' + what + (n === 1 ? '' : 's');
const number = n => n === null ? 'any' : Math.round(n).toLocaleString('en');

function make(tag, text, name) {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = clean(text);
  if (name) element.className = name;
  return element;
}

function row(...cells) {
  const line = make('tr');
  for (const [text, name] of cells) line.append(make('td', text, name));
  return line;
}

const machineRow = m => row([m.name], [m.address], [number(m.probesPerSecond), 'num'], [number(m.allowed), 'num'], [m.shards, 'num'], [m.hosts, 'num']);

function fact(list, value, what) {
  const item = make('li');
  item.append(make('b', value), make('span', what));
  list.append(item);
}

function panelOf(c) {
  const panel = make('article', undefined, 'panel');
  const title = make('h2', c.name ? c.name + ' · ' + c.id : c.id);
  title.append(make('span', c.state, 'chip ' + c.state));
  panel.append(title, make('p', c.targets + '  ports ' + c.ports, 'sub'));
  const bar = make('progress');
  bar.max = Math.max(1, c.cells);
  bar.value = c.cellsDone;
  bar.setAttribute('aria-label', 'progress');
  const facts = make('ul', undefined, 'facts');
  fact(facts, (c.cells ? Math.floor(100 * c.cellsDone / c.cells) : 100) + ' %', number(c.cellsDone) + ' of ' + number(c.cells) + ' ports');
  fact(facts, number(c.open), 'open');
  fact(facts, number(c.closed), 'closed');
  fact(facts, number(c.filtered + c.openOrFiltered), 'filtered');
  fact(facts, number(c.shardsDone), 'of ' + number(c.shards) + ' shards');
  fact(facts, number(c.machines.reduce((sum, m) => sum + m.probesPerSecond, 0)), 'probes/s, cap ' + number(c.rate));
  if (c.waitsMs > 0) fact(facts, Math.ceil(c.waitsMs / 1000) + ' s', 'until it goes on');
  const show = make('button', 'Open ports');
  show.type = 'button';
  show.addEventListener('click', () => { chosen = c.id; showFindings(); });
  panel.append(bar, facts, show);
  return panel;
}

function crawlPanelOf(c) {
  const panel = make('article', undefined, 'panel');
  const title = make('h2', c.name ? c.name + ' · ' + c.id : c.id);
  title.append(make('span', c.state, 'chip ' + c.state));
  panel.append(title, make('p', c.seeds, 'sub'));
  const bar = make('progress');
  bar.max = Math.max(1, c.pages + c.pending);
  bar.value = c.pages;
  bar.setAttribute('aria-label', 'progress');
  const facts = make('ul', undefined, 'facts');
  fact(facts, number(c.pages), 'pages');
  fact(facts, number(c.pending), 'to go');
  fact(facts, number(c.failed), 'failed');
  fact(facts, number(c.hostsDone), 'of ' + count(c.hosts, 'host') + ' done');
  fact(facts, number(c.requests), 'requests');
  fact(facts, number(c.bytes), 'bytes');
  if (c.waitsMs > 0) fact(facts, Math.ceil(c.waitsMs / 1000) + ' s', 'until it goes on');
  panel.append(bar, facts);
  return panel;
}

let chosen = location.hash.slice(1);

async function ask(path) {
  const answer = await fetch(path, { cache: 'no-store' });
  if (!answer.ok) throw new Error('status ' + answer.status);
  return answer.json();
}

async function showFindings() {
  if (!chosen) return;
  const found = await ask('findings.json?campaign=' + encodeURIComponent(chosen));
  byId('whose').textContent = clean(chosen);
  byId('count').textContent = number(found.total) + ' found' + (found.findings.length < found.total ? ', the first ' + number(found.findings.length) + ' shown' : '');
  byId('ports').replaceChildren(...found.findings.map(f => row([f.host], [f.address], [f.port, 'num'], [f.protocol], [f.reason], [f.rttMs === null ? '' : f.rttMs.toFixed(2) + ' ms', 'num'])));
  byId('findings').hidden = false;
}

async function refresh() {
  try {
    const fleet = await ask('status.json');
    byId('machines').replaceChildren(...fleet.machines.map(machineRow));
    byId('campaigns').replaceChildren(...fleet.campaigns.slice().reverse().map(panelOf));
    byId('crawls').replaceChildren(...fleet.crawls.slice().reverse().map(crawlPanelOf));
    byId('said').textContent = count(fleet.machines.length, 'machine') + ', ' + count(fleet.campaigns.length, 'campaign') + ', ' + count(fleet.crawls.length, 'crawl');
    await showFindings();
  } catch (error) {
    byId('said').textContent = 'The fleet does not answer: ' + clean(error.message);
  }
  setTimeout(refresh, 1000);
}

refresh();
