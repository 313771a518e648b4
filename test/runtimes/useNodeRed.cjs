'use strict'
/**
 * Preload: where NODE_RED names the package folder of another Node-RED, `node-red` and `@node-red/*` are taken from there, so that the node tests
 * run on it as they stand.
 */
const Module = require('node:module')
const path = require('node:path')

const home = process.env.NODE_RED
if (home) {
  const resolve = Module._resolveFilename
  const theirs = path.join(home, 'red.js')
  Module._resolveFilename = function (request, parent, ...rest) {
    const wanted = /^(node-red|@node-red)(\/|$)/.test(request) && !parent?.filename?.startsWith(path.dirname(home))
    if (wanted) return Module.createRequire(theirs).resolve(request)
    return resolve.call(this, request, parent, ...rest)
  }
}
