'use strict';

const { isDeepStrictEqual } = require('node:util');
const { isMap, parseDocument } = require('yaml');

// Fields that the API server refuses to change.
const FIXED = ['service', 'environment'];

// edit returns the text of a claim with the answers in it, and the fields that it
// changed. Comments, order and everything that was not answered stay.
function edit(text, { answers, except = [], leaveOut = [] }) {
  const doc = parseDocument(text);
  if (doc.errors.length > 0) {
    throw new Error(`cannot read the claim: ${doc.errors[0].message}`);
  }
  if (doc.get('kind') !== 'ServiceEnvironment' || !isMap(doc.get('spec'))) {
    throw new Error('the file holds no ServiceEnvironment');
  }
  const changed = [];
  for (const [field, answer] of Object.entries(answers)) {
    if (!except.includes(field)) {
      put(doc, ['spec', field], answer, changed);
    }
  }
  for (const field of leaveOut) {
    const path = ['spec', ...field.split('.')];
    if (FIXED.includes(path[1])) {
      throw new Error(`spec.${field} cannot change`);
    }
    if (!doc.hasIn(path)) {
      throw new Error(`the claim has no spec.${field} to take out`);
    }
    doc.deleteIn(path);
    changed.push(path.join('.'));
  }
  return { text: doc.toString({ lineWidth: 0 }), changed };
}

// put sets one field. An object is gone into, so that what it does not mention stays.
function put(doc, path, answer, changed) {
  if (empty(answer)) {
    return;
  }
  if (FIXED.includes(path[1])) {
    throw new Error(`${path.join('.')} cannot change`);
  }
  if (typeof answer === 'object' && !Array.isArray(answer)) {
    for (const [field, inner] of Object.entries(answer)) {
      put(doc, [...path, field], inner, changed);
    }
    return;
  }
  const old = doc.getIn(path);
  if (isDeepStrictEqual(old && old.toJSON ? old.toJSON() : old, answer)) {
    return;
  }
  doc.setIn(path, doc.createNode(answer));
  changed.push(path.join('.'));
}

function empty(answer) {
  return answer === undefined || answer === null || answer === '' || (Array.isArray(answer) && answer.length === 0);
}

module.exports = { edit };
