'use strict'
/**
 * Preload for node-red-dev where its look-ups cannot be answered: the catalogue of the Flow Library and the registry. Only network answers are replaced.
 * P06 and P07 see the release tags as they were written down here; N01, P08, D02 and D03 are not real results and no test claims them.
 */
const Module = require('node:module')

const NODE_RED_RELEASES = {
  'dist-tags': { latest: '5.0.7' },
  versions: { '5.0.7': { engines: { node: '>=22.9.0' } } }
}
/** By the end of the address that is asked. */
const ANSWERS = [['/catalogue.json', { modules: [] }], ['/node-red', NODE_RED_RELEASES]]

const offline = {
  axios: {
    async get (url) {
      const answer = ANSWERS.find(([end]) => url.endsWith(end))
      if (!answer) throw new Error(`No offline answer for ${url}`)
      return { data: answer[1] }
    }
  },
  'npm-remote-ls': { config () {}, ls: (name, version, flatten, done) => done([`${name}@${version}`]) },
  'npm-check': async () => ({ get: () => [] })
}

const load = Module._load
Module._load = function (request, parent, isMain) {
  return Object.hasOwn(offline, request) ? offline[request] : load.call(this, request, parent, isMain)
}
